"""Core's kinds of composition sources: `archive`, `dir` and `git`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from orun_core.spec.entries import SourceEntry

if TYPE_CHECKING:
    from orun_core.spec.source import CompositionSource


def _archive() -> CompositionSource:
    from orun_core.builtin.sources import ArchiveSource

    return ArchiveSource()


def _dir() -> CompositionSource:
    from orun_core.builtin.sources import DirSource

    return DirSource()


def _git() -> CompositionSource:
    from orun_core.builtin.git_source import GitSource

    return GitSource()


SOURCES: Final = (
    SourceEntry("archive", "A gzip tar or a zip on this disk.", _archive, needs="path"),
    SourceEntry("dir", "A folder on this disk, used where it stands.", _dir, needs="path"),
    SourceEntry("git", "A folder of a git repository, at a commit.", _git),
)
