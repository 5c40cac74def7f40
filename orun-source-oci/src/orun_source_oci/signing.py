"""Signatures of packages: DSSE envelopes (ed25519) over an in-toto statement that names the manifest's digest. Offline."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any, Final

from orun_core.spec import attestation
from orun_core.spec.json_text import loads

from orun_source_oci.errors import refused

if TYPE_CHECKING:
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

    from orun_source_oci.registry import Repository

PREDICATE: Final = "https://orun.io/attestations/package/v1"


def private_key(path: Path) -> Ed25519PrivateKey:
    """An ed25519 key of a PEM file; raises `CompileError` (`source/bad-key`)."""
    try:
        return attestation.private_key(path)
    except attestation.AttestationError as error:
        raise _bad_key(path) from error


def public_key(root: Path, reference: str) -> Ed25519PublicKey:
    """The key of a `keyRef:`, a PEM file relative to the intent; raises `CompileError` (`source/bad-key`)."""
    if not reference:
        raise refused("bad-key", "`verify` names no key", "write keyRef: PATH of a PEM file with an ed25519 public key")
    try:
        return attestation.public_key(root / reference)
    except attestation.AttestationError as error:
        raise _bad_key(root / reference) from error


def sign(repository: str, digest: str, key: Ed25519PrivateKey) -> bytes:
    """An envelope that says: this key's owner published this manifest."""
    return attestation.sign(repository, digest.removeprefix("sha256:"), PREDICATE, {}, key)


def is_signed(envelope: Any, digest: str, key: Ed25519PublicKey) -> bool:
    """True when the envelope is about this manifest and one of its signatures is by this key."""
    try:
        attestation.verify(json.dumps(envelope).encode(), digest.removeprefix("sha256:"), PREDICATE, key)
    except attestation.AttestationError:
        return False
    return True


def check(name: str, digest: str, envelopes: list[Any], key: Ed25519PublicKey, *, required: bool) -> None:
    """Raise `CompileError` (`source/unsigned`) unless an envelope is right, or there is none and none is required."""
    if any(is_signed(envelope, digest, key) for envelope in envelopes):
        return
    if envelopes:
        text = (
            f'composition source "{name}": {digest} has {len(envelopes)} signatures and none is by the key of `verify`'
        )
        raise refused("unsigned", text, f"the key is {attestation.key_id(key)}")
    if required:
        text = f'composition source "{name}": {digest} is not signed, or its signature is not in the cache'
        raise refused(
            "unsigned",
            text,
            "run `orun compositions pull --no-frozen` to look for one, or ask its publisher to sign it",
        )


def fetch(repository: Repository, digest: str) -> list[Any]:
    """The envelopes that the registry has about a manifest, as JSON trees."""
    from orun_source_oci.manifest import SIGNATURE, descriptors

    found = []
    for entry in repository.referrers(digest, SIGNATURE)[: attestation.MAX_SIGNATURES]:
        _, tree = repository.manifest(entry.digest)
        for layer in descriptors(tree, "layers")[:1]:
            content = io.BytesIO()
            repository.blob(layer, content)
            found += _trees(content.getvalue())
    return found


def key_ids(envelopes: list[Any]) -> list[str]:
    """The keys that envelopes say they are signed by; nothing of what is no envelope."""
    listed = [envelope.get("signatures") for envelope in envelopes if isinstance(envelope, dict)]
    signatures = [signature for entry in listed if isinstance(entry, list) for signature in entry]
    return [str(signature.get("keyid", "")) for signature in signatures if isinstance(signature, dict)]


def bundle(envelopes: list[Any]) -> bytes:
    """Envelopes as one document, for the cache."""
    return json.dumps(envelopes, separators=(",", ":")).encode()


def unbundle(content: bytes) -> list[Any]:
    """What `bundle` made; nothing when it was damaged."""
    return next((tree for tree in _trees(content) if isinstance(tree, list)), [])


def _trees(content: bytes) -> list[Any]:
    try:
        return [loads(content)]
    except ValueError:
        return []


def _bad_key(path: Path) -> Exception:
    hint = "make one with `openssl genpkey -algorithm ed25519`, and its public half with `openssl pkey -pubout`"
    return refused("bad-key", f"{path} is not a PEM file with an ed25519 key", hint)
