"""Archives that nobody trusts: honest ones are unpacked, the others refused with nothing left in the cache."""

from __future__ import annotations

import gzip
import tarfile
import warnings
from contextlib import suppress

import pytest
from archives import special, tgz, zipped
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from orun_core.builtin.extraction import Limits, extract
from orun_core.builtin.package_cache import PackageStore
from orun_core.spec.errors import CompileError

DIGEST = "sha256:" + "a" * 64
LONG = "/".join(["d" * 60] * 4)


def long_header(name):
    info = special(name, tarfile.REGTYPE)
    info.pax_headers = {"comment": "x" * 70_000}
    return info


def pax_size(value):
    info = special("a", tarfile.REGTYPE)
    info.pax_headers = {"size": value}
    return info


def sparse():
    info = special("a", tarfile.REGTYPE)
    info.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0"}
    return info


def flipped(offset):
    def damage(data):
        changed = bytearray(data)
        changed[offset] ^= 0xFF
        return bytes(changed)

    return damage


def encrypted(data):
    """A zip whose entries say that they are encrypted."""
    data = bytearray(data)
    for magic, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(magic) + offset] |= 1
    return bytes(data)


def long_listed(data, size=(8 << 20) + 1):
    """A zip whose end record says that the list of its members is this long."""
    return data[:-10] + size.to_bytes(4, "little") + data[-6:]


def as_zip64(data):
    """A zip with a locator of zip64, whose record has the last word about the list."""
    return data[:-22] + b"PK\x06\x07" + bytes(16) + data[-22:]


def duplicated():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return zipped(("a", b"1"), ("a", b"2"))


HOSTILE = {
    "symlink": tgz(special("a", tarfile.SYMTYPE, "/etc/passwd")),
    "symlink inside": tgz(("b", b""), special("a", tarfile.SYMTYPE, "b")),
    "through a symlink": tgz(special("a", tarfile.SYMTYPE, "/tmp"), ("a/evil", b"x")),
    "hard link": tgz(("b", b""), special("a", tarfile.LNKTYPE, "b")),
    "character device": tgz(special("a", tarfile.CHRTYPE, devmajor=1, devminor=3)),
    "block device": tgz(special("a", tarfile.BLKTYPE, devmajor=8)),
    "fifo": tgz(special("a", tarfile.FIFOTYPE)),
    "contiguous file": tgz(special("a", tarfile.CONTTYPE)),
    "unknown type": tgz(special("a", b"Z")),
    "sparse": tgz(sparse()),
    "parent": tgz(("../evil", b"x")),
    "parent inside": tgz(("a/../../evil", b"x")),
    "harmless parent": tgz(("a/../b", b"x")),
    "only parent": tgz(special("..", tarfile.DIRTYPE)),
    "absolute": tgz(("/etc/evil", b"x")),
    "backslash": tgz(("..\\evil", b"x")),
    "control character": tgz(("a\nb", b"x")),
    "direction override": tgz(("a\u202eyaml.b", b"x")),
    "empty component": tgz(("a//b", b"x")),
    "dot component": tgz(("a/./b", b"x")),
    "duplicate": tgz(("a", b"1"), ("a", b"2")),
    "duplicate by ./": tgz(("a", b"1"), ("./a", b"2")),
    "duplicate folder": tgz(special("a", tarfile.DIRTYPE), special("a", tarfile.DIRTYPE)),
    "file and folder": tgz(("a", b"1"), ("a/b", b"2")),
    "folder and file": tgz(("a/b", b"1"), ("a", b"2")),
    "case collision": tgz(("a", b"1"), ("A", b"2")),
    "case collision of folders": tgz(("a/x", b"1"), ("A/y", b"2")),
    "accent collision": tgz(("\u00e9", b"1"), ("e\u0301", b"2")),
    "data after the end": tgz(("a", b"1"), damage=lambda d: d + b"hidden"),
    "bytes that are no text": tgz(("a\udcff", b"1")),
    "zip symlink": zipped(("a", b"/etc/passwd"), mode=0o120777),
    "zip device": zipped(("a", b""), mode=0o020666),
    "zip parent": zipped(("../evil", b"x")),
    "zip absolute": zipped(("/evil", b"x")),
    "zip duplicate": duplicated(),
    "zip case collision": zipped(("a", b""), ("A", b"")),
    "zip NUL": zipped(("abc", b"x")).replace(b"abc", b"\0bc"),
    "zip encrypted": encrypted(zipped(("a", b"x"))),
    "zip method": zipped(("a", b"x"), change=lambda info: setattr(info, "compress_type", 14)),
}
DAMAGED = {
    "neither": b"hello",
    "empty": b"",
    "truncated gzip": tgz(("a", b"x" * 5000))[:-20],
    "gzip checksum": flipped(-6)(tgz(("a", b"x"))),
    "truncated tar": tgz(("a", b"x" * 5000), damage=lambda d: d[:3000]),
    "no end": tgz(("a", b"x"), damage=lambda d: d[:1024]),
    "header checksum": tgz(("a", b"x"), damage=flipped(3)),
    "negative pax size": tgz(pax_size("-5")),
    "absurd pax size": tgz(pax_size("9" * 30)),
    "claimed size": tgz(pax_size("99999999999")),
    "truncated zip": zipped(("a", b"x" * 500))[:-30],
    "zip without an end record": zipped(("a", b"x"))[:-22] + b"PK\x05\x06",
    "zip checksum": flipped(32)(zipped(("a", b"x" * 500))),
}
TOO_LARGE = {
    "bomb": tgz(("a", bytes(9 << 20))),
    "bombs": tgz(*((f"{n}", bytes(1 << 20)) for n in range(9))),
    "large file": tgz(("a", bytes(17 << 20)), pack=lambda d: gzip.compress(d, 0)),
    "endless padding": tgz(("a", b"x"), damage=lambda d: d + bytes(180 << 20)),
    "many entries": tgz(*((f"{n}", b"") for n in range(10_001))),
    "long path": tgz((f"{LONG}/{LONG}", b"")),
    "deep path": tgz(("/".join("d" * 40), b"")),
    "zip with a long list": long_listed(zipped(("a", b"x"))),
    "zip64": long_listed(zipped(("a", b"x")), size=0xFFFFFFFF),
    "zip64 that says nothing of it at its end": as_zip64(zipped(("a", b"x"))),
    "zip bomb": zipped(("a", bytes(9 << 20))),
}


