"""`dir` and `archive`: digests, in place or in the cache, and what is refused."""

from __future__ import annotations

import os
from hashlib import sha256

import pytest
from archives import tgz, zipped
from orun_core.builtin.package_cache import PackageStore
from orun_core.builtin.sources import ArchiveSource, DirSource
from orun_core.builtin.tree_digest import tree_digest
from orun_core.spec.errors import CompileError
from orun_core.spec.source import SourceContext, SourceRequest


@pytest.fixture
def context(tmp_path):
    return SourceContext(tmp_path, PackageStore(tmp_path / "cache"))


def code(caught):
    return [problem.code for problem in caught.value.diagnostics]


def test_the_digest_of_a_folder_is_that_of_paths_and_bytes_in_order(tmp_path):
    (tmp_path / "b").mkdir()
    (tmp_path / "b/c").write_bytes(b"three")
    (tmp_path / "b-a").write_bytes(b"two")
    (tmp_path / ".hidden").write_bytes(b"one")
    (tmp_path / "empty").mkdir()
    expected = sha256(b".hidden\none\n" + b"b-a\ntwo\n" + b"b/c\nthree\n").hexdigest()
    assert tree_digest(tmp_path) == f"sha256:{expected}"
    (tmp_path / "b/c").chmod(0o700)
    os.utime(tmp_path / "b/c", (1, 1))
    (tmp_path / "empty").rmdir()
    assert tree_digest(tmp_path) == f"sha256:{expected}"


def test_a_folder_is_used_where_it_stands(tmp_path, context):
    (tmp_path / "stack").mkdir()
    (tmp_path / "stack/stack.yaml").write_text("kind: Stack\n")
    request = SourceRequest("a", "dir", "./stack")
    fetched = DirSource().fetch(request, context)
    assert fetched.root == tmp_path / "stack"
    assert fetched.digest == DirSource().latest(request, context) == tree_digest(tmp_path / "stack")
    assert not (tmp_path / "cache").exists()


def test_all_links_and_special_files_are_named(tmp_path, context):
    (tmp_path / "stack/sub").mkdir(parents=True)
    (tmp_path / "stack/sub/link").symlink_to("/etc/passwd")
    (tmp_path / "stack/folder").symlink_to("sub")
    os.mkfifo(tmp_path / "stack/pipe")
    with pytest.raises(CompileError) as caught:
        DirSource().fetch(SourceRequest("a", "dir", "stack"), context)
    assert code(caught) == ["source/link"] * 3
    assert [problem.where.file for problem in caught.value.diagnostics] == ["folder", "pipe", "sub/link"]


@pytest.mark.parametrize("source", [DirSource(), ArchiveSource()])
def test_what_is_not_there(context, source):
    with pytest.raises(CompileError) as caught:
        source.fetch(SourceRequest("a", "dir", "nope"), context)
    assert code(caught) == ["source/not-found"]


@pytest.mark.parametrize(("kind", "source"), [("dir", DirSource()), ("archive", ArchiveSource())])
def test_a_source_without_a_path_is_not_the_intents_folder(tmp_path, context, kind, source):
    (tmp_path / "stack.yaml").write_text("kind: Stack\nmetadata: {name: s}\n")
    with pytest.raises(CompileError) as caught:
        source.fetch(SourceRequest("a", kind), context)
    assert [problem.message for problem in caught.value.diagnostics] == [
        f'composition source "a" of kind {kind} has no path'
    ]


def test_a_file_is_no_folder_and_the_other_way_round(tmp_path, context):
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "folder").mkdir()
    for source, path in ((DirSource(), "file"), (ArchiveSource(), "folder")):
        with pytest.raises(CompileError) as caught:
            source.fetch(SourceRequest("a", "dir", path), context)
        assert "kind: " in caught.value.diagnostics[0].hint


@pytest.mark.parametrize("pack", [tgz, zipped])
def test_an_archive_is_unpacked_once(tmp_path, context, pack):
    (tmp_path / "a.pack").write_bytes(content := pack(("stack.yaml", b"kind: Stack\n")))
    request = SourceRequest("a", "archive", "a.pack")
    fetched = ArchiveSource().fetch(request, context)
    assert fetched.digest == f"sha256:{sha256(content).hexdigest()}" == ArchiveSource().latest(request, context)
    assert (fetched.root / "stack.yaml").read_bytes() == b"kind: Stack\n"
    assert ArchiveSource().fetch(request, context) == fetched


@pytest.mark.parametrize("source", [DirSource(), ArchiveSource()])
def test_a_signature_that_cannot_be_there_is_not_passed_over(tmp_path, context, source):
    request = SourceRequest("a", "dir", ".", options={"verify": {"required": True}})
    with pytest.raises(CompileError) as caught:
        source.fetch(request, context)
    assert code(caught) == ["source/cannot-verify"]
