"""Packages in git repositories: `ref: URL#REVISION:FOLDER`, locked by the digest of the tree and the commit it came from."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from orun_core.builtin.extraction import extract
from orun_core.builtin.sources import unverifiable
from orun_core.builtin.tree_digest import tree_digest
from orun_core.spec.errors import CompileError, Diagnostic
from orun_core.spec.frozen import frozen
from orun_core.spec.source import FetchedSource
from orun_core.state.git_environ import git_environ

if TYPE_CHECKING:
    from orun_core.spec.source import SourceContext, SourceRequest

COMMIT: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_URL: Final = re.compile(r"(?:https|ssh|file)://\S+|[A-Za-z0-9._-]+@[A-Za-z0-9.-]+:\S+")
_REVISION: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._/@-]*")
TIMEOUT: Final = 300


@frozen
class GitReference:
    """A repository, what of its history (`HEAD` by default), and the folder of `stack.yaml` in it."""

    url: str
    revision: str
    folder: str


def parse(text: str) -> GitReference:
    """The parts of a `ref:`; raises `CompileError` (`source/bad-reference`)."""
    url, _, fragment = text.strip().partition("#")
    revision, _, folder = fragment.partition(":")
    parts = folder.strip("/").split("/") if folder else []
    if not _URL.fullmatch(url) or not _REVISION.fullmatch(revision or "HEAD") or {"", ".", ".."} & set(parts):
        hint = "write https://HOST/REPOSITORY.git#REVISION:FOLDER"
        raise CompileError(Diagnostic("source/bad-reference", f"'{text}' is not a git reference", hint=hint))
    return GitReference(url, revision or "HEAD", "/".join(parts))


class GitSource:
    """`kind: git`. Its digest is that of the tree, as for `dir`; its version is the commit."""

    def fetch(self, request: SourceRequest, context: SourceContext) -> FetchedSource:
        """The locked package from the cache, else the folder at the locked commit, else at the revision."""
        unverifiable(request)
        reference = parse(request.ref)
        wanted = request.locked or request.digest
        cached = context.cache.tree(wanted) if wanted else None
        if cached is not None:
            return FetchedSource(wanted, cached, request.locked_version)
        if context.offline:
            text = f'composition source "{request.name}": {request.ref} is not in the cache'
            raise CompileError(Diagnostic("source/offline", text, hint="run `orun compositions pull` first"))
        if context.frozen and not wanted:
            text = f'composition source "{request.name}": {request.ref} is not locked'
            raise CompileError(Diagnostic("source/floating", text, hint="run `orun compositions lock`"))
        with tempfile.TemporaryDirectory(prefix="orun-git-") as folder:
            commit, tree = _checkout(reference, request.locked_version or reference.revision, Path(folder))
            digest = tree_digest(tree)
            return FetchedSource(digest, context.cache.adopt(digest, tree), commit)

    def latest(self, request: SourceRequest, context: SourceContext) -> str:
        """Digest of the folder at the revision as it is now."""
        reference = parse(request.ref)
        if context.offline:
            return request.locked
        with tempfile.TemporaryDirectory(prefix="orun-git-") as folder:
            return tree_digest(_checkout(reference, reference.revision, Path(folder))[1])


def _checkout(reference: GitReference, revision: str, work: Path) -> tuple[str, Path]:
    """The commit of a revision and a folder with its files; links in it are refused."""
    repository, archive, tree = work / "repository", work / "archive", work / "tree"
    tree.mkdir()
    _git(repository, "init", "--quiet", "--bare")
    pinned = bool(COMMIT.fullmatch(revision))
    shallow = ("fetch", "--quiet", "--no-tags", "--depth=1", "--", reference.url, revision)
    if _git(repository, *shallow, allow_failure=pinned) is None:
        _git(repository, "fetch", "--quiet", "--", reference.url, "+refs/*:refs/orun/*")
        commit = _git(repository, "rev-parse", "--verify", f"{revision}^{{commit}}")
    else:
        commit = _git(repository, "rev-parse", "FETCH_HEAD^{commit}")
    if pinned and commit != revision:
        raise CompileError(Diagnostic("source/digest-mismatch", f"{reference.url} answers {commit} for {revision}"))
    _git(repository, "archive", "--format=zip", f"--output={archive}", f"{commit}:{reference.folder}")
    extract(archive, tree)
    return str(commit), tree


def _git(repository: Path, *arguments: str, allow_failure: bool = False) -> str | None:
    """Run git without prompts, hooks or the transports that run programs; None for an allowed failure."""
    rules = {"GIT_ALLOW_PROTOCOL": "https:ssh:file", "GIT_SSH_VARIANT": "ssh"}
    environment = {"GIT_SSH_COMMAND": "ssh -oBatchMode=yes", **git_environ(os.environ), **rules}
    settings = ("core.hooksPath=/dev/null", "transfer.fsckObjects=true", "core.autocrlf=false", "core.eol=lf")
    safe = ["git", f"--git-dir={repository}", *(word for setting in settings for word in ("-c", setting)), *arguments]
    try:
        done = subprocess.run(
            safe, cwd=repository.parent, env=environment, capture_output=True, timeout=TIMEOUT, check=False
        )
    except (FileNotFoundError, subprocess.TimeoutExpired) as error:
        raise CompileError(Diagnostic("source/unreachable", f"git cannot be run: {error}")) from error
    if done.returncode == 0:
        return done.stdout.decode().strip()
    if allow_failure:
        return None
    last = done.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["it says nothing"]
    raise CompileError(Diagnostic("source/unreachable", f"git {arguments[0]}: {last[0]}"))
