"""The cache of composition packages: content-addressed, verified on read, safe under concurrent use.

sha256/<hex>/              a package; its mtime is the last use
sha256/<hex>/tree/…        its files
sha256/<hex>/record.json   digest of the tree
sha256/<hex>/notes/<name>  what a source keeps about the package, such as its signature
unfinished/<random>/       a package being unpacked; renamed into place when complete
lock                       shared by who adds, exclusive for who removes
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import re
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from orun_core.builtin.tree_digest import chunks, plain_files, tree_digest
from orun_core.spec.errors import CompileError, Diagnostic
from orun_core.spec.frozen import frozen
from orun_core.spec.json_text import loads
from orun_core.state.durable import take_lock, write_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

RECORD: Final = "record.json"
UNFINISHED: Final = "unfinished"
DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")
_HEX: Final = re.compile(r"[0-9a-f]{64}")


@frozen
class CachedPackage:
    """A package in the cache. `used`: seconds since the epoch of its last use."""

    digest: str
    folder: Path
    files: int
    size: int
    used: float


@frozen
class PackageStore:
    """A `PackageCache` in one folder, which is made when something is added."""

    folder: Path

    def tree(self, digest: str) -> Path | None:
        """Folder of a cached package, or None.

        Raises `CompileError` (`cache/changed`) when its files are not those that were added.
        """
        entry = self._entry(digest)
        if not entry.is_dir():
            return None
        if not _intact(entry):
            raise CompileError(changed_package(digest, entry))
        with suppress(OSError):
            os.utime(entry)
        return entry / "tree"

    def add(self, digest: str, archive: Path) -> Path:
        """Unpack a gzip tar or a zip whose bytes the caller verified, as the package `digest`; returns its folder.

        Raises `CompileError` for a hostile archive; nothing of it stays.
        """
        from orun_core.builtin.extraction import extract

        return self._publish(digest, lambda tree: extract(archive, tree))

    def adopt(self, digest: str, folder: Path) -> Path:
        """Copy a folder that the caller verified, as the package `digest`; returns the copy.

        Raises `CompileError` for links and special files.
        """
        return self._publish(digest, lambda tree: _copy(folder, tree))

    def note(self, digest: str, name: str, data: bytes) -> None:
        """Keep something about a cached package beside it, such as its signature."""
        notes = self._entry(digest) / "notes"
        notes.mkdir(exist_ok=True)
        write_whole(notes / name, data)

    def noted(self, digest: str, name: str) -> bytes | None:
        """What `note` kept, or None."""
        path = self._entry(digest) / "notes" / name
        return path.read_bytes() if path.is_file() else None

    def packages(self) -> tuple[CachedPackage, ...]:
        """Everything in the cache, sorted by digest; what somebody else put there is not looked at."""
        entries = sorted((self.folder / "sha256").glob("*"))
        return tuple(_package(entry) for entry in entries if _HEX.fullmatch(entry.name) and _is_folder(entry))

    def changed(self) -> tuple[CachedPackage, ...]:
        """The packages whose files are not those that were added."""
        return tuple(package for package in self.packages() if not _intact(package.folder))

    def collect(self, unused_since: float) -> tuple[CachedPackage, ...]:
        """Remove packages not used since then, changed ones and leftovers of killed processes; returns what is gone."""
        import shutil

        if not self.folder.is_dir():
            return ()
        with self._locked(fcntl.LOCK_EX):
            changed = self.changed()
            gone = tuple(p for p in self.packages() if p.used < unused_since or p in changed)
            for package in gone:
                shutil.rmtree(package.folder)
            shutil.rmtree(self.folder / UNFINISHED, ignore_errors=True)
        return gone

    def _entry(self, digest: str) -> Path:
        if not DIGEST.fullmatch(digest):
            raise CompileError(Diagnostic("source/bad-digest", f"'{digest}' is not sha256: and 64 hexadecimal digits"))
        return self.folder / "sha256" / digest.removeprefix("sha256:")

    def _publish(self, digest: str, fill: Callable[[Path], None]) -> Path:
        """Fill a folder out of sight and rename it into place; another process that was faster wins."""
        entry = self._entry(digest)
        if not entry.is_dir():
            entry.parent.mkdir(parents=True, exist_ok=True)
            with self._locked(fcntl.LOCK_SH), self._unfinished() as work:
                (work / "tree").mkdir()
                fill(work / "tree")
                write_whole(work / RECORD, json.dumps({"tree": tree_digest(work / "tree")}).encode())
                _rename(work, entry)
        tree = self.tree(digest)
        if tree is None:
            raise FileNotFoundError(entry)
        return tree

    @contextmanager
    def _unfinished(self) -> Iterator[Path]:
        import shutil
        import tempfile

        (self.folder / UNFINISHED).mkdir(exist_ok=True)
        work = Path(tempfile.mkdtemp(dir=self.folder / UNFINISHED))
        try:
            yield work
        finally:
            shutil.rmtree(work, ignore_errors=True)

    @contextmanager
    def _locked(self, how: int) -> Iterator[None]:
        with (self.folder / "lock").open("ab") as lock:
            take_lock(lock.fileno(), how)
            yield


def changed_package(digest: str, folder: Path) -> Diagnostic:
    """The diagnostic of a cached package that was tampered with or damaged."""
    text = f"the cached package {digest} was changed after it was verified"
    return Diagnostic("cache/changed", text, hint=f"remove it with `orun cache gc` (it is in {folder})")


def _is_folder(entry: Path) -> bool:
    return entry.is_dir() and not entry.is_symlink()


def _package(entry: Path) -> CachedPackage:
    files = [path for path in (entry / "tree").rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files)
    return CachedPackage(f"sha256:{entry.name}", entry, len(files), size, entry.stat().st_mtime)


def _intact(entry: Path) -> bool:
    try:
        record = loads((entry / RECORD).read_bytes())
        return bool(record == {"tree": tree_digest(entry / "tree")})
    except (OSError, ValueError, CompileError):
        return False


def _copy(source: Path, target: Path) -> None:
    from orun_core.builtin.extraction import Limits, TreeWriter

    with TreeWriter(target, limits := Limits(), limits.total) as writer:
        for path in plain_files(source):
            writer.write(path, chunks(source / path))


def _rename(work: Path, entry: Path) -> None:
    try:
        work.rename(entry)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise
