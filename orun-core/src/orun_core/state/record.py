"""A deployment record: a folder that holds a plan with everything that vouches for it, each file by digest.

record.json  plan.json  [plan.provenance.json]  [plan.json.sig]  [run.json  events.ndjson]
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from orun_core.spec.attestation import AttestationError, subjects_of
from orun_core.spec.errors import Diagnostic, PlanError
from orun_core.spec.frozen import frozen
from orun_core.spec.json_text import loads
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
FILES: Final = frozenset((PLAN, PROVENANCE, SIGNATURE, *RUN_FILES))


@frozen
class Record:
    """What a folder holds: the checksum of the plan as its manifest says it, and the files by name."""

    checksum: str
    files: Mapping[str, bytes]


def manifest_of(files: Mapping[str, bytes], facts: Mapping[str, Any]) -> bytes:
    """`record.json`: the facts and the digest of every file."""
    manifest = {
        "schemaVersion": SCHEMA_VERSION,
        **facts,
        "files": {name: "sha256:" + sha256(content).hexdigest() for name, content in sorted(files.items())},
    }
    return (json.dumps(manifest, indent=2, ensure_ascii=False) + "\n").encode()


def write_record(folder: Path, files: Mapping[str, bytes], manifest: bytes) -> None:
    """Write the files, then the manifest that names their digests; a record without its manifest is none."""
    make_folder(folder)
    for name, content in sorted(files.items()):
        write_whole(folder / name, content)
    write_whole(folder / MANIFEST, manifest)


def read_record(folder: Path) -> Record:
    """A record, its files verified; raises `PlanError` (`record/…`) naming everything that differs.

    The plan is always there. A signature is about these bytes of the plan; whose it is, `orun verify --key` says.
    """
    try:
        manifest = loads((folder / MANIFEST).read_bytes())
        listed: dict[str, str] = dict(manifest["files"])
        version, checksum = manifest["schemaVersion"], manifest["checksum"]
    except OSError as error:
        text = f"{folder} is no deployment record: {MANIFEST}: {error.strerror}"
        raise PlanError(Diagnostic("record/unreadable", text)) from error
    except (ValueError, KeyError, TypeError) as error:
        raise PlanError(Diagnostic("record/unreadable", f"{folder} is no deployment record: {error}")) from error
    if version != SCHEMA_VERSION:
        raise PlanError(Diagnostic("record/unreadable", f"{folder} is of version {version}, not {SCHEMA_VERSION}"))
    files, problems = _verified(folder, {PLAN: "", **listed})
    if not problems and SIGNATURE in files:
        problems += stray_signature(files[SIGNATURE], files[PLAN], SIGNATURE)
    if problems:
        raise PlanError(problems)
    return Record(checksum, files)


def _verified(folder: Path, listed: Mapping[str, str]) -> tuple[dict[str, bytes], list[Diagnostic]]:
    files, problems = {}, []
    for name, digest in sorted(listed.items()):
        path = folder / name
        content = path.read_bytes() if name in FILES and path.is_file() else None
        if name not in FILES:
            problems.append(Diagnostic("record/changed", f"{name!r} is no file of a record"))
        elif content is None:
            problems.append(Diagnostic("record/changed", f"{name} is missing from the record"))
        elif "sha256:" + sha256(content).hexdigest() != digest:
            problems.append(Diagnostic("record/changed", f"{name} is not what was archived"))
        else:
            files[name] = content
    return files, problems


def stray_signature(envelope: bytes, plan: bytes, name: str) -> list[Diagnostic]:
    """What is wrong when a signature is no signature of a plan file, whoever made it."""
    digest = sha256(plan).hexdigest()
    try:
        subjects = subjects_of(envelope)
    except AttestationError as error:
        return [Diagnostic("plan/signature", f"{name}: {error}")]
    if subjects != [digest]:
        text = f"{name} is about {', '.join(subjects) or 'nothing'}, not about this plan ({digest})"
        return [Diagnostic("plan/signature", text, hint="sign the plan with `orun sign`")]
    return []
