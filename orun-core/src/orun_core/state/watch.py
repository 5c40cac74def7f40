"""Waiting for changes in a folder of state: woken by the system where `watchfiles` is installed, else by looking often."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LONGEST = 0.5
LOOK = 0.05


def changes(folder: Path, *, deep: bool) -> Iterator[None]:
    """Yield once at the start, then whenever a file in `folder` may have changed, at least twice a second; endless.

    `deep`: the system's notices come for the folders below as well.
    """
    yield
    try:
        from watchfiles import watch
    except ImportError:
        yield from _looking(folder)
    while not folder.is_dir():
        time.sleep(LONGEST)
        yield
    wait = int(LONGEST * 1000)
    for _ in watch(folder, rust_timeout=wait, yield_on_timeout=True, debounce=100, step=20, recursive=deep):
        yield


def _looking(folder: Path) -> Iterator[None]:
    """Yield after each change of the folder's fingerprint, or after the longest wait; endless."""
    seen = fingerprint(folder)
    while True:
        until = time.monotonic() + LONGEST
        while time.monotonic() < until and fingerprint(folder) == seen:
            time.sleep(LOOK)
        seen = fingerprint(folder)
        yield


def fingerprint(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Names, sizes and modification times of the entries of a folder."""
    found = []
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            with suppress(FileNotFoundError):
                status = entry.stat(follow_symlinks=False)
                found.append((entry.name, status.st_size, status.st_mtime_ns))
    return tuple(sorted(found))
