"""What a compile leaves for the next one: files in a folder of the intent's own, below the user's cache.

Nothing depends on them: whoever reads one checks that it is whole and about the same inputs, and does without it otherwise.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from orun_core.state.durable import make_folder, write_whole

if TYPE_CHECKING:
    from pathlib import Path

_TOLERATED: Final = 256


def keep(path: Path, content: bytes) -> None:
    """Write a file of the memory; a disk or a folder that refuses is no problem."""
    with suppress(OSError):
        make_folder(path.parent)
        write_whole(path, content)


def outdated(new: int, known: int) -> bool:
    """Whether a file with facts about `known` documents is to be written again for `new` others.

    One in so many is not worth it: to find it out again costs less than to write them all.
    """
    return new * _TOLERATED > known