def refusal(tmp_path, archive):
    """The code of the refusal of an archive by the cache, after checking that nothing of it is left."""
    path = tmp_path / "archive"
    path.write_bytes(archive)
    cache = PackageStore(tmp_path / "cache")
    with pytest.raises(CompileError) as caught:
        cache.add(DIGEST, path)
    assert cache.tree(DIGEST) is None
    assert sorted(p.name for p in tmp_path.rglob("*") if p.is_file()) == ["archive", "lock"]
    return caught.value.diagnostics[0].code


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_archives_are_refused(tmp_path, name):
    assert refusal(tmp_path, HOSTILE[name]) == "archive/hostile"


@pytest.mark.parametrize("name", DAMAGED)
def test_damaged_archives_are_refused(tmp_path, name):
    assert refusal(tmp_path, DAMAGED[name]) == "archive/damaged"


@pytest.mark.parametrize("name", TOO_LARGE)
def test_too_large_archives_are_refused(tmp_path, name):
    assert refusal(tmp_path, TOO_LARGE[name]) == "archive/too-large"


def test_a_header_larger_than_allowed_is_refused(tmp_path):
    assert refusal(tmp_path, tgz(long_header("a"))) == "archive/hostile"


def test_an_archive_larger_than_allowed_is_refused(tmp_path):
    archive = tmp_path / "archive"
    archive.write_bytes(tgz(("a", b"x")))
    target = tmp_path / "target"
    target.mkdir()
    with pytest.raises(CompileError) as caught:
        extract(archive, target, Limits(archive=10))
    assert caught.value.diagnostics[0].code == "archive/too-large"


@pytest.mark.parametrize("pack", [tgz, zipped], ids=["tar", "zip"])
def test_an_honest_archive_is_unpacked_with_modes_of_its_own(tmp_path, pack):
    archive = tmp_path / "archive"
    long_name = "f" * 120
    archive.write_bytes(pack(("a/b.yaml", b"one"), (f"c/{long_name}", b"two"), ("é", b"")))
    target = tmp_path / "target"
    target.mkdir()
    extract(archive, target)
    found = {p.relative_to(target).as_posix(): p for p in target.rglob("*")}
    assert {name: p.read_bytes() for name, p in found.items() if p.is_file()} == {
        "a/b.yaml": b"one",
        f"c/{long_name}": b"two",
        "é": b"",
    }
    assert {p.stat().st_mode & 0o7777 for p in found.values() if p.is_file()} == {0o644}
    assert {p.stat().st_mode & 0o7777 for p in found.values() if p.is_dir()} == {0o755}


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_every_form_of_tar_is_read(tmp_path, form):
    names = ["./", "short", "p" * 90 + "/" + "n" * 60, "dir/"]
    archive = tmp_path / "archive"
    with tarfile.open(archive, "w:gz", format=form) as made:
        for name in names:
            made.addfile(special(name, tarfile.DIRTYPE if name.endswith("/") else tarfile.REGTYPE))
    target = tmp_path / "target"
    target.mkdir()
    extract(archive, target)
    found = sorted(p.relative_to(target).as_posix() for p in target.rglob("*"))
    assert found == ["dir", "p" * 90, "p" * 90 + "/" + "n" * 60, "short"]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(["tar", "zip"]), st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), max_size=4))
@example("zip", [(1141, 0)])
def test_mutated_archives_are_unpacked_or_refused(tmp_path_factory, kind, changes):
    members = (("a/b", b"hello" * 50), ("c", b""))
    data = bytearray(tgz(*members, pack=bytes) if kind == "tar" else zipped(*members))
    for offset, value in changes:
        data[offset % len(data)] = value
    folder = tmp_path_factory.mktemp("mutated")
    (folder / "archive").write_bytes(gzip.compress(bytes(data)) if kind == "tar" else data)
    (folder / "target").mkdir()
    with suppress(CompileError):
        extract(folder / "archive", folder / "target")
    assert sorted(p.name for p in folder.iterdir()) == ["archive", "target"]
