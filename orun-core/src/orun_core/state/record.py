"""A deployment record: a folder that holds a plan with everything that vouches for it, each file by digest.

record.json  plan.json  [plan.provenance.json]  [plan.json.sig]  [run.json  events.ndjson]
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from orun_core.spec.errors import Diagnostic, PlanError
from orun_core.state.durable import make_folder, write_whole

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SCHEMA_VERSION: Final = "orun.record/v1"
MANIFEST: Final = "record.json"
PLAN: Final = "plan.json"
PROVENANCE: Final = "plan.provenance.json"
SIGNATURE: Final = "plan.json.sig"
RUN_FILES: Final = ("run.json", "events.ndjson")


def write_record(folder: Path, files: Mapping[str, bytes], facts: Mapping[str, Any]) -> None:
    """Write the files, then the manifest that names their digests; a record without its manifest is none."""
    make_folder(folder)
    for name, content in sorted(files.items()):
        write_whole(folder / name, content)
    manifest = {
        "schemaVersion": SCHEMA_VERSION,
        **facts,
        "files": {name: "sha256:" + sha256(content).hexdigest() for name, content in sorted(files.items())},
    }
    write_whole(folder / MANIFEST, (json.dumps(manifest, indent=2, ensure_ascii=False) + "\n").encode())


def read_record(folder: Path) -> dict[str, bytes]:
    """The files of a record, verified; raises `PlanError` (`record/…`) naming everything that differs."""
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        listed: dict[str, str] = dict(manifest["files"])
        version = manifest["schemaVersion"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PlanError(Diagnostic("record/unreadable", f"{folder} is no deployment record: {error}")) from error
    if version != SCHEMA_VERSION:
        raise PlanError(Diagnostic("record/unreadable", f"{folder} is of version {version}, not {SCHEMA_VERSION}"))
    problems = []
    files = {}
    for name, digest in sorted(listed.items()):
        path = folder / name
        content = path.read_bytes() if path.is_file() and "/" not in name else None
        if content is None:
            problems.append(Diagnostic("record/changed", f"{name} is missing from the record"))
        elif "sha256:" + sha256(content).hexdigest() != digest:
            problems.append(Diagnostic("record/changed", f"{name} is not what was archived"))
        else:
            files[name] = content
    if problems:
        raise PlanError(problems)
    return files
