"""The package cache: verified on read, whole or not at all, also when many write at once."""

from __future__ import annotations

import multiprocessing
import time

import pytest
from archives import tgz
from orun_core.builtin.package_cache import PackageStore
from orun_core.spec.errors import CompileError

DIGEST = "sha256:" + "a" * 64
OTHER = "sha256:" + "b" * 64
ARCHIVE = tgz(("stack.yaml", b"kind: Stack\n"), ("compositions/a.yaml", b"a" * 5000))


@pytest.fixture
def store(tmp_path):
    return PackageStore(tmp_path / "packages")


@pytest.fixture
def archive(tmp_path):
    path = tmp_path / "archive"
    path.write_bytes(ARCHIVE)
    return path


def names(store):
    return sorted(p.relative_to(store.folder).as_posix() for p in store.folder.rglob("*") if p.is_file())


def test_a_package_is_there_after_it_was_added(store, archive):
    assert store.tree(DIGEST) is None
    tree = store.add(DIGEST, archive)
    assert (tree / "stack.yaml").read_bytes() == b"kind: Stack\n"
    assert store.tree(DIGEST) == tree == store.add(DIGEST, archive)
    base = f"sha256/{'a' * 64}"
    files = [f"{base}/record.json", f"{base}/tree/compositions/a.yaml", f"{base}/tree/stack.yaml", "lock"]
    assert names(store) == sorted(files)
    [package] = store.packages()
    assert (package.digest, package.files, package.size) == (DIGEST, 2, 5012)


@pytest.mark.parametrize("change", ["edit", "add", "remove", "link", "record", "deep record", "no record"])
def test_a_changed_package_is_refused_and_collected(store, archive, change):
    tree = store.add(DIGEST, archive)
    store.add(OTHER, archive)
    if change == "edit":
        (tree / "stack.yaml").write_bytes(b"kind: Stuck\n")
    elif change == "add":
        (tree / "more.yaml").write_bytes(b"")
    elif change == "remove":
        (tree / "stack.yaml").unlink()
    elif change == "link":
        (tree / "stack.yaml").unlink()
        (tree / "stack.yaml").symlink_to("/etc/passwd")
    elif change == "record":
        (tree.parent / "record.json").write_text("{")
    elif change == "deep record":
        (tree.parent / "record.json").write_text("[" * 100_000)
    else:
        (tree.parent / "record.json").unlink()
    with pytest.raises(CompileError) as caught:
        store.tree(DIGEST)
    assert [problem.code for problem in caught.value.diagnostics] == ["cache/changed"]
    assert [package.digest for package in store.changed()] == [DIGEST]
    assert [package.digest for package in store.collect(0)] == [DIGEST]
    assert store.tree(DIGEST) is None
    assert store.tree(OTHER) is not None


def test_what_somebody_else_left_among_the_packages_is_left_alone(store, archive, tmp_path):
    store.add(DIGEST, archive)
    (store.folder / "sha256/notes.txt").write_text("mine")
    (store.folder / "sha256/broken").symlink_to("nowhere")
    (store.folder / "sha256" / ("c" * 64)).symlink_to(tmp_path)
    (store.folder / "sha256" / ("d" * 64)).write_text("no folder")
    assert [package.digest for package in store.packages()] == [DIGEST]
    assert store.changed() == ()
    assert [package.digest for package in store.collect(time.time() + 3600)] == [DIGEST]
    assert len(list((store.folder / "sha256").iterdir())) == 4


def test_what_nobody_uses_is_collected(store, archive):
    store.add(DIGEST, archive)
    (store.folder / "unfinished/left").mkdir()
    assert store.collect(time.time() - 3600) == ()
    assert not (store.folder / "unfinished").exists()
    assert [package.digest for package in store.collect(time.time() + 3600)] == [DIGEST]
    assert names(store) == ["lock"]
    assert PackageStore(store.folder / "nowhere").collect(time.time()) == ()


def test_a_folder_is_copied_without_its_modes(store, tmp_path):
    source = tmp_path / "folder"
    (source / "sub").mkdir(parents=True)
    (source / "sub/run.sh").write_bytes(b"#!/bin/sh\n")
    (source / "sub/run.sh").chmod(0o4755)
    tree = store.adopt(DIGEST, source)
    assert (tree / "sub/run.sh").stat().st_mode & 0o7777 == 0o644
    (source / "link").symlink_to("sub")
    with pytest.raises(CompileError) as caught:
        store.adopt(OTHER, source)
    assert caught.value.diagnostics[0].code == "source/link"
    assert store.tree(OTHER) is None


def test_notes_are_kept_beside_a_package_and_do_not_change_it(store, archive):
    store.add(DIGEST, archive)
    assert store.noted(DIGEST, "signature") is None
    store.note(DIGEST, "signature", b"one")
    store.note(DIGEST, "signature", b"two")
    assert store.noted(DIGEST, "signature") == b"two"
    assert store.tree(DIGEST) is not None


@pytest.mark.parametrize("digest", ["", "sha256:abc", "sha256:" + "A" * 64, "sha512:" + "a" * 64, "sha256:../../x"])
def test_a_digest_is_never_a_path(store, digest):
    with pytest.raises(CompileError) as caught:
        store.tree(digest)
    assert caught.value.diagnostics[0].code == "source/bad-digest"


def add_often(folder, archive, barrier, failures):
    barrier.wait()
    for round_ in range(20):
        digest = f"sha256:{round_:064x}"
        tree = PackageStore(folder).add(digest, archive)
        if len(list(tree.rglob("*.yaml"))) != 2:
            failures.put(digest)


def test_many_processes_add_the_same_packages(store, archive):
    spawn = multiprocessing.get_context("spawn")
    barrier, failures = spawn.Barrier(4), spawn.Queue()
    workers = [spawn.Process(target=add_often, args=(store.folder, archive, barrier, failures)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
    assert [worker.exitcode for worker in workers] == [0] * 4
    assert failures.empty()
    assert len(store.packages()) == 20
    assert store.changed() == ()
    assert list((store.folder / "unfinished").iterdir()) == []
