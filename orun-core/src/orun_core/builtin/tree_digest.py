"""The digest of a folder of plain files, and the walk that it and every copy of a package share."""

from __future__ import annotations

import os
import stat
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from orun_core.spec.errors import CompileError, Diagnostic, Location

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CHUNK: Final = 1 << 20


def tree_digest(folder: Path) -> str:
    """`sha256:` + hex SHA-256 over every file in order of its path: relative path with `/`, newline, bytes, newline.

    Hidden files count; modes, times and empty folders do not. Raises `CompileError` (`source/link`) for anything but
    files and folders.
    """
    total = sha256()
    for path in plain_files(folder):
        total.update(os.fsencode(path) + b"\n")
        for chunk in chunks(folder / path):
            total.update(chunk)
        total.update(b"\n")
    return f"sha256:{total.hexdigest()}"


def file_digest(path: Path) -> str:
    """`sha256:` + hex SHA-256 of a file's bytes."""
    total = sha256()
    for chunk in chunks(path):
        total.update(chunk)
    return f"sha256:{total.hexdigest()}"


def plain_files(folder: Path) -> tuple[str, ...]:
    """Relative paths of all files below a folder, sorted by their bytes.

    Raises `CompileError` (`source/link`) naming everything else found.
    """
    found: list[str] = []
    strange: list[str] = []
    _collect(os.fspath(folder), "", found, strange)
    if strange:
        raise CompileError(_strange(path) for path in sorted(strange, key=os.fsencode))
    return tuple(sorted(found, key=os.fsencode))


def chunks(path: Path) -> Iterator[bytes]:
    """The bytes of a file, which is not followed when it is a link."""
    with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb", buffering=0) as stream:  # noqa: PTH123
        while chunk := stream.read(CHUNK):
            yield chunk


def _collect(folder: str, prefix: str, found: list[str], strange: list[str]) -> None:
    with os.scandir(folder) as entries:
        for entry in entries:
            mode = entry.stat(follow_symlinks=False).st_mode
            if stat.S_ISDIR(mode):
                _collect(entry.path, f"{prefix}{entry.name}/", found, strange)
            else:
                (found if stat.S_ISREG(mode) else strange).append(prefix + entry.name)


def _strange(path: str) -> Diagnostic:
    hint = "a composition package holds regular files and folders only: replace it with a copy"
    return Diagnostic("source/link", f"'{path}' is a link or a special file", Location(path), hint)
