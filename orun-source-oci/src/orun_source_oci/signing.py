"""Signatures of packages: DSSE envelopes (ed25519) over an in-toto statement that names the manifest's digest. Offline."""

from __future__ import annotations

import base64
import binascii
import io
import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from orun_source_oci.problems import refused

if TYPE_CHECKING:
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

    from orun_source_oci.registry import Repository

PAYLOAD: Final = "application/vnd.in-toto+json"
STATEMENT: Final = "https://in-toto.io/Statement/v1"
PREDICATE: Final = "https://orun.io/attestations/package/v1"
MAX_SIGNATURES: Final = 16


def private_key(path: Path) -> Ed25519PrivateKey:
    """An ed25519 key of a PEM file; raises `CompileError` (`source/bad-key`)."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError) as error:
        raise _bad_key(path) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise _bad_key(path)
    return key


def public_key(root: Path, reference: str) -> Ed25519PublicKey:
    """The key of a `keyRef:`, a PEM file relative to the intent; raises `CompileError` (`source/bad-key`)."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    if not reference:
        raise refused("bad-key", "`verify` names no key", "write keyRef: PATH of a PEM file with an ed25519 public key")
    try:
        key = load_pem_public_key((root / reference).read_bytes())
    except (OSError, ValueError) as error:
        raise _bad_key(root / reference) from error
    if not isinstance(key, Ed25519PublicKey):
        raise _bad_key(root / reference)
    return key


def sign(repository: str, digest: str, key: Ed25519PrivateKey) -> bytes:
    """An envelope that says: this key's owner published this manifest."""
    subject = [{"name": repository, "digest": {"sha256": digest.removeprefix("sha256:")}}]
    statement = {"_type": STATEMENT, "subject": subject, "predicateType": PREDICATE, "predicate": {}}
    payload = json.dumps(statement, separators=(",", ":"), sort_keys=True).encode()
    signature = {"keyid": key_id(key.public_key()), "sig": _encoded(key.sign(_authenticated(payload)))}
    envelope = {"payloadType": PAYLOAD, "payload": _encoded(payload), "signatures": [signature]}
    return json.dumps(envelope, separators=(",", ":")).encode()


def is_signed(envelope: Any, digest: str, key: Ed25519PublicKey) -> bool:
    """True when the envelope is about this manifest and one of its signatures is by this key."""
    from cryptography.exceptions import InvalidSignature

    try:
        payload = base64.b64decode(envelope["payload"], validate=True)
        signatures = [
            base64.b64decode(entry["sig"], validate=True) for entry in envelope["signatures"][:MAX_SIGNATURES]
        ]
        if envelope["payloadType"] != PAYLOAD:
            return False
    except (KeyError, TypeError, binascii.Error, ValueError):
        return False
    for signature in signatures:
        try:
            key.verify(signature, _authenticated(payload))
        except InvalidSignature:
            continue
        return _is_about(payload, digest)
    return False


def check(name: str, digest: str, envelopes: list[Any], key: Ed25519PublicKey, *, required: bool) -> None:
    """Raise `CompileError` (`source/unsigned`) unless an envelope is right, or there is none and none is required."""
    if any(is_signed(envelope, digest, key) for envelope in envelopes):
        return
    if envelopes:
        text = (
            f'composition source "{name}": {digest} has {len(envelopes)} signatures and none is by the key of `verify`'
        )
        raise refused("unsigned", text, f"the key is {key_id(key)}")
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
    for entry in repository.referrers(digest, SIGNATURE)[:MAX_SIGNATURES]:
        _, tree = repository.manifest(entry.digest)
        for layer in descriptors(tree, "layers")[:1]:
            content = io.BytesIO()
            repository.blob(layer, content)
            found += _trees(content.getvalue())
    return found


def bundle(envelopes: list[Any]) -> bytes:
    """Envelopes as one document, for the cache."""
    return json.dumps(envelopes, separators=(",", ":")).encode()


def unbundle(content: bytes) -> list[Any]:
    """What `bundle` made; nothing when it was damaged."""
    return next((tree for tree in _trees(content) if isinstance(tree, list)), [])


def key_id(key: Ed25519PublicKey) -> str:
    """SHA-256 of the key's DER form."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return "sha256:" + sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def _is_about(payload: bytes, digest: str) -> bool:
    try:
        statement = json.loads(payload)
        subjects = {entry["digest"]["sha256"] for entry in statement["subject"]}
        return bool(statement["predicateType"] == PREDICATE and digest.removeprefix("sha256:") in subjects)
    except (ValueError, KeyError, TypeError):
        return False


def _authenticated(payload: bytes) -> bytes:
    """DSSE's pre-authentication encoding."""
    return b"DSSEv1 %d %s %d %s" % (len(PAYLOAD), PAYLOAD.encode(), len(payload), payload)


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _trees(content: bytes) -> list[Any]:
    try:
        return [json.loads(content)]
    except ValueError:
        return []


def _bad_key(path: Path) -> Exception:
    hint = "make one with `openssl genpkey -algorithm ed25519`, and its public half with `openssl pkey -pubout`"
    return refused("bad-key", f"{path} is not a PEM file with an ed25519 key", hint)
