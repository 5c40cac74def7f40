"""Run `orun` in a process where folders list backwards and plugins come in any order: DISORDER holds the seed of the shuffle."""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Iterator
from typing import Any, Self

from orun_core.cli.main import main
from orun_core.plugins import discover

_listdir, _scandir, _installed = os.listdir, os.scandir, discover.installed


class Backwards:
    """`os.scandir`, last name first."""

    def __init__(self, path: Any = ".") -> None:
        with _scandir(path) as entries:
            self._entries = iter(sorted(entries, key=lambda entry: entry.name, reverse=True))

    def __iter__(self) -> Iterator[os.DirEntry[str]]:
        return self._entries

    def __next__(self) -> os.DirEntry[str]:
        return next(self._entries)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Nothing is open any more."""


def shuffled(path: Any) -> tuple[Any, ...]:
    """The installed plugins, in an order of the seed."""
    plugins = list(_installed(path))
    random.Random(os.environ["DISORDER"]).shuffle(plugins)
    return tuple(plugins)


if __name__ == "__main__":
    os.listdir = lambda path=".": sorted(_listdir(path), reverse=True)
    os.scandir = Backwards  # type: ignore[assignment, misc]
    discover.installed = shuffled
    main(sys.argv[1:])
