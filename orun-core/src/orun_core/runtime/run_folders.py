"""The temporary folders of a run, for staged copies and for scratch files. Those that dead runs left behind are removed.

Each run holds a lock on its own folder; a folder whose lock can be taken belongs to nobody any more. Scratch is outside the
workspace, readable by this user only: steps may write secrets to their file commands.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from orun_core.spec.frozen import frozen
from orun_core.state.durable import take_lock

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOCK = ".owner"
_KEEP = ".keep"
_PREFIX = "orun-run-"


@frozen
class RunFolders:
    """The folders of one run: `stages` for copies of the workspace, `scratch` for scripts and file commands."""

    stages: Path
    scratch: Path


@contextmanager
def run_folders(root: Path, exec_id: str, *, staging: bool, keep: bool = False) -> Iterator[RunFolders]:
    """Make the folders of a run and remove them afterwards; `keep` leaves the staged copies where they are."""
    stages = root / ".orun" / "work" / exec_id
    for left in (*stages.parent.glob("*"), *Path(tempfile.gettempdir()).glob(f"{_PREFIX}*")):
        _remove_if_dead(left)
    scratch = Path(tempfile.mkdtemp(prefix=_PREFIX))
    try:
        with _claimed(scratch), _claimed(stages) if staging else nullcontext():
            if keep:
                stages.joinpath(_KEEP).touch()
            yield RunFolders(stages, scratch)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        if not keep:
            shutil.rmtree(stages, ignore_errors=True)


@contextmanager
def _claimed(folder: Path) -> Iterator[None]:
    """A lock file that others can see is locked already: one that is only open would be taken, and the folder with it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{_LOCK}.new").open("wb") as lock:
        take_lock(lock.fileno(), fcntl.LOCK_EX)
        Path(lock.name).replace(folder / _LOCK)
        yield


def remove_folder(folder: Path) -> None:
    """Remove a private folder with what is in it, as far as this user may: every job comes here, and most have few files."""
    try:
        _remove(folder)
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)


def _remove(folder: str | Path) -> None:
    """Without the file descriptors by which `shutil.rmtree` is safe from others: nobody else may write here."""
    with os.scandir(folder) as entries:
        found = list(entries)
    for entry in found:
        if entry.is_dir(follow_symlinks=False):
            _remove(entry.path)
        else:
            os.unlink(entry.path)  # noqa: PTH108 - as above
    os.rmdir(folder)  # noqa: PTH106


def _remove_if_dead(folder: Path) -> None:
    """Remove the folder of a run of this user that is gone; one without a lock file is just being made."""
    with suppress(OSError):
        if folder.lstat().st_uid == os.geteuid() and not (folder / _KEEP).exists():
            _remove_if_free(folder)


def _remove_if_free(folder: Path) -> None:
    with (folder / _LOCK).open("rb") as lock:
        if take_lock(lock.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB):
            shutil.rmtree(folder, ignore_errors=True)
