"""The layout of a published stack: its media types, its manifest, and what is read of a manifest. The only importer of oras."""

from __future__ import annotations

import json
from dataclasses import field
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from oras import defaults
from orun_core.spec.frozen import frozen
from orun_core.spec.json_text import loads

from orun_source_oci.errors import refused
from orun_source_oci.reference import DIGEST

if TYPE_CHECKING:
    from collections.abc import Mapping

MANIFEST: Final[str] = defaults.default_manifest_media_type
INDEX: Final[str] = defaults.default_index_media_type
ACCEPTED: Final = ", ".join(defaults.default_manifest_accepted_media_types)
EMPTY: Final = "application/vnd.oci.empty.v1+json"
STACK: Final = "application/vnd.orun.stack.v1"
COMPOSITIONS: Final = "application/vnd.orun.stack.compositions.layer.v1+tar+gzip"
EXAMPLES: Final = "application/vnd.orun.stack.examples.layer.v1+tar+gzip"
LEGACY: Final = "application/vnd.sourceplane.orun.composition.package.layer.v1.tar+gzip"
ENVELOPE: Final = "application/vnd.dsse.envelope.v1+json"
SIGNATURE: Final = "application/vnd.orun.stack.signature.v1"
MAX_LAYERS: Final = 64


@frozen
class Descriptor:
    """Content by its digest: what is fetched must have exactly these bytes."""

    media_type: str
    digest: str
    size: int
    artifact_type: str = ""
    annotations: Mapping[str, str] = field(default_factory=dict)

    def tree(self) -> dict[str, Any]:
        """Its JSON form."""
        tree: dict[str, Any] = {"mediaType": self.media_type, "digest": self.digest, "size": self.size}
        if self.artifact_type:
            tree["artifactType"] = self.artifact_type
        return tree | ({"annotations": dict(self.annotations)} if self.annotations else {})


def describe(media_type: str, content: bytes) -> Descriptor:
    """The descriptor of some bytes."""
    return Descriptor(media_type, f"sha256:{sha256(content).hexdigest()}", len(content))


def manifest(
    artifact: str, layers: list[Descriptor], annotations: Mapping[str, str], subject: Descriptor | None = None
) -> bytes:
    """An image manifest of an artifact, the same bytes for the same content: no date in it."""
    tree: dict[str, Any] = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "artifactType": artifact,
        "config": describe(EMPTY, b"{}").tree(),
        "layers": [layer.tree() for layer in layers],
    }
    if subject:
        tree["subject"] = subject.tree()
    if annotations:
        tree["annotations"] = dict(sorted(annotations.items()))
    return json.dumps(tree, separators=(",", ":"), ensure_ascii=False).encode()


def index(entries: list[Descriptor]) -> bytes:
    """An index of manifests."""
    tree = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [entry.tree() for entry in entries]}
    return json.dumps(tree, separators=(",", ":"), ensure_ascii=False).encode()


def read(content: bytes) -> dict[str, Any]:
    """The tree of a manifest or an index; raises `CompileError` (`source/bad-manifest`)."""
    try:
        tree = loads(content)
    except ValueError as error:
        raise refused("bad-manifest", f"the manifest is not JSON: {error}") from error
    if not isinstance(tree, dict) or tree.get("schemaVersion") != 2:
        raise refused("bad-manifest", "the manifest is not of schema version 2")
    return tree


def descriptors(tree: Mapping[str, Any], key: str) -> list[Descriptor]:
    """The descriptors of a list in a manifest; raises `CompileError` (`source/bad-manifest`)."""
    listed = tree.get(key, [])
    if not isinstance(listed, list) or len(listed) > MAX_LAYERS:
        raise refused("bad-manifest", f"the manifest's {key} are not a list of at most {MAX_LAYERS}")
    return [_descriptor(entry) for entry in listed]


def package_layer(tree: Mapping[str, Any]) -> Descriptor:
    """The layer that holds the compositions."""
    layers = descriptors(tree, "layers")
    for wanted in (COMPOSITIONS, LEGACY):
        for layer in layers:
            if layer.media_type == wanted:
                return layer
    if not layers:
        raise refused("bad-manifest", "the manifest has no layers")
    return layers[0]


def package_manifest(tree: Mapping[str, Any]) -> Descriptor:
    """The manifest of the stack in an index: the one that says it is, or the only one."""
    found = descriptors(tree, "manifests")
    stacks = [entry for entry in found if entry.artifact_type == STACK] or found
    if len(stacks) != 1:
        raise refused("bad-manifest", f"the index has {len(stacks)} manifests that may be the stack")
    return stacks[0]


def _descriptor(entry: Any) -> Descriptor:
    tree = entry if isinstance(entry, dict) else {}
    digest, size = tree.get("digest"), tree.get("size")
    if not isinstance(digest, str) or not DIGEST.fullmatch(digest):
        raise refused("bad-manifest", f"a descriptor's digest is {digest!r}")
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        raise refused("bad-manifest", f"a descriptor's size is {size!r}")
    noted = tree.get("annotations")
    annotations = {str(key): str(value) for key, value in noted.items()} if isinstance(noted, dict) else {}
    return Descriptor(str(tree.get("mediaType", "")), digest, size, str(tree.get("artifactType", "")), annotations)
