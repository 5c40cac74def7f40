"""An archive of a container writes nothing outside one folder."""

from __future__ import annotations

import io
import tarfile

import pytest
from orun_backend_docker.unpack import unpack


def entry(name, kind=tarfile.REGTYPE, link="", mode=0o640):
    made = tarfile.TarInfo(name)
    made.type, made.linkname, made.mode, made.size = kind, link, mode, 4 if kind == tarfile.REGTYPE else 0
    return made


def archive(*entries):
    spool = io.BytesIO()
    with tarfile.open(fileobj=spool, mode="w") as tar:
        for one in entries:
            tar.addfile(one, io.BytesIO(b"text"))
    spool.seek(0)
    return tarfile.open(fileobj=spool)


def test_files_folders_and_links(tmp_path):
    (tmp_path / "old").write_text("old")
    given = (
        entry("a", tarfile.DIRTYPE),
        entry("a/file", mode=0o4755),
        entry("a/link", tarfile.SYMTYPE, "../old"),
        entry("twin", tarfile.LNKTYPE, "a/file"),
        entry("old"),
    )
    with archive(*given) as tar:
        unpack(tar, tmp_path)
    assert (tmp_path / "a/file").stat().st_mode & 0o7777 == 0o755
    assert [(tmp_path / name).read_text() for name in ("a/file", "a/link", "twin", "old")] == ["text"] * 4
    assert (tmp_path / "a/link").is_symlink()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([entry("../out")], "../out is outside"),
        ([entry("/tmp/orun-out")], "/tmp/orun-out is outside"),
        ([entry("a/../../out")], "is outside"),
        ([entry("link", tarfile.SYMTYPE, "/etc")], "link is a link to /etc"),
        ([entry("link", tarfile.SYMTYPE, "..")], "link is a link to .."),
        ([entry("twin", tarfile.LNKTYPE, "../secret")], "../secret is outside"),
        ([entry("x", tarfile.LNKTYPE, "/etc/passwd")], "/etc/passwd is outside"),
        ([entry("pipe", tarfile.FIFOTYPE)], "pipe is no file, folder or link"),
        ([entry("disk", tarfile.BLKTYPE)], "disk is no file, folder or link"),
    ],
)
def test_hostile_entries_are_refused(tmp_path, given, said):
    folder = tmp_path / "inside"
    folder.mkdir()
    (tmp_path / "secret").write_text("secret")
    with archive(*given) as tar, pytest.raises(tarfile.TarError, match=said):
        unpack(tar, folder)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["inside", "secret"]


def test_a_link_of_the_folder_itself_is_not_followed(tmp_path):
    folder = tmp_path / "inside"
    folder.mkdir()
    (folder / "door").symlink_to(tmp_path)
    with archive(entry("door/x")) as tar, pytest.raises(tarfile.TarError, match="door/x is outside"):
        unpack(tar, folder)
    assert not (tmp_path / "x").exists()
