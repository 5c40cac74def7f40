"""Deployment records in a registry: one artifact, one layer per file, named by its title."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from orun_source_oci.errors import refused
from orun_source_oci.manifest import EMPTY, MANIFEST, describe, descriptors, manifest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orun_source_oci.registry import Repository

RECORD: Final = "application/vnd.orun.record.v1"
FILE: Final = "application/vnd.orun.record.file.v1"
TITLE: Final = "org.opencontainers.image.title"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def push(repository: Repository, tag: str, files: Mapping[str, bytes]) -> str:
    """Store the files under a tag; returns the manifest's digest."""
    layers = [replace(describe(FILE, data), annotations={TITLE: name}) for name, data in sorted(files.items())]
    content = manifest(RECORD, layers, {})
    for data in (*files.values(), b"{}"):
        repository.push_blob(data, describe(EMPTY, data).digest)
    wanted = describe(MANIFEST, content)
    repository.push_manifest(content, wanted, tag)
    return wanted.digest


def pull(repository: Repository, wanted: str) -> dict[str, bytes]:
    """The files of a tag or digest, every byte verified. Raises `CompileError` (`source/bad-manifest`) for anything else than a record."""
    _, tree = repository.manifest(wanted)
    if tree.get("artifactType") != RECORD:
        raise refused("bad-manifest", f"{repository} {wanted} is no deployment record")
    files = {}
    for layer in descriptors(tree, "layers"):
        name = layer.annotations.get(TITLE, "")
        if not _NAME.fullmatch(name) or name in files:
            raise refused("bad-manifest", f"a file of the record is called {name!r}")
        content = io.BytesIO()
        repository.blob(layer, content)
        files[name] = content.getvalue()
    return files
