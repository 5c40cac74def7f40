"""Where a change starts: the common ancestor of two revisions, also in clones that lack a part of the history."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from orun_core.spec.errors import CompileError, Diagnostic, UsageError
from orun_core.spec.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orun_core.changes.git import Repository

DEEPER: Final = (50, 500, 5000)
"""Commits that a shallow clone is deepened by, one attempt after the other."""
_HASH: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


@frozen
class Span:
    """A change from one commit to another."""

    start: str
    end: str


def span(repository: Repository, base: str, head: str, *, fetch: bool) -> Span:
    """The commits from where `head` left `base` to `head`; a branch that is only on the remote counts as `origin/<name>`.

    A shallow clone is deepened, within bounds, if `fetch`. Raises `UsageError` for unknown revisions and `CompileError`
    for histories without a common commit; never guesses.
    """
    tip = revision(repository, head, "--head")
    found = _ancestor(repository, base, tip)
    if not found and repository.shallow:
        if fetch:
            found = _deepened(repository, base, tip)
        if not found:
            raise _shallow(base, head)
    if found:
        return Span(found, tip)
    revision(repository, base, "--base")
    text = f'"{base}" and "{head}" have no common commit'
    hint = "compare with a branch of the same history: --base BRANCH"
    raise CompileError(Diagnostic("changes/no-common-ancestor", text, hint=hint))


def revision(repository: Repository, name: str, option: str) -> str:
    """The commit of a revision; raises `UsageError`, naming the option that says another, when git does not know it."""
    found = _known(repository, name)
    if found:
        return found
    if name == "HEAD":
        hint = "commit first, or name the changed files with --files"
        raise UsageError(Diagnostic("changes/unknown-revision", "the repository has no commit yet", hint=hint))
    remote = repository.remote()
    fix = f"fetch it with `git fetch {remote} {name.removeprefix(remote + '/')}`, or " if remote else ""
    text = f'git does not know the revision "{name}"'
    raise UsageError(Diagnostic("changes/unknown-revision", text, hint=f"{fix}name another one with {option}"))


def _known(repository: Repository, name: str) -> str:
    return repository.commit(name) or ("" if name.startswith("origin/") else repository.commit(f"origin/{name}"))


def _ancestor(repository: Repository, base: str, tip: str) -> str:
    start = _known(repository, base)
    return repository.merge_base(start, tip) if start else ""


def _deepened(repository: Repository, base: str, tip: str) -> str:
    remote = repository.remote()
    if not remote:
        return ""
    for commits in DEEPER:
        attempts = _wanted(remote, base, _known(repository, base), tip)
        if not any(repository.deepen(remote, commits, wanted) for wanted in attempts):
            return ""
        found = _ancestor(repository, base, tip)
        if found:
            return found
    return ""


def _wanted(remote: str, base: str, known: str, tip: str) -> Iterator[tuple[str, ...]]:
    """What to ask the remote for, best first: it may refuse commits by hash, and may not have the tip."""
    branch = base.removeprefix(f"{remote}/")
    starts = (
        [known]
        if known
        else [f"+refs/heads/{branch}:refs/remotes/{remote}/{branch}", f"+refs/tags/{base}:refs/tags/{base}"]
    )
    if _HASH.fullmatch(base):
        starts = [base]
    for start in starts:
        yield start, tip
        yield (start,)
    yield (tip,)
    yield ()


def _shallow(base: str, head: str) -> CompileError:
    text = f'this clone is shallow: its history ends before the common commit of "{base}" and "{head}"'
    hint = (
        "run `git fetch --unshallow`; in GitHub Actions set `fetch-depth: 0` for actions/checkout, "
        "in GitLab the variable `GIT_DEPTH: 0`"
    )
    return CompileError(Diagnostic("changes/shallow", text, hint=hint))
