"""Signed statements about digests: in-toto statements in DSSE envelopes, ed25519, offline. Needs `cryptography`, imported on use."""

from __future__ import annotations

import base64
import binascii
import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from orun_core.spec.json_text import loads

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

PAYLOAD_TYPE: Final = "application/vnd.in-toto+json"
STATEMENT_TYPE: Final = "https://in-toto.io/Statement/v1"
MAX_SIGNATURES: Final = 16
OTHER_SHAPE: Final = "the signed statement has another shape than in-toto's"


class AttestationError(ValueError):
    """A key cannot be read, or an envelope does not say what is asked of it. The text is for the user."""


def private_key(path: Path) -> Ed25519PrivateKey:
    """The ed25519 key of a PEM file without a passphrase; raises `AttestationError`."""
    _needs_cryptography()
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError) as error:
        raise AttestationError(f"{path} is no ed25519 private key in PEM form: {error}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise AttestationError(f"{path} is a key of another kind than ed25519")
    return key


def public_key(path: Path) -> Ed25519PublicKey:
    """The ed25519 key of a PEM file; raises `AttestationError`."""
    _needs_cryptography()
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(path.read_bytes())
    except (OSError, ValueError) as error:
        raise AttestationError(f"{path} is no ed25519 public key in PEM form: {error}") from error
    if not isinstance(key, Ed25519PublicKey):
        raise AttestationError(f"{path} is a key of another kind than ed25519")
    return key


def _needs_cryptography() -> None:
    try:
        import cryptography  # noqa: F401
    except ImportError as error:
        raise AttestationError('signatures need a package: pip install "orun-core[sign]"') from error


def key_id(key: Ed25519PublicKey) -> str:
    """`sha256:` + SHA-256 of the key's DER form."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return "sha256:" + sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def sign(name: str, digest: str, predicate_type: str, predicate: Mapping[str, Any], key: Ed25519PrivateKey) -> bytes:
    """An envelope in which the key's owner states `predicate` about the subject `name` with this SHA-256 (hex)."""
    statement = {
        "_type": STATEMENT_TYPE,
        "subject": [{"name": name, "digest": {"sha256": digest}}],
        "predicateType": predicate_type,
        "predicate": predicate,
    }
    payload = json.dumps(statement, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    signature = key.sign(_encoded(payload))
    envelope = {
        "payloadType": PAYLOAD_TYPE,
        "payload": base64.b64encode(payload).decode(),
        "signatures": [{"keyid": key_id(key.public_key()), "sig": base64.b64encode(signature).decode()}],
    }
    return json.dumps(envelope, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def verify(envelope: bytes, digest: str, predicate_type: str, key: Ed25519PublicKey) -> Mapping[str, Any]:
    """The predicate that the key's owner states about this SHA-256 (hex).

    The signature is checked before anything of the payload is read. Raises `AttestationError` naming what differs.
    """
    payload = _signed_payload(envelope, key)
    try:
        statement = loads(payload)
        subjects = [subject["digest"]["sha256"] for subject in statement["subject"]]
        kind, predicate = (statement["_type"], statement["predicateType"]), statement["predicate"]
    except (ValueError, KeyError, TypeError) as error:
        raise AttestationError(OTHER_SHAPE) from error
    if kind != (STATEMENT_TYPE, predicate_type):
        raise AttestationError(f"the signed statement is of kind {kind[1]}, not {predicate_type}")
    if subjects != [digest]:
        raise AttestationError(f"the signature is about {', '.join(map(str, subjects))}, not {digest}")
    found: Mapping[str, Any] = predicate
    return found


def subjects_of(envelope: bytes) -> list[str]:
    """The SHA-256 (hex) of each thing that an envelope claims to be about; no signature is checked. Raises `AttestationError`."""
    payload, _ = _opened(envelope)
    try:
        return [str(subject["digest"]["sha256"]) for subject in loads(payload)["subject"]]
    except (ValueError, KeyError, TypeError) as error:
        raise AttestationError(OTHER_SHAPE) from error


def _signed_payload(envelope: bytes, key: Ed25519PublicKey) -> bytes:
    from cryptography.exceptions import InvalidSignature

    payload, signatures = _opened(envelope)
    for signature in signatures:
        try:
            key.verify(signature, _encoded(payload))
        except InvalidSignature:
            continue
        return payload
    raise AttestationError(f"no signature is by key {key_id(key)[:23]}…")


def _opened(envelope: bytes) -> tuple[bytes, list[bytes]]:
    """(payload, signatures), nothing of them believed."""
    try:
        tree = loads(envelope)
        kind = tree["payloadType"]
        payload = base64.b64decode(tree["payload"], validate=True)
        signatures = [base64.b64decode(entry["sig"], validate=True) for entry in tree["signatures"][:MAX_SIGNATURES]]
    except (ValueError, KeyError, TypeError, binascii.Error) as error:
        raise AttestationError("the signature is no DSSE envelope") from error
    if kind != PAYLOAD_TYPE:
        raise AttestationError(f"the envelope holds {kind}, not {PAYLOAD_TYPE}")
    return payload, signatures


def _encoded(payload: bytes) -> bytes:
    """DSSE pre-authentication encoding."""
    return b"DSSEv1 %d %s %d %s" % (len(PAYLOAD_TYPE), PAYLOAD_TYPE.encode(), len(payload), payload)
