"""The lock: its text, and what is fetched under it."""

from __future__ import annotations

from pathlib import Path

import pytest
from orun_core.compiler.lockfile import (
    LOCK_FILE,
    Lock,
    LockedSource,
    LockedSources,
    read_actions,
    read_lock,
    same_packages,
    to_text,
    write_actions,
    write_lock,
)
from orun_core.spec.errors import CompileError
from orun_core.spec.source import FetchedSource, SourceContext, SourceRequest
from orun_core.spec.stages import Package

ONE, TWO = "sha256:" + "1" * 64, "sha256:" + "2" * 64
TEXT = f"""\
apiVersion: sourceplane.io/v1alpha1
kind: CompositionLock
sources:
    - name: local
      kind: dir
      path: ./compositions
      resolvedDigest: {ONE}
      exports:
        - cloudflare-pages
        - terraform
    - name: shared
      kind: oci
      ref: oci://h.example/acme/shared:^1.2
      resolvedDigest: {TWO}
      version: "1.10.0"
      exports:
        - "on"
"""
LOCAL = LockedSource("local", "dir", ONE, path="./compositions", exports=("cloudflare-pages", "terraform"))
SHARED = LockedSource("shared", "oci", TWO, ref="oci://h.example/acme/shared:^1.2", version="1.10.0", exports=("on",))


def test_the_text_is_the_originals_with_a_version_where_there_is_one(tmp_path):
    assert to_text(Lock((LOCAL, SHARED))) == TEXT
    assert write_lock(tmp_path, Lock((LOCAL, SHARED))) == tmp_path / LOCK_FILE
    assert (tmp_path / LOCK_FILE).read_text() == TEXT
    assert read_lock(tmp_path) == Lock((LOCAL, SHARED))
    write_lock(tmp_path, Lock())
    assert read_lock(tmp_path) == Lock()
    assert list((tmp_path / ".orun").iterdir()) == [tmp_path / LOCK_FILE]


def test_no_lock(tmp_path):
    assert (read_lock(tmp_path), read_actions(tmp_path)) == (None, {})


ACTIONS = {"acme/tools/lint@release/1": "d" * 40, "actions/checkout@v4": "c" * 40}
PINS = f"""\
actions:
    acme/tools/lint@release/1:
      commit: {"d" * 40}
    actions/checkout@v4:
      commit: {"c" * 40}
"""


def test_actions_stand_beside_the_packages_and_neither_writes_over_the_other(tmp_path):
    write_actions(tmp_path, dict(reversed(ACTIONS.items())))
    assert (tmp_path / LOCK_FILE).read_text() == TEXT.partition("sources:")[0] + PINS
    assert (read_lock(tmp_path), read_actions(tmp_path)) == (None, ACTIONS)
    write_lock(tmp_path, Lock((LOCAL, SHARED)))
    assert (tmp_path / LOCK_FILE).read_text() == TEXT + PINS
    assert (read_lock(tmp_path), read_actions(tmp_path)) == (Lock((LOCAL, SHARED)), ACTIONS)
    write_actions(tmp_path, {})
    assert (tmp_path / LOCK_FILE).read_text() == TEXT


def test_packages_are_the_same_whatever_the_actions_are():
    assert same_packages(TEXT.encode(), Lock((LOCAL, SHARED)))
    assert same_packages((TEXT + PINS).encode(), Lock((LOCAL, SHARED)))
    assert not same_packages((TEXT + PINS).encode(), Lock((LOCAL,)))
    assert not same_packages((TEXT + "\n" + PINS).encode(), Lock((LOCAL, SHARED)))


