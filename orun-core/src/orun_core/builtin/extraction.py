"""Unpacks a package that is not trusted yet: names and sizes are checked before anything is written."""

from __future__ import annotations

import os
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Self

from orun_core.builtin.archive_entries import damage_refused, entries, refused
from orun_core.spec.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FILE_MODE: Final = 0o644
FOLDER_MODE: Final = 0o755
HEADERS: Final = 4096
"""Bytes of headers and padding that an entry may have beside its content."""


@frozen
class Limits:
    """The largest package that is unpacked. `ratio`: bytes unpacked per byte of archive, judged beyond `free` bytes."""

    archive: int = 64 << 20
    entries: int = 10_000
    file: int = 16 << 20
    total: int = 128 << 20
    ratio: int = 100
    free: int = 1 << 20
    path: int = 240
    depth: int = 32


def extract(archive: Path, target: Path, limits: Limits | None = None) -> None:
    """Unpack a gzip tar or a zip into the existing empty folder `target`.

    Raises `CompileError` (`archive/hostile`, `archive/damaged`, `archive/too-large`); what was written until then is
    for the caller to remove.
    """
    limits = limits or Limits()
    size = archive.stat().st_size
    if size > limits.archive:
        raise refused(f"it has {size} bytes, {limits.archive} are allowed", "archive/too-large")
    writer = TreeWriter(target, limits, most=min(limits.total, max(limits.free, size * limits.ratio)))
    with archive.open("rb") as stream, damage_refused(), writer:
        for entry in entries(stream, limits.total + limits.entries * HEADERS):
            writer.write(entry.name, entry.content, folder=entry.folder)


@dataclass(slots=True)
class TreeWriter:
    """Writes files below one folder with modes of its own, never through a link and never twice to the same place.

    `most`: bytes that all files together may have.
    """

    target: Path
    limits: Limits
    most: int
    _root: int = -1
    _written: int = 0
    _entries: int = 0
    _spelled: dict[str, str] = field(default_factory=dict)
    _kinds: dict[str, str] = field(default_factory=dict)
    """Path → `file`, `folder`, or `implied` for a folder that only others' names mention."""

    def __enter__(self) -> Self:
        self._root = os.open(self.target, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._root)

    def write(self, name: str, content: Iterator[bytes], *, folder: bool = False) -> None:
        """Write one member; raises `CompileError` when its name or its size is refused."""
        self._entries += 1
        if self._entries > self.limits.entries:
            raise refused(f"more than {self.limits.entries} entries", "archive/too-large")
        parts = self._parts(name, folder=folder)
        if not parts:
            return
        self._claim(parts, folder=folder)
        if folder:
            os.close(self._folder(parts))
            return
        parent = self._folder(parts[:-1])
        try:
            self._file(parent, parts[-1], name, content)
        finally:
            os.close(parent)

    def _parts(self, name: str, *, folder: bool) -> list[str]:
        """The components of a name. The root itself (`./`) has none."""
        if len(name.encode("utf-8", "surrogatepass")) > self.limits.path:
            raise refused(f"a path longer than {self.limits.path} bytes: '{name[:60]}…'", "archive/too-large")
        if "\\" in name or any(unicodedata.category(letter)[0] == "C" for letter in name):
            raise refused(f"the name {name!r} has control characters or a backslash")
        if name.startswith("/"):
            raise refused(f"the name '{name}' is absolute")
        inner = name.removeprefix("./")
        inner = inner.removesuffix("/") if folder else inner
        if inner in ("", ".") and folder:
            return []
        parts = inner.split("/")
        if ".." in parts:
            raise refused(f"the name '{name}' leaves the package")
        if "" in parts or "." in parts:
            raise refused(f"the name '{name}' is not in its shortest form")
        if len(parts) > self.limits.depth:
            raise refused(f"'{name}' is more than {self.limits.depth} folders deep", "archive/too-large")
        return parts

    def _claim(self, parts: list[str], *, folder: bool) -> None:
        """Refuse a name that is taken, also by a spelling that some file systems take for the same."""
        for depth in range(1, len(parts) + 1):
            path, last = "/".join(parts[:depth]), depth == len(parts)
            key = unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())
            other = self._spelled.setdefault(key, path)
            if other != path:
                raise refused(f"'{path}' and '{other}' differ only in case or in their accents' encoding")
            known = self._kinds.get(path)
            if known == "file" or (last and known and not (folder and known == "implied")):
                raise refused(f"'{path}' is there twice")
            self._kinds[path] = known or "implied" if not last else "folder" if folder else "file"

    def _folder(self, parts: list[str]) -> int:
        """Descriptor of a folder below the target, made where it is missing."""
        here = os.dup(self._root)
        for part in parts:
            try:
                os.mkdir(part, FOLDER_MODE, dir_fd=here)
            except FileExistsError:
                made = False
            else:
                made = True
            inner = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=here)
            os.close(here)
            here = inner
            if made:
                os.fchmod(here, FOLDER_MODE)
        return here

    def _file(self, parent: int, base: str, name: str, content: Iterator[bytes]) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with open(os.open(base, flags, FILE_MODE, dir_fd=parent), "wb", buffering=0) as stream:  # noqa: PTH123
            os.fchmod(stream.fileno(), FILE_MODE)
            size = 0
            for chunk in content:
                size += len(chunk)
                self._written += len(chunk)
                if size > self.limits.file:
                    raise refused(f"'{name}' has more than {self.limits.file} bytes", "archive/too-large")
                if self._written > self.most:
                    raise refused(f"it unpacks to more than {self.most} bytes", "archive/too-large")
                stream.write(chunk)
            os.fsync(stream.fileno())
