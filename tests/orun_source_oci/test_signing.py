"""Signatures: what counts as one, and what does not."""

from __future__ import annotations

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from orun_core.spec.errors import CompileError
from orun_source_oci.signing import bundle, check, is_signed, key_ids, sign, unbundle

DIGEST, OTHER = "sha256:" + "1" * 64, "sha256:" + "2" * 64
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
STRANGER = Ed25519PrivateKey.from_private_bytes(bytes(32))


def envelope(key=KEY, digest=DIGEST):
    return json.loads(sign("h.example/a/b", digest, key))


def changed(**fields):
    return {**envelope(), **fields}


def test_a_signature_is_good_for_one_manifest_and_one_key():
    assert is_signed(envelope(), DIGEST, KEY.public_key())
    assert not is_signed(envelope(), OTHER, KEY.public_key())
    assert not is_signed(envelope(), DIGEST, STRANGER.public_key())
    assert sign("h.example/a/b", DIGEST, KEY) == sign("h.example/a/b", DIGEST, KEY)


def test_the_form_is_that_of_dsse():
    made = envelope()
    payload = base64.b64decode(made["payload"])
    assert json.loads(payload)["subject"] == [{"name": "h.example/a/b", "digest": {"sha256": "1" * 64}}]
    kind = b"application/vnd.in-toto+json"
    signed = b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)
    KEY.public_key().verify(base64.b64decode(made["signatures"][0]["sig"]), signed)


@pytest.mark.parametrize(
    "forged",
    [
        None,
        [],
        {},
        changed(payload="!"),
        changed(payload=base64.b64encode(b"{}").decode()),
        changed(payloadType="text/plain"),
        changed(signatures=[]),
        changed(signatures=[{"sig": "AAAA"}]),
        changed(signatures=envelope(STRANGER)["signatures"]),
        changed(payload=envelope(digest=OTHER)["payload"]),
        changed(signatures=7),
    ],
)
def test_what_is_no_signature(forged):
    assert not is_signed(forged, DIGEST, KEY.public_key())
    assert not is_signed(forged, OTHER, KEY.public_key())


def test_one_of_several_signatures_is_enough():
    both = changed(signatures=[*envelope(STRANGER)["signatures"], *envelope()["signatures"]])
    assert is_signed(both, DIGEST, KEY.public_key())


@pytest.mark.parametrize(
    ("envelopes", "required"), [([], True), ([envelope(STRANGER)], True), ([envelope(STRANGER)], False)]
)
def test_a_package_is_refused(envelopes, required):
    with pytest.raises(CompileError) as caught:
        check("p", DIGEST, envelopes, KEY.public_key(), required=required)
    assert caught.value.diagnostics[0].code == "source/unsigned"


def test_a_package_is_accepted():
    check("p", DIGEST, [envelope(STRANGER), envelope()], KEY.public_key(), required=True)
    check("p", DIGEST, [], KEY.public_key(), required=False)


def test_a_bundle_that_was_damaged_holds_nothing():
    assert unbundle(bundle([envelope()])) == [envelope()]
    for content in (b"", b"{", b"{}", b"7"):
        assert unbundle(content) == []


def test_key_ids_of_what_is_no_envelope_are_none():
    strange = [[], "x", None, {"signatures": 7}, {"signatures": [7, {"keyid": 5}, {}]}]
    assert key_ids([envelope(), *strange]) == [envelope()["signatures"][0]["keyid"], "5", ""]
