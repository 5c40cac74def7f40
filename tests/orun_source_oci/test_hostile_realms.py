"""A registry that asks for credentials, sends elsewhere, or signs: who is told what, and who is believed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hostile_registry import NAME, QUICK, SECRET, Reply, digest_of
from orun_core.builtin.package_cache import PackageStore
from orun_core.spec.errors import CompileError
from orun_core.spec.source import SourceContext, SourceRequest
from orun_source_oci import manifest as layout
from orun_source_oci.credentials import CredentialStore
from orun_source_oci.registry import Repository
from orun_source_oci.signing import sign
from orun_source_oci.source import OciSource
from orun_source_oci.transport import Patience, Rules, Transport

# --- redirects and credentials ------------------------------------------------------------------------------------------


def asks(challenge):
    """A route that wants credentials."""
    return Reply(401, b"{}", {"WWW-Authenticate": challenge})


def test_a_401_that_never_ends(hostile, pull):
    hostile.routes["manifests/1"] = asks('Basic realm="x"')
    pull(hostile, "source/unauthorized")
    assert len(hostile.seen("manifests")) == 2


def test_a_token_that_is_never_good(hostile, pull):
    hostile.routes["manifests/1"] = asks(f'Bearer realm="http://{hostile.host}/token",service="s"')
    hostile.routes["/token"] = Reply(200, b'{"token": "t"}')
    pull(hostile, "source/unauthorized")
    assert [request[2] for request in hostile.seen("manifests")] == ["", "Bearer t"]


def test_credentials_go_to_the_own_realm_with_the_scope(hostile, pull):
    honest = Reply(200, hostile.manifest)

    def guarded(handler):
        asked = asks(f'Bearer realm="http://{hostile.host}/token",service="s"')
        return honest if handler.headers.get("Authorization") == "Bearer t" else asked

    hostile.routes["manifests/1"] = guarded
    hostile.routes["/token"] = Reply(200, b'{"access_token": "t"}')
    assert pull(hostile).digest == hostile.digest
    [(_, path, authorization)] = hostile.seen("/token")
    assert authorization == SECRET
    assert path == "/token?service=s&scope=repository%3Aacme%2Fplatform%3Apull"


def test_credentials_are_never_sent_to_the_realm_of_another_host(hostile, other, pull):
    hostile.routes["manifests/1"] = asks(f'Bearer realm="http://{other.host}/token",service="s"')
    other.routes["/token"] = Reply(401)
    problem = pull(hostile, "source/unauthorized")
    assert [request[2] for request in other.seen("/token")] == [""]
    assert f"orun login {other.host}" in problem.hint


def test_a_token_for_nobody_of_another_host_is_good_enough(hostile, other, pull):
    def guarded(handler):
        asked = asks(f'Bearer realm="http://{other.host}/token"')
        return Reply(200, hostile.manifest) if handler.headers.get("Authorization") == "Bearer t" else asked

    hostile.routes["manifests/1"] = guarded
    other.routes["/token"] = Reply(200, b'{"token": "t"}')
    assert pull(hostile).digest == hostile.digest
    assert [request[2] for request in other.requests] == [""]


@pytest.mark.parametrize(
    "realm",
    [
        "http://registry.example/token",
        "file:///etc/passwd",
        "",
        "https://ada:x@127.0.0.1/token",
        "//127.0.0.1",
        "https://[x",
        "https:///t",
    ],
)
def test_a_realm_that_must_not_be_asked(hostile, pull, realm):
    hostile.routes["manifests/1"] = asks(f'Bearer realm="{realm}"')
    pull(hostile, "source/refused-answer")


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"{}",
        b"[]",
        b"[" * 60_000,
        b'{"token": 7}',
        b'{"token": "a\\r\\nX-Evil: 1"}',
        b'{"token": "%s"}' % (b"t" * 70_000),
    ],
)
def test_a_realm_that_gives_no_token(hostile, pull, answer):
    hostile.routes["manifests/1"] = asks(f'Bearer realm="http://{hostile.host}/token"')
    hostile.routes["/token"] = Reply(200, answer)
    pull(hostile, "source/refused-answer")


def test_an_endless_token(hostile, pull):
    hostile.routes["manifests/1"] = asks(f'Bearer realm="http://{hostile.host}/token"')
    hostile.routes["/token"] = Reply(endless=True)
    pull(hostile, "source/refused-answer")


def test_a_redirect_to_another_host_is_followed_without_credentials(hostile, other, pull):
    def guarded(handler):
        if not handler.headers.get("Authorization"):
            return asks('Basic realm="x"')
        return Reply(307, headers={"Location": f"http://{other.host}/elsewhere"})

    hostile.routes[f"blobs/{hostile.layer}"] = guarded
    other.routes["/elsewhere"] = Reply(200, hostile.package)
    assert pull(hostile).digest == hostile.digest
    assert [request[2] for request in hostile.seen("blobs")] == ["", SECRET]
    assert [request[2] for request in other.requests] == [""]


def test_what_another_host_serves_is_verified(hostile, other, pull):
    hostile.routes[f"blobs/{hostile.layer}"] = Reply(302, headers={"Location": f"http://{other.host}/elsewhere"})
    other.routes["/elsewhere"] = Reply(200, b"x" * len(hostile.package))
    pull(hostile, "source/digest-mismatch")


@pytest.mark.parametrize(
    "target", ["http://registry.example/x", "ftp://127.0.0.1/x", "file:///etc/passwd", "http://a:b@127.0.0.1/"]
)
def test_a_redirect_that_must_not_be_followed(hostile, pull, target):
    hostile.routes["manifests/1"] = Reply(302, headers={"Location": target})
    pull(hostile, "source/refused-answer")


def test_a_redirect_that_never_ends(hostile, pull):
    hostile.routes["manifests/1"] = Reply(302, headers={"Location": f"/v2/{NAME}/manifests/1"})
    pull(hostile, "source/refused-answer")
    assert len(hostile.seen("manifests")) == 6


def test_plain_http_is_for_loopback_only(hostile, pull):
    pull(
        hostile, "source/unreachable", reference="oci://registry.invalid/acme/platform:1", patience=Patience(attempts=1)
    )


# --- tags and signatures ------------------------------------------------------------------------------------------------


def test_pages_of_tags_that_never_end(hostile, pull):
    more = {"Link": '</v2/x/tags/list?n=1&last=a>; rel="next"'}
    hostile.routes[f"/v2/{NAME}/tags/list"] = Reply(200, b'{"tags": ["0.0.1"]}', more)
    pull(hostile, "source/refused-answer", reference=f"oci://{hostile.host}/{NAME}:^1.0")


@pytest.mark.parametrize("answer", [b"", b"[]", b'{"tags": 7}'])
def test_tags_that_are_none(hostile, pull, answer):
    hostile.routes[f"/v2/{NAME}/tags/list"] = Reply(200, answer)
    pull(hostile, "source/refused-answer", reference=f"oci://{hostile.host}/{NAME}:^1.0")


@pytest.mark.parametrize(
    "reference",
    ["nohost", "oci://h.example/UPPER:1", "oci://h.example/a:b c", "h.example/a@sha256:1", "oci://h.example/a:^x^"],
)
def test_a_reference_that_is_none(hostile, pull, reference):
    pull(hostile, "source/bad-reference", reference=reference)


def test_a_digest_of_the_right_manifest_is_enough(hostile, pull):
    assert pull(hostile, reference=f"oci://{hostile.host}/{NAME}@{hostile.digest}").digest == digest_of(
        hostile.manifest
    )


def signed(hostile, path):
    """Serve a signature of the package by its key under a list of referrers; returns the options that ask for it."""
    key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    envelope = sign(NAME, hostile.digest, key)
    layer = layout.describe(layout.ENVELOPE, envelope)
    content = layout.manifest(layout.SIGNATURE, [layer], {})
    entry = replace(layout.describe(layout.MANIFEST, content), artifact_type=layout.SIGNATURE)
    hostile.routes[f"/v2/{NAME}/{path}"] = Reply(200, layout.index([entry]), {"Content-Type": layout.INDEX})
    hostile.routes[f"manifests/{entry.digest}"] = Reply(200, content)
    hostile.routes[f"blobs/{layer.digest}"] = Reply(200, envelope)
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), layer.digest


@pytest.mark.parametrize("where", ["referrers/DIGEST", "manifests/sha256-DIGEST"])
def test_signatures_are_found_by_the_api_and_by_the_fallback_tag(tmp_path, hostile, pull, where):
    path = where.replace("sha256-DIGEST", hostile.digest.replace(":", "-")).replace("DIGEST", hostile.digest)
    pem, _ = signed(hostile, path)
    (tmp_path / "key.pem").write_bytes(pem)
    verify = {"verify": {"keyRef": "key.pem", "required": True}}
    assert pull(hostile, options=verify).digest == hostile.digest


def test_a_signature_is_verified_as_a_blob_too(tmp_path, hostile, pull):
    pem, blob = signed(hostile, f"referrers/{hostile.digest}")
    (tmp_path / "key.pem").write_bytes(pem)
    hostile.routes[f"blobs/{blob}"] = Reply(200, b"{}")
    with pytest.raises(CompileError) as caught:
        pull(hostile, options={"verify": {"keyRef": "key.pem", "required": True}})
    assert caught.value.diagnostics[0].code == "source/digest-mismatch"


def test_a_floating_reference_is_refused_when_frozen(hostile, tmp_path):
    context = SourceContext(tmp_path, PackageStore(tmp_path / "cache"), frozen=True)
    request = SourceRequest("p", "oci", ref=f"oci://{hostile.host}/{NAME}:1")
    with pytest.raises(CompileError) as caught:
        OciSource(lambda wanted: pytest.fail("asked")).fetch(request, context)
    assert caught.value.diagnostics[0].code == "source/floating"


def test_a_proxy_of_the_environment_is_used(hostile, tmp_path, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", f"http://{hostile.host}")
    monkeypatch.setenv("NO_PROXY", "")
    base = f"http://registry.invalid/v2/{NAME}"
    hostile.routes[f"{base}/manifests/1"] = Reply(200, hostile.manifest)
    hostile.routes[f"{base}/blobs/{hostile.layer}"] = Reply(200, hostile.package)
    rules = Rules(plain=frozenset({"registry.invalid"}), patience=QUICK)
    store = CredentialStore({"DOCKER_CONFIG": str(tmp_path)})
    source = OciSource(lambda wanted: Repository(wanted, Transport(rules), store))
    request = SourceRequest("p", "oci", ref=f"oci://registry.invalid/{NAME}:1")
    fetched = source.fetch(request, SourceContext(tmp_path, PackageStore(tmp_path / "cache")))
    assert fetched.digest == hostile.digest
