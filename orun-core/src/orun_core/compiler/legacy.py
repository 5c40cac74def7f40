"""The original's legacy job registry, `--config-dir`: one folder per type with `compositions.yaml` or `job.yaml`, and `schema.yaml`."""

from __future__ import annotations

import os
import posixpath
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from orun_core.compiler.decode import decode
from orun_core.compiler.sites import problem
from orun_core.compiler.yaml_source import parse
from orun_core.spec.documents import LegacyRegistry
from orun_core.spec.errors import CompileError, Diagnostic, UsageError
from orun_core.spec.source import SourceRequest
from orun_core.spec.stages import Authored, LoadedComposition, Origin, Package, Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orun_core.compiler.sites import Sites

SOURCE = "legacy-config-dir"
_FILES = ("job.yaml", "compositions.yaml")


def load_config_dir(workspace: Workspace, sites: Sites) -> Package:
    """The registry as a package called `legacy-config-dir`; raises `UsageError` for a missing folder, `CompileError` for its documents."""
    given = str(workspace.config_dir)
    folders = _folders(given)
    definitions = _definitions(folders, pattern="*" in given)
    problems: list[Diagnostic] = []
    compositions = {}
    for type_, path in sorted(definitions.items()):
        try:
            compositions[type_] = _composition(type_, path, sites)
        except CompileError as error:
            problems += error.diagnostics
    if not definitions:
        problems.append(problem("package/no-exports", f"no compositions.yaml or job.yaml below {given}", None))
    if problems:
        raise CompileError(problems)
    written = os.path.relpath(given, workspace.root).replace(os.sep, "/")
    return Package(SourceRequest(SOURCE, "legacy-dir", path=written), _digest(folders), "", "", compositions)


def _folders(given: str) -> list[Path]:
    candidates = sorted(_glob(given)) if "*" in given else [Path(given)]
    found = [folder for folder in candidates if folder.is_dir()]
    if not found:
        what = "matches no folder" if "*" in given else "is not a folder"
        raise UsageError(Diagnostic("usage/config-dir", f'--config-dir "{given}" {what}'))
    return found


def _glob(pattern: str) -> Iterator[Path]:
    path = Path(pattern)
    return Path(path.anchor or ".").glob(str(path.relative_to(path.anchor)))


def _definitions(folders: list[Path], *, pattern: bool) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for folder in folders:
        for base, subfolders, files in os.walk(folder):
            subfolders.sort()
            depth = len(Path(base).relative_to(folder).parts)
            if pattern or depth == 1:
                names = sorted(set(files) & set(_FILES), reverse=not pattern)
                for name in names if pattern else names[-1:]:
                    found[Path(base).name] = Path(base) / name
            if not pattern and depth == 1:
                subfolders.clear()
    return found


def _composition(type_: str, path: Path, sites: Sites) -> LoadedComposition:
    name = os.path.relpath(path, sites.root).replace(os.sep, "/")
    origin = Origin(name)
    document, _ = decode(path.read_bytes(), name, LegacyRegistry)
    schema_path = path.parent / "schema.yaml"
    schema_origin = Origin(posixpath.join(posixpath.dirname(name), "schema.yaml"))
    if not schema_path.is_file():
        raise CompileError(problem("package/no-schema", f'type "{type_}" has no schema.yaml', origin))
    schema = parse(schema_path.read_bytes(), schema_origin.file) or {}
    if not isinstance(schema, dict):
        raise CompileError(problem("load/wrong-type", "a schema must be a mapping", schema_origin))
    if not document.jobs:
        raise CompileError(problem("package/no-jobs", f'type "{type_}" defines no job', origin))
    return LoadedComposition(
        type=type_,
        source=SOURCE,
        registry=document.metadata.name,
        description=document.metadata.description,
        default_job=document.jobs[0].name,
        default_profile="",
        schema=schema,
        schema_origin=schema_origin,
        jobs={job.name: Authored(job, origin.at("jobs", index)) for index, job in enumerate(document.jobs)},
        profiles={},
        origin=origin,
    )


def _digest(folders: list[Path]) -> str:
    stream = sha256()
    for folder in folders:
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            stream.update(os.fsencode(path.relative_to(folder)) + b"\n" + path.read_bytes() + b"\n")
    return "sha256:" + stream.hexdigest()
