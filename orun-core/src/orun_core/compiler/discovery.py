"""Finding the intent and the component files below the discovery roots."""

from __future__ import annotations

import os
import posixpath
from typing import TYPE_CHECKING

from orun_core.spec.errors import CompileError, Diagnostic, Location
from orun_core.spec.nearest import nearest

if TYPE_CHECKING:
    from pathlib import Path

    from orun_core.spec.stages import Origin

COMPONENT_FILES = frozenset(("component.yaml", "component.yml"))
SKIPPED_FOLDERS = frozenset((".git", ".orun", "node_modules"))


def clean_roots(roots: tuple[str, ...]) -> tuple[str, ...]:
    """Discovery roots without spaces, duplicates and dots, sorted; the intent's folder when there are none."""
    return tuple(sorted({posixpath.normpath(root.strip()) for root in roots if root.strip()})) or (".",)


def find_components(root: Path, roots: tuple[str, ...], origin: Origin) -> tuple[str, ...]:
    """Component files below the roots, relative to `root`, sorted.

    Raises `CompileError` for roots that are missing or no folder, and for files whose path is no text, as paths in a plan are.
    """
    problems: list[Diagnostic] = []
    found: set[str] = set()
    written = {posixpath.normpath(name.strip()): index for index, name in enumerate(roots)}
    for relative in clean_roots(roots):
        folder = root / relative
        here = origin.at(written[relative]) if relative in written else origin
        if not os.path.isdir(folder):
            reason = "is not a folder" if os.path.exists(folder) else "does not exist"
            problems.append(_bad_root(relative, reason, here, folder.parent))
        elif not folder.is_symlink() and folder.name not in SKIPPED_FOLDERS:
            try:
                _walk(str(folder), "" if relative == "." else relative + "/", found)
            except OSError as error:
                problems.append(_bad_root(relative, f"cannot be read: {error.strerror}", here, folder.parent))
    problems += [_no_text(file) for file in found if file != file.encode("utf-8", "replace").decode()]
    if problems:
        raise CompileError(problems)
    return tuple(sorted(found))


def _bad_root(root: str, reason: str, origin: Origin, beside: Path) -> Diagnostic:
    where = Location(origin.file, pointer=origin.pointer)
    folders = [entry.name for entry in beside.iterdir() if entry.is_dir()] if os.path.isdir(beside) else []
    near = nearest(posixpath.basename(root), folders)
    hint = f'did you mean "{posixpath.join(posixpath.dirname(root), near)}"?' if near else ""
    return Diagnostic("load/discovery-root", f'discovery root "{root}" {reason}', where, hint)


def _no_text(file: str) -> Diagnostic:
    return Diagnostic("load/encoding", f"the path {file!r} is not UTF-8", hint="rename its folders")


def _walk(folder: str, prefix: str, found: set[str]) -> None:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in SKIPPED_FOLDERS:
                    _walk(entry.path, f"{prefix}{entry.name}/", found)
            elif entry.name in COMPONENT_FILES and entry.is_file():
                found.add(prefix + entry.name)
