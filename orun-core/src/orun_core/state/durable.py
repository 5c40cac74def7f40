"""Writes files atomically and durably: a file is there whole or not at all, also after a power cut. And the locks of files."""

from __future__ import annotations

import errno
import fcntl
import os
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from orun_core.spec.errors import Diagnostic, RunError

if TYPE_CHECKING:
    from pathlib import Path


_NO_LOCKS = frozenset((errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL))
"""What a file system says that has no locks, as some networked ones do."""


def unwritable(what: object, error: OSError) -> RunError:
    """The error for a part of a run's record that the disk refused."""
    message = f"{what} cannot be written: {error.strerror}"
    return RunError(Diagnostic("state/unwritable", message, hint="free space on the disk, then resume"))


def write_whole(path: Path, content: bytes) -> None:
    """Replace a file's content in one step: temporary file beside it, fsync, rename, fsync of the folder.

    A pipe or a device (`/dev/null`, `/dev/stdout`) is written to and stays what it is.
    """
    if path.exists() and not path.is_file():
        path.write_bytes(content)
        return
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.tmp")
    try:
        with temporary.open("wb", buffering=0) as file:
            write_all(file.fileno(), content)
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException as error:
        with suppress(OSError):
            temporary.unlink()
        if isinstance(error, OSError):
            error.filename = str(path)
        raise
    sync_folder(path.parent)


def make_folder(path: Path) -> None:
    """Create a folder and its parents; their entries survive a power cut. Raises `OSError` where a file is in the way."""
    if path.is_dir():
        return
    make_folder(path.parent)
    try:
        path.mkdir(exist_ok=True)
    except FileExistsError:
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path)) from None
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Make the entries of a folder durable."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_all(descriptor: int, content: bytes) -> None:
    """Write all bytes; a signal or a full pipe may need several calls."""
    while content:
        content = content[os.write(descriptor, content) :]


def size_of(path: Path) -> int:
    """Bytes of a file, or of all files below a folder; 0 when there is none."""
    if path.is_dir():
        return sum(inner.lstat().st_size for inner in path.rglob("*") if not inner.is_dir())
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def take_lock(descriptor: int, how: int) -> bool | None:
    """Take the `flock` of an open file; False when somebody else has it, None where the file system has no locks."""
    try:
        fcntl.flock(descriptor, how)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
        return None
    return True
