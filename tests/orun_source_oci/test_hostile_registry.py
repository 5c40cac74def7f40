"""A registry that lies, breaks off or asks for too much: refused or retried, and nothing is left behind."""

from __future__ import annotations

import base64
import io
import json
import tarfile
import zlib
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hostile_registry import NAME, Hostile, Reply, digest_of
from orun_core.builtin.package_cache import PackageStore
from orun_core.spec.errors import CompileError
from orun_core.spec.source import SourceContext, SourceRequest
from orun_source_oci import manifest as layout
from orun_source_oci.credentials import CredentialStore
from orun_source_oci.registry import Repository
from orun_source_oci.signing import sign
from orun_source_oci.source import OciSource
from orun_source_oci.transport import Patience, Rules, Transport

SECRET = "Basic " + base64.b64encode(b"ada:secret").decode()
QUICK = Patience(answer=20, read=5)
ZEROS = "sha256:" + "0" * 64


def package(*members):
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as archive:
        for name, content in members or (("stack.yaml", b"kind: Stack\n"),):
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return zlib.compress(plain.getvalue(), wbits=31)


@pytest.fixture
def hostile():
    server = Hostile(package())
    yield server
    server.close()


@pytest.fixture
def other():
    server = Hostile(package())
    yield server
    server.close()


@pytest.fixture
def pauses():
    return []


@pytest.fixture
def pull(tmp_path, pauses):
    """Pulls from a hostile registry with credentials for its host; `said` is the code of the refusal, empty for none."""

    def pull(server, expected="", reference=None, options=None, patience=QUICK, **request):
        (tmp_path / "docker").mkdir(exist_ok=True)
        auths = {server.host: {"auth": SECRET.removeprefix("Basic ")}}
        (tmp_path / "docker/config.json").write_text(json.dumps({"auths": auths}))
        store = CredentialStore({"DOCKER_CONFIG": str(tmp_path / "docker"), "PATH": "/usr/bin:/bin"})

        def connect(wanted):
            return Repository(wanted, Transport(Rules(patience=patience), pauses.append), store)

        cache = PackageStore(tmp_path / "cache")
        wanted = SourceRequest(
            "p", "oci", ref=reference or f"oci://{server.host}/{NAME}:1", options=options or {}, **request
        )
        if not expected:
            return OciSource(connect).fetch(wanted, SourceContext(tmp_path, cache))
        with pytest.raises(CompileError) as caught:
            OciSource(connect).fetch(wanted, SourceContext(tmp_path, cache))
        assert [problem.code for problem in caught.value.diagnostics] == [expected]
        assert "secret" not in str(caught.value)
        assert cache.packages() == ()
        assert list((tmp_path / "cache").rglob("tree")) == []
        return caught.value.diagnostics[0]

    return pull


def test_an_honest_registry_is_pulled_by_digest(hostile, pull):
    fetched = pull(hostile)
    assert fetched.digest == hostile.digest
    assert (fetched.root / "stack.yaml").read_bytes() == b"kind: Stack\n"
    assert [request[1] for request in hostile.requests if request[1] != "/v2/"] == [
        f"/v2/{NAME}/manifests/1",
        f"/v2/{NAME}/blobs/{hostile.layer}",
    ]


# --- manifests ----------------------------------------------------------------------------------------------------------


def test_a_manifest_that_is_not_the_pinned_one(hostile, pull):
    hostile.routes[f"manifests/{ZEROS}"] = Reply(200, hostile.manifest)
    pull(hostile, "source/digest-mismatch", digest=ZEROS)


def test_a_manifest_that_is_not_the_locked_one(hostile, pull):
    hostile.routes[f"manifests/{ZEROS}"] = Reply(200, hostile.manifest, {"Docker-Content-Digest": ZEROS})
    pull(hostile, "source/digest-mismatch", locked=ZEROS)


