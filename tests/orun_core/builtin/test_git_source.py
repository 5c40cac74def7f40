"""`git`: a folder at a commit, locked by the digest of its tree."""

from __future__ import annotations

import io
import shutil
import subprocess
import tarfile
from dataclasses import replace

import pytest
from orun_core.builtin.git_source import GitSource, parse
from orun_core.builtin.package_cache import PackageStore
from orun_core.builtin.tree_digest import tree_digest
from orun_core.spec.errors import CompileError
from orun_core.spec.source import SourceContext, SourceRequest
from orun_core.testing.source import SourceContract


@pytest.fixture
def repository(tmp_path):
    """A repository with a stack in `stacks/web`, and how to commit to it."""
    folder = tmp_path / "repository"
    (folder / "stacks/web").mkdir(parents=True)

    def commit(text):
        (folder / "stacks/web/stack.yaml").write_text(text)
        for arguments in (["add", "-A"], ["commit", "-qm", "more"]):
            subprocess.run(["git", *arguments], cwd=folder, check=True, env=ENVIRONMENT)
        done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=folder, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    subprocess.run(["git", "init", "-qb", "main"], cwd=folder, check=True)
    return folder, commit


ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    **{f"GIT_{who}_{what}": f"x@{what}" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
}


class TestGitSource(SourceContract):
    @pytest.fixture
    def source(self):
        return GitSource()

    @pytest.fixture
    def publish(self, repository):
        folder, commit = repository

        def publish(packed):
            with tarfile.open(fileobj=io.BytesIO(packed.archive)) as files:
                files.extractall(folder / "stacks/web", filter="data")
            commit((folder / "stacks/web/stack.yaml").read_text())
            return SourceRequest("web", "git", ref=f"file://{folder}#main:stacks/web")

        return publish


def test_a_folder_is_taken_at_a_branch_then_at_the_locked_commit(tmp_path, repository):
    folder, commit = repository
    first = commit("kind: Stack\n")
    context = SourceContext(tmp_path, PackageStore(tmp_path / "cache"))
    request = SourceRequest("web", "git", ref=f"file://{folder}#main:stacks/web")
    fetched = GitSource().fetch(request, context)
    assert (fetched.digest, fetched.version) == (tree_digest(folder / "stacks/web"), first)
    assert (fetched.root / "stack.yaml").read_text() == "kind: Stack\n"

    commit("kind: Stack # changed\n")
    locked = replace(request, locked=fetched.digest, locked_version=first)
    offline = replace(context, offline=True, frozen=True)
    assert GitSource().fetch(locked, offline) == fetched
    assert GitSource().latest(locked, context) == tree_digest(folder / "stacks/web") != fetched.digest
    shutil.rmtree(tmp_path / "cache")
    assert GitSource().fetch(locked, replace(context, frozen=True)) == fetched


def test_a_hook_of_another_repository_is_left_alone(tmp_path, repository, monkeypatch):
    folder, commit = repository
    commit("kind: Stack\n")
    mine = tmp_path / "mine"
    subprocess.run(["git", "init", "-q", str(mine)], check=True)
    monkeypatch.setenv("GIT_DIR", str(mine / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/index")
    context = SourceContext(tmp_path, PackageStore(tmp_path / "cache"))
    fetched = GitSource().fetch(SourceRequest("web", "git", ref=f"file://{folder}#main:stacks/web"), context)
    assert (fetched.root / "stack.yaml").read_text() == "kind: Stack\n"
    assert not (mine / ".git/FETCH_HEAD").exists()


@pytest.mark.parametrize(
    ("change", "code"), [({"offline": True}, "source/offline"), ({"frozen": True}, "source/floating")]
)
def test_what_needs_the_network_or_a_lock(tmp_path, change, code):
    context = SourceContext(tmp_path, PackageStore(tmp_path / "cache"), **change)
    with pytest.raises(CompileError) as caught:
        GitSource().fetch(SourceRequest("web", "git", ref="https://git.invalid/x.git"), context)
    assert caught.value.diagnostics[0].code == code


def test_links_in_a_repository_are_refused(tmp_path, repository):
    folder, commit = repository
    (folder / "stacks/web/link").symlink_to("/etc/passwd")
    commit("kind: Stack\n")
    context = SourceContext(tmp_path, PackageStore(tmp_path / "cache"))
    with pytest.raises(CompileError) as caught:
        GitSource().fetch(SourceRequest("web", "git", ref=f"file://{folder}#main:stacks/web"), context)
    assert caught.value.diagnostics[0].code == "archive/hostile"


def test_an_unknown_revision_or_folder(tmp_path, repository):
    folder, commit = repository
    commit("kind: Stack\n")
    context = SourceContext(tmp_path, PackageStore(tmp_path / "cache"))
    for fragment in ("nope", "main:nope", "0" * 40):
        with pytest.raises(CompileError) as caught:
            GitSource().fetch(SourceRequest("web", "git", ref=f"file://{folder}#{fragment}"), context)
        assert caught.value.diagnostics[0].code == "source/unreachable"


@pytest.mark.parametrize(
    "text",
    [
        "--upload-pack=evil",
        "ext::sh -c evil",
        "https://h/x#--option",
        "https://h/x#main:../up",
        "http://h/x",
        "",
        "/tmp/x",
    ],
)
def test_dangerous_references_are_refused(text):
    with pytest.raises(CompileError) as caught:
        parse(text)
    assert caught.value.diagnostics[0].code == "source/bad-reference"
