"""What is read of a reference and of a manifest."""

from __future__ import annotations

import pytest
from orun_core.spec.errors import CompileError
from orun_source_oci import manifest as layout
from orun_source_oci.reference import Reference, is_loopback, parse, parse_host

DIGEST = "sha256:" + "1" * 64


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("oci://ghcr.io/acme/platform:1.2.0", Reference("ghcr.io", "acme/platform", "1.2.0")),
        (" acme/platform ", Reference("ghcr.io", "acme/platform", "latest")),
        ("localhost/platform", Reference("localhost", "platform", "latest")),
        ("localhost:5000/a/b/c:x", Reference("localhost:5000", "a/b/c", "x")),
        ("[::1]:5000/a", Reference("[::1]:5000", "a", "latest")),
        (f"h.example/a:1@{DIGEST}", Reference("h.example", "a", digest=DIGEST)),
        ("h.example/a:^1.2", Reference("h.example", "a", range="^1.2")),
        ("h.example/a:1.x", Reference("h.example", "a", range="1.x")),
        ("h.example/a:>=1.2 <3", Reference("h.example", "a", range=">=1.2 <3")),
        ("h.example/a:1.2", Reference("h.example", "a", "1.2")),
    ],
)
def test_a_reference(text, wanted):
    assert parse(text) == wanted


@pytest.mark.parametrize(
    "text", ["platform", "", "oci://", "h.example/a/../b", "h.example/a:tag:tag", "h.example/a@md5:1", "h exa/a"]
)
def test_what_is_no_reference(text):
    with pytest.raises(CompileError) as caught:
        parse(text)
    assert caught.value.diagnostics[0].code == "source/bad-reference"


def test_hosts():
    assert parse_host("https://h.example:5000/") == "h.example:5000"
    loopback = ["localhost", "localhost:5000", "127.0.0.1", "127.9.9.9:80", "[::1]:5000"]
    assert [is_loopback(host) for host in loopback] == [True] * 5
    far = ["localhost.example", "127.0.0.1.example:80", "10.0.0.1", "h.example:127"]
    assert [is_loopback(host) for host in far] == [False] * 4


def layer(media_type, number):
    return {"mediaType": media_type, "digest": "sha256:" + str(number) * 64, "size": 1}


@pytest.mark.parametrize(
    ("types", "chosen"),
    [
        ([layout.EXAMPLES, layout.COMPOSITIONS, layout.LEGACY], 1),
        ([layout.EXAMPLES, layout.LEGACY], 1),
        (["application/x", "application/y"], 0),
    ],
)
def test_the_layer_of_the_compositions(types, chosen):
    tree = {"layers": [layer(media_type, number) for number, media_type in enumerate(types)]}
    assert layout.package_layer(tree).digest == "sha256:" + str(chosen) * 64


def test_a_manifest_is_the_same_bytes_for_the_same_content():
    first = layout.manifest(layout.STACK, [layout.describe(layout.COMPOSITIONS, b"x")], {"b": "2", "a": "1"})
    again = layout.manifest(layout.STACK, [layout.describe(layout.COMPOSITIONS, b"x")], {"a": "1", "b": "2"})
    assert first == again
    tree = layout.read(first)
    assert tree["config"]["digest"] == "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    assert tree["artifactType"] == "application/vnd.orun.stack.v1"
