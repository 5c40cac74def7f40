"""No secret leaves, however it is encoded and however the stream is cut."""

from __future__ import annotations

import base64
import html
import json
import re
import shlex
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st
from orun_core.runtime.redact import MASK, MaskedStream, Masker

CANARY = "cAn4ry/+ value'\"$&<é>\nsecond line of it\n"
SECRETS = st.text(min_size=6, max_size=40).filter(lambda text: len(text.strip().encode()) >= 6 and "*" not in text)


def stream(masker: Masker, chunks: list[bytes]) -> bytes:
    masked = MaskedStream(masker)
    return b"".join([*(masked.feed(chunk) for chunk in chunks), masked.finish()])


ENCODINGS = {
    "whole": CANARY,
    "trimmed": CANARY.strip(),
    "a line": "second line of it",
    "base64": base64.b64encode(CANARY.encode()).decode(),
    "base64 at 1": base64.b64encode(b"x" + CANARY.encode()).decode(),
    "base64 at 2": base64.b64encode(b"xy" + CANARY.encode() + b"z").decode(),
    "base64 url": base64.urlsafe_b64encode(CANARY.encode()).decode(),
    "url": quote(CANARY, safe=""),
    "url form": quote_plus(CANARY),
    "url lower": re.sub("%..", lambda code: code[0].lower(), quote(CANARY, safe="")),
    "json": json.dumps(CANARY),
    "json utf-8": json.dumps(CANARY, ensure_ascii=False),
    "json in json": json.dumps(json.dumps(CANARY)),
    "shell": shlex.quote(CANARY),
    "html": html.escape(CANARY),
    "hex": CANARY.encode().hex(),
    "crlf": CANARY.replace("\n", "\r\n"),
    "utf-16": CANARY.encode("utf-16-le").decode("utf-8", "surrogateescape"),
}


@pytest.mark.parametrize("name", ENCODINGS)
def test_every_usual_encoding_is_masked(name):
    text = f"before {ENCODINGS[name]} after"
    masked = Masker([CANARY]).mask(text)
    assert "***" in masked
    for part in ("cAn4ry", "second line", "value"):
        wide = part.encode("utf-16-le").decode()
        for form in (part, wide, base64.b64encode(part.encode()).decode()[:-3], part.encode().hex()):
            assert form not in masked
    assert masked.startswith("before ")
    assert masked.endswith(" after")


def test_the_shortest_secret_is_masked_in_base64_too():
    assert Masker(["q7Zk"]).mask("q7Zk cTdaaw== cTdaaw") == "*** ***== ***"


def test_blank_lines_of_a_secret_are_no_secret():
    assert Masker(["{\n        \n  one: canary\n}"]).mask("        indented") == "        indented"


def test_wrapped_base64_is_masked_line_by_line():
    secret = "k" + "0123456789abcdef" * 12
    wrapped = base64.encodebytes(secret.encode()).decode()
    assert set(Masker([secret]).mask(wrapped).rstrip("=\n").split()) == {"***"}


@given(SECRETS, st.binary(max_size=60), st.binary(max_size=60), st.lists(st.integers(1, 20), max_size=30))
def test_cuts_change_nothing(secret, before, after, sizes):
    masker = Masker([secret])
    data = before + secret.encode("utf-8", "surrogateescape") + after
    chunks, at = [], 0
    for size in sizes:
        chunks.append(data[at : at + size])
        at += size
    chunks.append(data[at:])
    whole = stream(masker, [data])
    assert stream(masker, chunks) == whole
    assert secret.strip().encode() not in whole.replace(MASK, b"\0")


@given(st.lists(SECRETS, min_size=1, max_size=30), st.binary(max_size=200), st.integers(0, 200))
def test_many_secrets_are_found_wherever_they_stand(secrets, noise, at):
    masker = Masker(secrets)
    data = noise[:at] + secrets[0].encode() + noise[at:]
    assert secrets[0].strip().encode() not in stream(masker, [data]).replace(MASK, b"\0")


@given(st.lists(st.binary(max_size=30), max_size=10))
def test_a_stream_without_secrets_is_unchanged(chunks):
    data = b"".join(chunks)
    masker = Masker(["a-secret-that-is-not-there"])
    assert stream(masker, chunks) == data


def test_output_is_held_back_only_while_it_may_become_a_secret():
    masked = MaskedStream(Masker(["hunter2-hunter2"]))
    assert masked.feed(b"password: hunt") == b"password: "
    assert masked.feed(b"ing\n") == b"hunting\n"


def test_overlapping_secrets_become_one_mask():
    masker = Masker(["aaaa-bbbb", "bbbb-cccc"])
    assert stream(masker, [b"<aaaa-bbbb-cccc>"]) == b"<***>"


def test_a_secret_that_continues_itself_needs_constant_memory():
    masked = MaskedStream(Masker(["aaaaaaaa"]))
    shown = b"".join(masked.feed(b"a" * 4096) for _ in range(50)) + masked.finish()
    assert shown == MASK
    assert len(masked._held) == 0


def test_values_added_later_count_from_the_next_chunk_on():
    masker = Masker()
    masked = MaskedStream(masker)
    assert masked.feed(b"token-one\n") == b"token-one\n"
    masker.add("token-one")
    assert masked.feed(b"token-one\n") == b"***\n"


def test_very_short_values_and_lines_are_left_alone():
    assert Masker(["no", "yes\nlong enough"]).mask("no yes, long enough") == "no yes, ***"