@pytest.mark.parametrize(
    "actions", ["{a@1: {}}", "[7]", "{a@1: 7}", "{a@1: {commit: v4}}", f"{{a@1: {{commit: {'C' * 40}}}}}"]
)
def test_damaged_actions_are_not_taken_for_none(tmp_path, actions):
    (tmp_path / ".orun").mkdir()
    (tmp_path / LOCK_FILE).write_text(f"kind: CompositionLock\nactions: {actions}\n")
    with pytest.raises(CompileError) as caught:
        read_actions(tmp_path)
    assert [problem.code for problem in caught.value.diagnostics] == ["lock/unreadable"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "7",
        "kind: Intent\n",
        "kind: CompositionLock\nsources: [{name: a}]\n",
        "kind: CompositionLock\nsources: [7]\n",
    ],
)
def test_a_damaged_lock_is_not_taken_for_no_lock(tmp_path, text):
    (tmp_path / ".orun").mkdir()
    (tmp_path / LOCK_FILE).write_text(text)
    with pytest.raises(CompileError) as caught:
        read_lock(tmp_path)
    (problem,) = caught.value.diagnostics
    assert problem.code == "lock/unreadable"
    assert "NoneType" not in problem.message


class Fetched:
    """A plugin that answers with a digest and remembers what it was asked."""

    def __init__(self, digest, version=""):
        self.digest, self.version, self.asked = digest, version, []

    def __call__(self, request, context):
        self.asked.append((request.locked, request.locked_version))
        return FetchedSource(self.digest, Path("x"), self.version)


def sources(lock, plugin, *, frozen=False):
    return LockedSources(lock, SourceContext(Path(), None, frozen=frozen), plugin)


def code(caught):
    return [problem.code for problem in caught.value.diagnostics]


OCI = SourceRequest("shared", "oci", ref="oci://h.example/acme/shared:^1.2")
DIR = SourceRequest("local", "dir", path="./compositions")


def test_the_plugin_is_told_what_is_locked():
    plugin = Fetched(TWO)
    fetched = sources(Lock((SHARED,)), plugin, frozen=True).fetch(OCI)
    assert plugin.asked == [(TWO, "1.10.0")]
    assert (fetched.digest, fetched.version) == (TWO, "1.10.0")


@pytest.mark.parametrize(
    "request_",
    [
        SourceRequest("shared", "oci", ref="oci://h.example/acme/shared:^2"),
        SourceRequest("shared", "git", ref="oci://h.example/acme/shared:^1.2"),
        SourceRequest("other", "oci", ref="oci://h.example/acme/shared:^1.2"),
        SourceRequest("shared", "oci", ref="oci://h.example/acme/shared:^1.2", digest=ONE),
    ],
)
def test_an_entry_for_another_request_does_not_count(request_):
    plugin = Fetched(request_.digest or TWO)
    sources(Lock((SHARED,)), plugin).fetch(request_)
    assert plugin.asked == [("", "")]
    with pytest.raises(CompileError) as caught:
        sources(Lock((SHARED,)), plugin, frozen=True).fetch(request_)
    assert code(caught) == ["lock/stale"]
    with pytest.raises(CompileError) as caught:
        sources(None, plugin, frozen=True).fetch(request_)
    assert code(caught) == ["lock/missing"]


def test_a_pin_of_the_intent_stands_above_all():
    request = SourceRequest("local", "dir", path="./compositions", digest=ONE)
    with pytest.raises(CompileError) as caught:
        sources(None, Fetched(TWO)).fetch(request)
    assert code(caught) == ["source/digest-mismatch"]


def test_a_folder_may_change_but_not_when_frozen_and_a_reference_never():
    assert sources(Lock((LOCAL,)), Fetched(TWO)).fetch(DIR).digest == TWO
    with pytest.raises(CompileError) as caught:
        sources(Lock((LOCAL,)), Fetched(TWO), frozen=True).fetch(DIR)
    assert code(caught) == ["lock/stale"]
    with pytest.raises(CompileError) as caught:
        sources(Lock((SHARED,)), Fetched(ONE)).fetch(OCI)
    assert code(caught) == ["lock/stale"]


def test_a_frozen_lock_has_nothing_too_much():
    package = Package(OCI, TWO, "shared", "", {"on": None}, "1.10.0")
    assert sources(Lock((SHARED,)), Fetched(TWO), frozen=True).settled([package]) == Lock((SHARED,))
    assert sources(Lock((LOCAL, SHARED)), Fetched(TWO)).settled([package]) == Lock((SHARED,))
    with pytest.raises(CompileError) as caught:
        sources(Lock((LOCAL, SHARED)), Fetched(TWO), frozen=True).settled([package])
    assert code(caught) == ["lock/stale"]
    assert "local" in str(caught.value)
