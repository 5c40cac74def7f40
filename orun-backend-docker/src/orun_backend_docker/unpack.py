"""Unpacks tar archives that a container made. They may be hostile, so nothing is written outside one folder."""

from __future__ import annotations

import shutil
import tarfile
from pathlib import Path, PurePosixPath

_PERMISSIONS = 0o777


def unpack(archive: tarfile.TarFile, folder: Path) -> None:
    """Write files, folders and links as the caller's own; raises `TarError` for anything else and for what leaves `folder`."""
    root = folder.resolve()
    for entry in archive:
        target = _target(root, entry.name)
        if entry.isdir():
            target.mkdir(exist_ok=True)
            continue
        target.unlink(missing_ok=True)
        if entry.issym():
            if not (target.parent / entry.linkname).resolve().is_relative_to(root):
                raise tarfile.TarError(f"{entry.name} is a link to {entry.linkname}")
            target.symlink_to(entry.linkname)
        elif entry.islnk():
            shutil.copy2(_target(root, entry.linkname), target, follow_symlinks=False)
        else:
            _write(archive, entry, target)


def _target(root: Path, name: str) -> Path:
    path = root / name
    real = path.parent.resolve() / path.name
    if ".." in PurePosixPath(name).parts or not real.is_relative_to(root):
        raise tarfile.TarError(f"{name} is outside")
    return real


def _write(archive: tarfile.TarFile, entry: tarfile.TarInfo, target: Path) -> None:
    content = archive.extractfile(entry) if entry.isreg() else None
    if content is None:
        raise tarfile.TarError(f"{entry.name} is no file, folder or link")
    with content, target.open("wb") as file:
        shutil.copyfileobj(content, file)
    target.chmod(entry.mode & _PERMISSIONS)
