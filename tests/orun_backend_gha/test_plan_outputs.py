"""`orun plan` and `orun trigger` with recorded events of GitHub, and the outputs of `--github-output`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from compiling import Project
from orun_core.cli.main import run
from orun_core.cli.report import Reporter
from orun_core.spec.errors import ExitCode

PAYLOADS = Path(__file__).parent / "payloads"
INTENT = """
    automation:
      triggerBindings:
        push-main: {on: {provider: github, event: push, branches: [main]}}
        tag: {on: {provider: github, event: push, tags: [v*]}}
        pr: {on: {provider: github, event: pull_request, actions: [opened, synchronize], baseBranches: [main]}}
        queue: {on: {provider: github, event: merge_group}}
        nightly: {on: {provider: github, event: schedule, branches: [main]}}
        manual: {on: {provider: github, event: workflow_dispatch}}
    environments:
      dev: {activation: {triggerRefs: [pr, queue, push-main]}}
      prod: {activation: {triggerRefs: [tag, manual, nightly]}}
    components: [{name: api, type: svc, subscribe: {environments: [dev, prod]}}]
    """
MATCHES = {
    "push": ("push-main", "dev"),
    "push_new_branch": (None, ""),
    "push_tag": ("tag", "prod"),
    "pull_request_opened": ("pr", "dev"),
    "pull_request_synchronize": ("pr", "dev"),
    "pull_request_fork": ("pr", "dev"),
    "merge_group": ("queue", "dev"),
    "schedule": ("nightly", "prod"),
    "workflow_dispatch": ("manual", "prod"),
}
IN_ACTIONS = {
    "CI": "true",
    "GITHUB_ACTIONS": "true",
    "GITHUB_EVENT_NAME": "push",
    "GITHUB_REF": "refs/heads/elsewhere",
    "GITHUB_SHA": "0123456789abcdef0123456789abcdef01234567",
    "GITHUB_RUN_ID": "77",
}


@pytest.fixture
def workspace(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    project.compile(INTENT)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ORUN_CACHE_DIR", str(tmp_path / "cache"))
    for name in (*IN_ACTIONS, "GITHUB_OUTPUT"):
        monkeypatch.delenv(name, raising=False)
    return project


def orun(*arguments: str) -> int:
    return run(list(arguments), Reporter())


def event(name: str) -> tuple[str, ...]:
    return ("--from-ci", "github", "--event-file", str(PAYLOADS / f"{name}.json"))


@pytest.mark.parametrize("name", MATCHES)
@pytest.mark.usefixtures("workspace")
def test_a_recorded_event_matches(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert orun("trigger", "match", "--json", *event(name)) == ExitCode.OK
    found = json.loads(capsys.readouterr().out)["result"]
    binding, environment = MATCHES[name]
    assert [verdict["binding"] for verdict in found["bindings"] if verdict["matched"]] == ([binding] if binding else [])
    assert (found["trigger"] or {}).get("activeEnvironments", []) == ([environment] if environment else [])


@pytest.mark.parametrize("name", [name for name in MATCHES if MATCHES[name][0]])
@pytest.mark.usefixtures("workspace")
def test_the_same_event_gives_the_same_bytes_on_a_laptop_and_in_ci(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    plans = []
    for environ in ({}, IN_ACTIONS):
        for variable, value in environ.items():
            monkeypatch.setenv(variable, value)
        assert orun("plan", *event(name), "-o", "-") == ExitCode.OK
        plans.append(capsys.readouterr().out)
    assert plans[0] == plans[1]


def test_outputs_are_appended(workspace: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    outputs = workspace.root / "outputs"
    outputs.write_text("earlier=1\n")
    monkeypatch.setenv("GITHUB_OUTPUT", str(outputs))
    monkeypatch.setenv("GITHUB_RUN_ID", "77")
    assert orun("plan", "--env", "dev", "--github-output", "-o", "plan.json") == ExitCode.OK
    plan_id = json.loads((workspace.root / "plan.json").read_text())["metadata"]["checksum"][7:19]
    earlier, begin, matrix, end, *rest = outputs.read_text().splitlines()
    assert (earlier, begin, end) == ("earlier=1", "matrix<<EOF", "EOF")
    assert [entry["id"] for entry in json.loads(matrix)["include"]] == ["api.dev.deploy"]
    assert rest == [f"plan_id={plan_id}", f"exec_id=gh-77-1-{plan_id}"]


def test_an_event_that_matches_nothing_has_an_empty_matrix(workspace: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    outputs = workspace.root / "outputs"
    monkeypatch.setenv("GITHUB_OUTPUT", str(outputs))
    monkeypatch.setenv("GITHUB_RUN_ID", "77")
    assert orun("plan", "--github-output", *event("push_new_branch")) == ExitCode.OK
    assert outputs.read_text() == 'matrix<<EOF\n{"include":[]}\nEOF\nplan_id=\nexec_id=\n'


def test_a_large_plan_is_sharded_with_a_warning(
    workspace: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    many = ", ".join(f"{{name: c{i}, type: svc, subscribe: {{environments: [dev]}}}}" for i in range(257))
    workspace.compile(f"environments: {{dev: {{}}}}\ncomponents: [{many}]\n")
    outputs = workspace.root / "outputs"
    monkeypatch.setenv("GITHUB_OUTPUT", str(outputs))
    assert orun("plan", "--github-output") == ExitCode.OK
    assert "[github/matrix-limit]" in capsys.readouterr().err
    lines = outputs.read_text().splitlines()
    assert "shards=[1, 2]" in lines
    shards = [json.loads(lines[lines.index(f"matrix_{number}<<EOF") + 1])["include"] for number in (1, 2)]
    assert [len(shard) for shard in shards] == [256, 1]


@pytest.mark.usefixtures("workspace")
def test_outside_actions_there_is_nowhere_to_write(capsys: pytest.CaptureFixture[str]) -> None:
    assert orun("plan", "--github-output") == ExitCode.USAGE
    assert "[usage/no-github-output]" in capsys.readouterr().err