def test_a_manifest_that_is_not_the_digest_of_its_header(hostile, pull):
    hostile.routes["manifests/1"] = Reply(200, hostile.manifest, {"Docker-Content-Digest": ZEROS})
    pull(hostile, "source/digest-mismatch")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b'{"schemaVersion": 1}',
        b'{"schemaVersion": 2}',
        b'{"schemaVersion": 2, "layers": {}}',
        b'{"schemaVersion": 2, "layers": []}',
        b'{"schemaVersion": 2, "layers": [7]}',
        b'{"schemaVersion": 2, "layers": [{"digest": "sha256:../../etc/passwd", "size": 1}]}',
        b'{"schemaVersion": 2, "layers": [{"digest": "md5:00", "size": 1}]}',
        b'{"schemaVersion": 2, "layers": [{"digest": "%s", "size": -1}]}' % ZEROS.encode(),
        b'{"schemaVersion": 2, "layers": [{"digest": "%s", "size": "1"}]}' % ZEROS.encode(),
        b'{"schemaVersion": 2, "layers": [{"digest": "%s", "size": true}]}' % ZEROS.encode(),
        b'{"schemaVersion": 2, "manifests": []}',
        b'{"schemaVersion": 2, "layers": [%s]}' % b", ".join([b"{}"] * 65),
    ],
)
def test_a_manifest_that_is_none(hostile, pull, content):
    hostile.serve(content)
    pull(hostile, "source/bad-manifest")


def test_an_endless_manifest(hostile, pull):
    hostile.routes["manifests/1"] = Reply(endless=True)
    pull(hostile, "source/refused-answer")


def test_a_manifest_larger_than_allowed(hostile, pull):
    hostile.routes["manifests/1"] = Reply(200, bytes(5 << 20))
    pull(hostile, "source/refused-answer")


def test_the_stack_of_an_index_is_verified_too(hostile, pull):
    entry = {"mediaType": layout.MANIFEST, "size": len(hostile.manifest), "artifactType": layout.STACK}
    hostile.serve({"schemaVersion": 2, "manifests": [{**entry, "digest": ZEROS}]})
    hostile.routes[f"manifests/{ZEROS}"] = Reply(200, hostile.manifest)
    pull(hostile, "source/digest-mismatch")
    digest = hostile.serve({"schemaVersion": 2, "manifests": [{**entry, "digest": hostile.digest}]})
    assert pull(hostile).digest == digest


# --- blobs --------------------------------------------------------------------------------------------------------------


def test_a_blob_with_a_changed_byte(hostile, pull):
    changed = hostile.package[:-1] + bytes([hostile.package[-1] ^ 1])
    hostile.routes[f"blobs/{hostile.layer}"] = Reply(200, changed)
    pull(hostile, "source/digest-mismatch")


def test_a_blob_that_is_shorter_than_its_size(hostile, pull):
    hostile.routes[f"blobs/{hostile.layer}"] = Reply(200, hostile.package[:-10])
    pull(hostile, "source/digest-mismatch")


def test_a_blob_that_is_longer_than_its_size(hostile, pull):
    hostile.routes[f"blobs/{hostile.layer}"] = Reply(200, hostile.package + b"more")
    pull(hostile, "source/digest-mismatch")


def test_an_endless_blob(hostile, pull):
    hostile.routes[f"blobs/{hostile.layer}"] = Reply(endless=True)
    pull(hostile, "source/digest-mismatch")


def test_a_blob_whose_claimed_size_is_wrong(hostile, pull):
    layer = {"mediaType": layout.COMPOSITIONS, "digest": hostile.layer, "size": len(hostile.package) + 1}
    hostile.serve({"schemaVersion": 2, "layers": [layer]})
    pull(hostile, "source/digest-mismatch")


def test_a_blob_larger_than_allowed_is_not_even_asked_for(hostile, pull):
    hostile.serve(
        {"schemaVersion": 2, "layers": [{"mediaType": layout.COMPOSITIONS, "digest": hostile.layer, "size": 1 << 40}]}
    )
    pull(hostile, "source/refused-answer")
    assert hostile.seen("blobs") == []


