"""A registry that lies, breaks off or asks for too much: refused or retried, and nothing is left behind."""

from __future__ import annotations

import threading
import zlib

import pytest
from hostile_registry import NAME, Hostile, Reply, package
from orun_source_oci import manifest as layout
from orun_source_oci.transport import Patience

ZEROS = "sha256:" + "0" * 64


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
        b"[" * 100_000,
        b'{"schemaVersion": 2, "layers": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"schemaVersion": 2, "layers": [], "x": ' + b"9" * 10_000 + b"}",
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


def test_a_pause_that_is_no_number_is_none(hostile, pull, pauses):
    hostile.routes["manifests/1"] = [Reply(429, headers={"Retry-After": "\xb2"}), Reply(200, hostile.manifest)]
    assert pull(hostile).digest == hostile.digest
    assert pauses == [0.5]


@pytest.mark.parametrize(
    "location", ["http://[::1", "https://", "https://h:99999/", "https://h:x/", "//[", "https:///x"]
)
def test_a_redirect_to_what_is_no_address(hostile, pull, location):
    hostile.routes["manifests/1"] = Reply(302, headers={"Location": location})
    pull(hostile, "source/refused-answer")
    assert len(hostile.seen("manifests")) == 1


def test_a_redirect_that_is_no_ascii(hostile, pull):
    hostile.routes["manifests/1"] = Reply(302, headers={"Location": "\xff\xfe"})
    pull(hostile, "source/not-found")


def test_a_body_that_drips_has_a_deadline(hostile, pull):
    enough, dripped_all = threading.Event(), []

    def drip(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", "1000000")
        handler.end_headers()
        for _ in range(200):
            handler.wfile.write(b"x")
            if enough.wait(0.05):
                return Reply(0)
        dripped_all.append(True)
        return Reply(0)

    hostile.routes["manifests/1"] = drip
    refused = pull(hostile, "source/unreachable", patience=Patience(attempts=1, read=5, answer=0.3))
    enough.set()
    assert "takes longer than 0.3 s" in refused.message
    assert dripped_all == []


def test_a_list_of_tags_that_is_none(hostile, pull):
    for content in (b"[" * 100_000, b'{"tags": 7}', b"[]"):
        hostile.routes["tags/list?n=1000"] = Reply(200, content)
        pull(hostile, "source/refused-answer", reference=f"oci://{hostile.host}/{NAME}:^1")


def test_versions_of_absurd_tags(hostile, pull):
    tags = b'{"tags": ["1.0.%s", "1.0.0-%s", "1.0.0"]}' % (b"9" * 5000, b"8" * 5000)
    hostile.routes["tags/list?n=1000"] = Reply(200, tags)
    hostile.routes["manifests/1.0.0"] = Reply(200, hostile.manifest)
    assert pull(hostile, reference=f"oci://{hostile.host}/{NAME}:^1").version == "1.0.0"


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
    stopped = threading.Event()

    def wait(handler):
        stopped.wait(30)
        return Reply(500)

    hostile.routes["manifests/1"] = wait
    pull(hostile, "source/unreachable", patience=Patience(attempts=2, read=0.2))
    stopped.set()
