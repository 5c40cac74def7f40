"""What the answers of this installation depend on besides their inputs: its code."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def code_stamp() -> list[list[str | int]]:
    """What changes when core or an installed distribution does: core's own files, and the folders that modules come from.

    Each with its time of change (ns) and its size, sorted; for JSON.
    """
    core = str(Path(__file__).parents[1])
    places = [*_sources(core), *(folder for folder in sys.path if os.path.isdir(folder))]  # noqa: PTH112
    return sorted([place, (found := os.stat(place)).st_mtime_ns, found.st_size] for place in places)  # noqa: PTH116


def _sources(folder: str) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                yield from _sources(entry.path)
            elif entry.name.endswith(".py"):
                yield entry.path
