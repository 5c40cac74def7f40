"""The backend `github-actions` with the option `act_platform`: the real act on a real Docker Engine."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from gha_plans import job, step
from orun_backend_gha.act import ActBackend
from orun_backend_gha.options import ActOptions
from orun_core.spec.backend import JobContext
from orun_core.spec.errors import RunError
from orun_core.spec.plan import SecretRef, Service
from orun_core.spec.run import JobFinished, Output, Status, StepFinished
from parts import missing

IMAGE = "orun-test/busybox:1"

pytestmark = [pytest.mark.act, pytest.mark.docker]


@pytest.fixture
def engine(program):
    """The engine of this environment, with the image that `.ci/run` makes."""
    try:
        found = subprocess.run(["docker", "image", "inspect", IMAGE], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        missing("docker", "there is no docker command")
    if found.returncode:
        missing("docker", found.stderr.strip())


@pytest.fixture
def run(engine, tmp_path):
    """Runs a job in a container: its end, statuses by step, and output by step."""

    def run(*steps, platform=IMAGE, secrets=None, **fields):
        workspace, scratch = tmp_path / "workspace", tmp_path / "scratch"
        workspace.mkdir()
        scratch.mkdir()
        clean = {name: os.environ[name] for name in ("PATH", "HOME")}
        one = job("api.dev.build", *steps, **fields)
        given = {**clean, "ORUN_COMPONENT": "api", "OF_THIS_MACHINE": "yes", **one.env}
        context = JobContext("e1", workspace, scratch, given, secrets or {}, mask=lambda value: None)
        backend = ActBackend(ActOptions(cache=tmp_path / "cache", act_platform=platform), os.environ)
        events = list(backend.open(one, context).events())
        output: dict[str, list[str]] = {}
        for event in events:
            if isinstance(event, Output):
                output.setdefault(event.step, []).append(event.text)
        ends = [
            (event.step, event.status.value, event.exit_code) for event in events if isinstance(event, StepFinished)
        ]
        assert isinstance(events[-1], JobFinished)
        return events[-1], ends, output, workspace

    return run


def containers() -> str:
    listed = ["docker", "ps", "--all", "--quiet", "--filter", "name=act-orun"]
    return subprocess.run(listed, capture_output=True, text=True, check=True).stdout


def test_steps_run_in_the_image_and_work_in_the_workspace(run):
    end, ends, output, workspace = run(
        step("where", 'pwd; echo made > file; test ! -e /etc/debian_version; echo "v=1" >> "$GITHUB_OUTPUT"'),
        step("env", 'echo "$ORUN_COMPONENT $REGION ${OF_THIS_MACHINE-none} $ODD"'),
        step("secret", 'test "$TOKEN" = canary-0042 && echo "${{ steps.where.outputs.v }}"'),
        step("maybe", "exit 9", on_failure="continue"),
        step("tidy", "echo tidy", phase="post"),
        env={"REGION": "eu west", "ODD": "${{ github.actor }}"},
        secrets={"TOKEN": "canary-0042"},
        secret_refs=(SecretRef("TOKEN", "secret://TOKEN"),),
    )
    assert output["where"] == [str(workspace)]
    assert output["env"] == ["api eu west none ${{ github.actor }}"]
    assert output["secret"] == ["1"]
    assert ends == [(name, "succeeded", 0) for name in ("where", "env", "secret")] + [
        ("maybe", "failed", 9),
        ("tidy", "succeeded", 0),
    ]
    assert (end.status, end.outputs) == (Status.SUCCEEDED, {"v": "1"})
    assert (workspace / "file").read_text() == "made\n"
    assert containers() == ""


def test_a_limit_ends_a_step_and_its_failure_the_job(run):
    end, ends, _, _ = run(step("slow", "sleep 60", timeout="1s"), step("never", "echo never"))
    assert [(name, status) for name, status, _ in ends] == [("slow", "timed_out"), ("never", "skipped")]
    assert end.status is Status.TIMED_OUT


def test_an_image_of_the_job_wins(run):
    end, _, output, _ = run(step("s", "echo here"), platform="no-such-image:1", runs_on=IMAGE)
    assert (end.status, output["s"]) == (Status.SUCCEEDED, ["here"])


def test_an_image_that_cannot_be_had_fails_the_job(run):
    end, _, _, _ = run(step("s", "echo here"), platform="127.0.0.1:9/no/such:1")
    assert end.status is Status.FAILED
    assert "connection refused" in end.reason


def test_services_are_for_the_docker_backend(program, tmp_path):
    served = job("api.dev.build", services=(Service("db", "postgres:16"),))
    context = JobContext("e1", Path(tmp_path), tmp_path, {}, {})
    with pytest.raises(RunError) as caught:
        ActBackend(ActOptions(act_platform=IMAGE), os.environ).open(served, context)
    assert caught.value.diagnostics[0].code == "github/needs-container"
