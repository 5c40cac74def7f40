"""What a user may say about a change: the refs or files to look at, and how far an edit of the intent reaches."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from orun_core.spec.errors import Diagnostic, UsageError
from orun_core.spec.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator


class IntentImpact(StrEnum):
    """Which components a changed section of the intent selects."""

    WATCH = "watch"
    ALL = "all"
    NONE = "none"


@frozen
class ChangeOptions:
    """What to compare. Nothing said: the CI run's range, else `main` with the working tree.

    `files` are relative to the intent's folder. `fetch`: a shallow clone may be deepened from its remote.
    """

    base: str = ""
    head: str = ""
    files: tuple[str, ...] = ()
    uncommitted: bool = False
    untracked: bool = False
    intent_impact: IntentImpact = IntentImpact.WATCH
    fetch: bool = True

    @property
    def explicit(self) -> bool:
        """Whether the user said what to compare."""
        return bool(self.base or self.head or self.files or self.uncommitted or self.untracked)

    def check(self) -> None:
        """Raises `UsageError` when the options contradict each other, with every contradiction."""
        problems = [Diagnostic("changes/conflicting-options", text) for text in self._conflicts()]
        if problems:
            raise UsageError(problems)

    def _conflicts(self) -> Iterator[str]:
        given = {
            "--files": bool(self.files),
            "--uncommitted": self.uncommitted,
            "--untracked": self.untracked,
            "--base": bool(self.base),
            "--head": bool(self.head),
        }
        named = [name for name, is_given in given.items() if is_given]
        for position, name in enumerate(["--files", "--uncommitted", "--untracked"]):
            others = [other for other in named if other in list(given)[position + 1 :]]
            if given[name] and others:
                yield f"{name} excludes {', '.join(others)}"
        if self.head and not self.base:
            yield "--head needs --base"
        for name, ref in (("--base", self.base), ("--head", self.head)):
            if ref.startswith("-"):
                yield f'{name}: "{ref}" is an option, not a revision'
