"""Component files in which nothing was wrong, remembered for the next compile: they need not be checked again.

What `normalize` says about a component follows from its own file and from what all are judged by: the intent, the packages,
the names of the enabled components, and the code. While that is the same, a file with the same content is cleared. Files with
warnings never are, so that warnings are always given.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from orun_core.compiler.memory import keep, outdated
from orun_core.plan.canonical import digest
from orun_core.plugins.code import code_stamp
from orun_core.spec.json_text import loads

if TYPE_CHECKING:
    from pathlib import Path

    from orun_core.spec.stages import LoadedProject, NormalizedProject

_FILE: Final = "cleared.json"


def cleared(folder: Path | None, project: LoadedProject) -> frozenset[str]:
    """The component files of a project that are cleared; `folder` is where `keep_cleared` keeps them."""
    if folder is None:
        return frozenset()
    try:
        kept = loads((folder / _FILE).read_bytes())
        known = dict(kept["files"]) if kept["basis"] == _basis(project) else {}
    except (OSError, ValueError, TypeError, KeyError):
        return frozenset()
    return frozenset(file.path for file in project.inputs if known.get(file.path) == file.digest)


def keep_cleared(folder: Path | None, project: NormalizedProject) -> None:
    """Keep what was cleared, when enough of it is new."""
    loaded = project.loaded
    new = project.cleared - loaded.cleared
    if folder is not None and outdated(len(new), len(project.cleared)):
        files = {file.path: file.digest for file in loaded.inputs if file.path in project.cleared}
        keep(folder / _FILE, json.dumps({"basis": _basis(loaded), "files": files}).encode())


def _basis(project: LoadedProject) -> str:
    """Digest of everything that a component is judged by, besides its own file."""
    intent = project.intent.origin.file
    judged_by: list[Any] = [
        [file.digest for file in project.inputs if file.path == intent],
        [[package.request.name, package.digest, package.version] for package in project.packages],
        sorted(summary.name for summary in project.components.summaries if summary.enabled),
        code_stamp(),
    ]
    return digest(judged_by)
