"""The trace of a run tells what it did, and nothing of when, where and by whom."""

from __future__ import annotations

import contextlib
import io
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from orun_core.cli.main import run
from orun_core.cli.report import Reporter
from parts import engine_in_use, missing

IMAGE = "orun-test/busybox:1"
FILES = {
    "intent.yaml": """\
metadata: {name: shop}
compositions: {sources: [{name: local, kind: dir, path: ./stack}]}
execution: {failFast: false}
environments: {dev: {}}
components:
  - {name: db, type: svc, parameters: {code: 0}, subscribe: {environments: [dev]}}
  - {name: api, type: svc, parameters: {code: 3}, dependsOn: [{component: db}], subscribe: {environments: [dev]}}
  - {name: web, type: svc, parameters: {code: 0}, dependsOn: [{component: api}], subscribe: {environments: [dev]}}
""",
    "stack/stack.yaml": "apiVersion: orun.io/v1\nkind: Stack\nmetadata: {name: st}\n",
    "stack/compositions/svc/composition.yaml": f"""\
kind: Composition
metadata: {{name: svc}}
spec:
  type: svc
  defaultJob: deploy
  parameterSchema: {{type: object}}
  jobs:
    - name: deploy
      runsOn: {IMAGE}
      steps:
        - {{name: allowed, run: exit 2, onFailure: continue, shell: sh}}
        - {{name: again, run: exit 4, retry: 1, onFailure: continue, shell: sh}}
        - {{name: tell, run: 'echo "version=1" >> "$GITHUB_OUTPUT"', shell: sh}}
        - {{name: work, run: 'exit {{{{ .parameters.code }}}}', shell: sh}}
        - {{name: clean, phase: post, run: 'true', shell: sh}}
""",
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ORUN_CACHE_DIR", str(tmp_path / "cache"))
    root = tmp_path / "project"
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    assert orun(root, "plan", "-o", "plan.json")[0] == 0
    return root


def orun(root: Path, *arguments: str) -> tuple[int, str]:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.chdir(root), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        return run(list(arguments), Reporter()), out.getvalue() or err.getvalue()


def traced(root: Path, exec_id: str, backend: str = "local") -> dict[str, Any]:
    """The trace of a run of the plan."""
    code, said = orun(root, "run", "plan.json", "--runner", backend, "--exec-id", exec_id)
    assert code == 1, said
    code, out = orun(root, "trace", exec_id)
    assert code == 0
    trace: dict[str, Any] = json.loads(out)
    return trace


def test_a_trace_tells_what_a_run_did(project: Path) -> None:
    trace = traced(project, "one")
    assert (trace["schemaVersion"], trace["status"]) == ("orun.trace/v1", "failed")
    jobs = trace["jobs"]
    assert {name: job["status"] for name, job in jobs.items()} == {
        "api.dev.deploy": "failed",
        "db.dev.deploy": "succeeded",
        "web.dev.deploy": "skipped",
    }
    assert {name: job["after"] for name, job in jobs.items()} == {
        "api.dev.deploy": ["db.dev.deploy"],
        "db.dev.deploy": [],
        "web.dev.deploy": ["api.dev.deploy"],
    }
    steps = {step["id"]: (step["exitCode"], step["attempts"]) for step in jobs["api.dev.deploy"]["steps"]}
    assert steps == {"allowed": (2, 1), "again": (4, 2), "tell": (0, 1), "work": (3, 1), "clean": (0, 1)}
    [digest] = jobs["db.dev.deploy"]["outputs"].values()
    assert re.fullmatch("sha256:[0-9a-f]{64}", digest)


def test_two_runs_of_one_plan_have_equal_traces(project: Path, tmp_path: Path) -> None:
    first = traced(project, "one")
    assert traced(project, "two") == first
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(project, elsewhere, ignore=shutil.ignore_patterns(".orun"))
    assert traced(elsewhere, "three") == first


def test_docker_does_what_the_shell_does(project: Path) -> None:
    if shutil.which("docker") is None:
        missing("docker", "no docker command")
    if subprocess.run(["docker", "image", "inspect", IMAGE], capture_output=True, check=False).returncode:
        missing("docker", f"no engine with the image {IMAGE}; .ci/run makes it")
    with engine_in_use():
        inside = traced(project, "here", "docker")
    assert inside == traced(project, "there")