def test_a_blob_that_is_compressed_on_the_way(hostile, pull):
    bomb = zlib.compress(bytes(50 << 20), wbits=31)
    hostile.routes[f"blobs/{hostile.layer}"] = Reply(200, bomb, {"Content-Encoding": "gzip"})
    pull(hostile, "source/refused-answer")


def test_a_missing_blob(hostile, pull):
    hostile.routes[f"blobs/{hostile.layer}"] = Reply(404)
    pull(hostile, "source/not-found")


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ([("../evil", b"x")], "archive/hostile"),
        ([("/evil", b"x")], "archive/hostile"),
        ([("a", b"x"), ("A", b"y")], "archive/hostile"),
        ([("a", bytes(20 << 20))], "archive/too-large"),
    ],
)
def test_a_hostile_archive_with_the_right_digest(tmp_path, pull, members, code):
    server = Hostile(package(*members))
    pull(server, code)
    server.close()
    assert not (tmp_path / "evil").exists()


# --- trouble on the way -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_passing_failure_is_retried_with_growing_pauses(hostile, pull, pauses, status):
    honest = Reply(200, hostile.manifest, {"Content-Type": layout.MANIFEST})
    hostile.routes["manifests/1"] = [Reply(status), Reply(status), honest]
    assert pull(hostile).digest == hostile.digest
    assert pauses == [0.5, 1.0]


def test_a_lasting_failure_is_given_up(hostile, pull, pauses):
    hostile.routes["manifests/1"] = Reply(500)
    pull(hostile, "source/unreachable")
    assert len(hostile.seen("manifests")) == 4
    assert pauses == [0.5, 1.0, 2.0]


def test_a_server_that_says_when_is_believed_up_to_a_limit(hostile, pull, pauses):
    honest = Reply(200, hostile.manifest)
    hostile.routes["manifests/1"] = [
        Reply(429, headers={"Retry-After": "7"}),
        Reply(429, headers={"Retry-After": "999999"}),
        honest,
    ]
    assert pull(hostile).digest == hostile.digest
    assert pauses == [7.0, 20]


def test_a_dropped_connection_is_retried(hostile, pull, pauses):
    hostile.routes["manifests/1"] = [Reply(0), Reply(200, hostile.manifest)]
    assert pull(hostile).digest == hostile.digest
    assert pauses == [0.5]


def test_a_blob_that_breaks_off_is_fetched_again_from_its_start(hostile, pull, pauses):
    whole = Reply(200, hostile.package)
    hostile.routes[f"blobs/{hostile.layer}"] = [Reply(200, hostile.package, cut=20), whole]
    assert (pull(hostile).root / "stack.yaml").is_file()
    assert pauses == [0.5]


def test_connections_that_always_drop(hostile, pull):
    hostile.routes["manifests/1"] = Reply(0)
    pull(hostile, "source/unreachable")


def test_nobody_listens(hostile, pull):
    hostile.close()
    pull(hostile, "source/unreachable")


def test_a_server_that_never_answers(hostile, pull):
    import threading

    stopped = threading.Event()

    def wait(handler):
        stopped.wait(30)
        return Reply(500)

    hostile.routes["manifests/1"] = wait
    pull(hostile, "source/unreachable", patience=Patience(attempts=2, read=0.2))
    stopped.set()


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
    "realm", ["http://registry.example/token", "file:///etc/passwd", "", "https://ada:x@127.0.0.1/token", "//127.0.0.1"]
)
def test_a_realm_that_must_not_be_asked(hostile, pull, realm):
    hostile.routes["manifests/1"] = asks(f'Bearer realm="{realm}"')
    pull(hostile, "source/refused-answer")


@pytest.mark.parametrize(
    "answer",
    [b"", b"{}", b"[]", b'{"token": 7}', b'{"token": "a\\r\\nX-Evil: 1"}', b'{"token": "%s"}' % (b"t" * 70_000)],
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
