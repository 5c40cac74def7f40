"""A shard of a run bundle, an artifact of the original orun. It is used only when its content matches its name and checksums."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from orun_core.spec.frozen import frozen
from orun_core.spec.json_text import loads

from orun_backend_gha.artifacts import hostile, leads_out

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = re.compile(r"orun\.v1\.(?P<execution>[A-Za-z0-9][A-Za-z0-9_-]*)\.(?P<role>plan|job)\..+\.[^.]+")
KIND, VERSION = "RunBundleShard", "1.0.0"
JOB = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]*")
"""What the id of a job is made of; it is part of the names of logs."""


@frozen
class Shard:
    """A shard that was found to be whole."""

    name: str
    manifest: Mapping[str, Any]
    files: Mapping[str, bytes]

    def tree(self, path: str) -> Mapping[str, Any]:
        """The object of a JSON file. Raises `RunError`."""
        return _tree(self.name, self.files, path)


def checked(name: str, files: Mapping[str, bytes], run: int) -> Shard:
    """A shard as it was uploaded by a job of `run`, if it is what its name and its checksums say. Raises `RunError`."""
    manifest = _tree(name, files, "manifest.json")
    named = NAME.fullmatch(name)
    expected = {
        "kind": KIND,
        "schemaVersion": VERSION,
        "role": named["role"] if named else "",
        "execId": named["execution"] if named else "",
    }
    for key, value in expected.items():
        if manifest.get(key) != value:
            raise hostile(name, f"{key} is {manifest.get(key)!r}, not {value!r}")
    for key in ("apiVersion", "planId", *(["jobId"] if manifest["role"] == "job" else [])):
        if not isinstance(manifest.get(key), str) or not manifest[key]:
            raise hostile(name, f"{key} is missing")
    if manifest["role"] == "job" and not JOB.fullmatch(manifest["jobId"]):
        raise hostile(name, f"{manifest['jobId']!r} is no id of a job")
    source = manifest.get("source")
    if isinstance(source, dict) and source.get("runId") not in (None, "", str(run)):
        raise hostile(name, f"it is of run {source['runId']}")
    _check_files(name, manifest.get("files"), files)
    return Shard(name, manifest, files)


def _check_files(name: str, listed: object, files: Mapping[str, bytes]) -> None:
    """Every file that the manifest lists is there and has its checksum; folders have none."""
    paths = [str(path) for path in listed.values()] if isinstance(listed, dict) else []
    sums = _tree(name, files, "checksums.json")
    digests = mapping(sums.get("files")) or sums
    for path in paths:
        if leads_out(path):
            raise hostile(name, f"{path!r} leads out of it")
        if path.endswith("/") or path == "checksums.json":
            continue
        if path not in files:
            raise hostile(name, f"{path} is missing")
        if sha256(files[path]).hexdigest() != digests.get(path):
            raise hostile(name, f"{path} does not have its checksum")
    if "manifest.json" not in paths:
        raise hostile(name, "its manifest lists no files")


def _tree(name: str, files: Mapping[str, bytes], path: str) -> Mapping[str, Any]:
    if path not in files:
        raise hostile(name, f"{path} is missing")
    try:
        tree = loads(files[path])
    except ValueError as error:
        raise hostile(name, f"{path} cannot be read: {error}") from error
    if not isinstance(tree, dict):
        raise hostile(name, f"{path} is no object")
    return tree


def mapping(value: object) -> Mapping[str, Any]:
    """The object itself, nothing for what is none."""
    return value if isinstance(value, dict) else {}
