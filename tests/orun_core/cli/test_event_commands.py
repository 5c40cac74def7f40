"""`orun trigger` and `orun intent`: what an event would plan, and what the intent is once presets are merged."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from compiling import STACK, Project, composition
from orun_core.cli.main import run
from orun_core.cli.report import Reporter
from orun_core.spec.errors import ExitCode

INTENT = """\
    metadata: {name: shop}
    compositions: {sources: [{name: local, kind: dir, path: ./stack}]}
    extends: [{source: local, preset: base}]
    env: {ORG: ours}
    automation:
      triggerBindings:
        push:
          on: {provider: manual, event: push, branches: [main, release/*]}
          plan: {scope: changed, base: before}
        release: {on: {provider: manual, event: push, tags: [v*]}}
    environments:
      dev: {activation: {triggerRefs: [push]}}
      prod: {activation: {triggerRefs: [release]}}
    components: [{name: api, type: svc, subscribe: {environments: [dev, prod]}}]
    """
PRESET = """\
    kind: IntentPreset
    metadata: {name: base}
    spec:
      env: {ORG: theirs, REGION: eu}
      automation:
        triggerBindings:
          nightly: {on: {provider: manual, event: schedule}}
      environments:
        dev:
          policies: {tier: low}
    """
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def orun(project: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    project.write(
        {
            "intent.yaml": INTENT,
            "stack/stack.yaml": STACK + "spec: {intentPresets: [{name: base, path: base.yaml}]}\n",
            "stack/base.yaml": PRESET,
            "stack/compositions/svc/composition.yaml": composition(),
        }
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ORUN_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("ORUN_DISABLE_PLUGIN_AUTOLOAD", "1")

    def call(*arguments: str, event: dict[str, str] | None = None) -> tuple[int, str, str]:
        if event is not None:
            (tmp_path / "event.json").write_text(json.dumps(event))
            arguments += ("--from-ci", "manual", "--event-file", "event.json")
        code = run(list(arguments), Reporter())
        return code, *capsys.readouterr()

    return call


def test_the_bindings_are_listed(orun: Run) -> None:
    assert orun("trigger", "list") == (
        ExitCode.OK,
        """\
nightly  stack/base.yaml:7:7
  provider: manual
  event: schedule
  activates: nothing

push  intent.yaml:7:5
  provider: manual
  event: push
  branches: main, release/*
  scope: changed
  base: before
  activates: dev

release  intent.yaml:10:5
  provider: manual
  event: push
  tags: v*
  activates: prod
""",
        "",
    )
    rows = json.loads(orun("trigger", "list", "--json")[1])["result"]["bindings"]
    assert [(row["name"], row["environments"]) for row in rows] == [
        ("nightly", []),
        ("push", ["dev"]),
        ("release", ["prod"]),
    ]


def test_an_event_is_explained(orun: Run) -> None:
    event = {"event": "push", "branch": "release/1.2", "before": "a1", "head": "b2"}
    assert orun("trigger", "match", event=event) == (
        ExitCode.OK,
        """\
manual push
  branch: release/1.2
  head: b2

✗ nightly: event is "push", not "schedule"
✓ push: event push, branch "release/1.2" matches "release/*"
✗ release: the event has no tag

scope: changed
environments: dev
compared: a1 with b2
""",
        "",
    )
    found = json.loads(orun("trigger", "match", "--json", event=event)[1])["result"]
    assert (found["event"]["branch"], found["trigger"]["activeEnvironments"]) == ("release/1.2", ["dev"])
    assert [verdict["matched"] for verdict in found["bindings"]] == [False, True, False]


def test_an_event_that_matches_nothing(orun: Run) -> None:
    event = {"event": "push", "branch": "topic"}
    code, out, err = orun("trigger", "match", event=event)
    assert (code, err) == (ExitCode.OK, "")
    assert '✗ push: branch "topic" matches none of main, release/*' in out.splitlines()
    assert orun("trigger", "match", "--fail-on-empty", event=event)[0] == ExitCode.EMPTY
    for command in ("plan", "run"):
        code, _, err = orun(command, event=event)
        assert (code, "[trigger/no-match]" in err) == (ExitCode.OK, True)
        assert orun(command, "--fail-on-empty", event=event)[0] == ExitCode.EMPTY


def test_an_event_that_activates_nothing_is_an_error_after_the_verdicts(orun: Run) -> None:
    code, out, err = orun("trigger", "match", event={"event": "schedule"})
    assert (code, "✓ nightly: event schedule" in out) == (ExitCode.COMPILE, True)
    assert "[trigger/activates-nothing]" in err


def test_which_event_is_asked_for(orun: Run) -> None:
    code, _, err = orun("trigger", "match")
    assert (code, "[usage/missing-option]" in err) == (ExitCode.USAGE, True)


def test_what_each_preset_contributes(orun: Run) -> None:
    assert orun("intent", "explain") == (
        ExitCode.OK,
        """\
local/base  stack/base.yaml
  /automation/triggerBindings/nightly  stack/base.yaml:7:7
  /env/REGION                          stack/base.yaml:4:22
  /environments/dev/policies/tier      stack/base.yaml:10:18
""",
        "",
    )
    (preset,) = json.loads(orun("intent", "explain", "--json")[1])["result"]["presets"]
    assert preset["contributes"][1] == {"field": "/env/REGION", "where": "stack/base.yaml:4:22"}


def test_presets_that_contribute_nothing_and_none_at_all(orun: Run, project: Project) -> None:
    project.write({"stack/base.yaml": "kind: IntentPreset\nspec: {env: {ORG: theirs}}\n"})
    assert orun("intent", "explain")[1] == "local/base  stack/base.yaml\n  nothing: the intent sets all of it\n"
    project.write({"intent.yaml": INTENT.replace("    extends: [{source: local, preset: base}]\n", "")})
    assert orun("intent", "explain")[1] == "No presets: the intent is used as it is.\n"
    assert orun("intent", "render")[1].startswith("metadata:\n    name: shop\n")


def test_the_merged_intent_plans_the_same(orun: Run, project: Project) -> None:
    code, merged, _ = orun("intent", "render")
    assert (code, merged.splitlines()[0]) == (ExitCode.OK, "# Effective intent: presets merged, defaults left out.")
    assert "extends" not in merged
    assert "    ORG: ours\n    REGION: eu\n" in merged or "    REGION: eu\n    ORG: ours\n" in merged
    before = json.loads(orun("plan", "-o", "-")[1])["jobs"]
    project.write({"intent.yaml": merged})
    after = json.loads(orun("plan", "-o", "-")[1])["jobs"]
    layers = [job.pop("policies") for job in (before[0], after[0])]
    assert [layers[0][0]["layer"], layers[1][0]["layer"]] == ["preset:local/base", "environment:dev"]
    assert [(job["id"], job["env"]) for job in before] == [(job["id"], job["env"]) for job in after]


@pytest.mark.parametrize(
    "content",
    [b"", b"[" * 100_000, b"[]", b'"x"', b"true", b"null", b"\xff\xfe", b"9" * 5000, rb'{"action": "\ud800"}'],
)
def test_a_file_that_holds_no_event(orun: Run, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "event.json").write_bytes(content)
    code, out, err = orun("plan", "--from-ci", "manual", "--event-file", "event.json")
    assert (code, out) == (ExitCode.USAGE, "")
    assert "[trigger/event-file]" in err
