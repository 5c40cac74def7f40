"""Which files changed, and between what."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from orun_core.changes.git import ChangedFile, Repository
from orun_core.changes.history import revision, span
from orun_core.spec.frozen import frozen
from orun_core.state.layout import LOCK_FILE

if TYPE_CHECKING:
    from pathlib import Path

    from orun_core.changes.options import ChangeOptions
    from orun_core.spec.trigger import ChangeRange

DEFAULT_BASE: Final = "main"
OWN_FOLDER: Final = ".orun/"
"""What orun keeps there is no change of the project, but for the lock."""
_SAID: Final = {"flags": "as the options say", "ci": "as the event or the CI run says", "default": "by default"}


@frozen
class ChangeSet:
    """Changed files, sorted by path, and what they were compared with.

    `origin`: who said what to compare (`flags`, `ci`, `default`). `base` and `head` are the refs asked for; `start` is the
    commit where the change starts, empty without one; `end` its last commit, empty for the working tree.
    """

    files: tuple[ChangedFile, ...]
    origin: str
    base: str = ""
    head: str = ""
    start: str = ""
    end: str = ""

    def __str__(self) -> str:
        """What was compared, and who said so: `main (a1b2c3d4e5f6) with the working tree, by default`."""
        said = f", {_SAID[self.origin]}"
        if self.start:
            start = "" if self.start.startswith(self.base) else f" ({self.start[:12]})"
            end = "" if not self.end or self.end.startswith(self.head) else f" ({self.end[:12]})"
            return f"{self.base}{start} with {self.head or 'the working tree'}{end}{said}"
        named = self.files and not self.files[0].status
        return f"{'the named files' if named else 'new files'} alone{said}"


def change_set(options: ChangeOptions, ci: ChangeRange | None, root: Path) -> ChangeSet:
    """Ask git for the change that the options, else the CI run, else `main` describe.

    Raises `UsageError` for contradicting options and unknown revisions, `CompileError` where git cannot tell.
    """
    options.check()
    if options.files:
        return ChangeSet(_sorted(tuple(_named(path, root) for path in options.files)), "flags")
    repository = Repository(root)
    if options.untracked:
        return ChangeSet(_sorted(repository.untracked()), "flags")
    if options.uncommitted:
        start = revision(repository, "HEAD", "--head")
        return ChangeSet(_sorted(repository.differences(start)), "flags", "HEAD", start=start)
    if options.explicit:
        return _between(repository, options, "flags", options.base, options.head)
    if ci is not None:
        return _between(repository, options, "ci", ci.base, ci.head)
    return _between(repository, options, "default", DEFAULT_BASE, "")


def _between(repository: Repository, options: ChangeOptions, origin: str, base: str, head: str) -> ChangeSet:
    base = base or DEFAULT_BASE
    found = span(repository, base, head or "HEAD", fetch=options.fetch)
    if head:
        files = repository.differences(found.start, found.end)
        return ChangeSet(_sorted(files), origin, base, head, found.start, found.end)
    files = repository.differences(found.start, untracked=True) + repository.untracked()
    return ChangeSet(_sorted(files), origin, base, start=found.start)


def _sorted(files: tuple[ChangedFile, ...]) -> tuple[ChangedFile, ...]:
    ours = {file.path: file for file in files if file.path == LOCK_FILE or not file.path.startswith(OWN_FOLDER)}
    return tuple(sorted(ours.values()))


def _named(path: str, root: Path) -> ChangedFile:
    """A path as typed; a folder stands for everything in it."""
    relative = os.path.relpath(root / path.strip(), root).replace(os.sep, "/")
    return ChangedFile(relative, opaque=(root / relative).is_dir())
