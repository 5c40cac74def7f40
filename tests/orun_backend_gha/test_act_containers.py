"""The backend `github-actions` with the option `act_platform`: the real act on a real Docker Engine."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from gha_plans import job, step
from orun_backend_gha.act import ActBackend
from orun_backend_gha.options import ActOptions
from orun_core.runtime.isolation import IsolationMode
from orun_core.spec.backend import JobContext
from orun_core.spec.errors import RunError
from orun_core.spec.plan import SecretRef, Service
from orun_core.spec.run import JobFinished, Output, Status, StepFinished
from orun_core.testing.trial import Trial

pytestmark = [pytest.mark.act, pytest.mark.docker]


@pytest.fixture
def run(program, image, tmp_path):
    """Runs a job in a container: its end, statuses by step, and output by step."""

    def run(*steps, platform=image, secrets=None, **fields):
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


def containers(workspace) -> str:
    """What is left of those that saw this workspace; other tests have theirs at the same time."""
    listed = ["docker", "ps", "--all", "--quiet", "--filter", f"volume={workspace}"]
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
    assert containers(workspace) == ""


def test_a_limit_ends_a_step_and_its_failure_the_job(run):
    end, ends, _, workspace = run(step("slow", "sleep 60", timeout="1s"), step("never", "echo never"))
    assert [(name, status) for name, status, _ in ends] == [("slow", "timed_out"), ("never", "skipped")]
    assert end.status is Status.TIMED_OUT
    assert containers(workspace) == ""


def test_a_cancelled_job_leaves_nothing_and_a_killed_one_has_a_label(program, image, tmp_path):
    workspace, scratch = tmp_path / "workspace", tmp_path / "scratch"
    workspace.mkdir()
    scratch.mkdir()
    here = {name: os.environ[name] for name in ("PATH", "HOME")}
    context = JobContext("e1", workspace, scratch, here, owner="machine:1:2")
    backend = ActBackend(ActOptions(cache=tmp_path / "cache", act_platform=image), os.environ)
    session = backend.open(job("api.dev.build", step("wait", "echo up; sleep 600")), context)
    while_it_ran = ""
    for event in session.events():
        if isinstance(event, Output) and not while_it_ran:
            labelled = [
                "docker",
                "ps",
                "--quiet",
                "--filter",
                f"volume={workspace}",
                "--filter",
                "label=io.orun.owner=machine:1:2",
            ]
            while_it_ran = subprocess.run(labelled, capture_output=True, text=True, check=True).stdout
            session.cancel()
    assert while_it_ran
    assert (event.status, event.reason, containers(workspace)) == (Status.CANCELLED, "cancelled", "")


def test_an_image_of_the_job_wins(run, image):
    end, _, output, _ = run(step("s", "echo here"), platform="no-such-image:1", runs_on=image)
    assert (end.status, output["s"]) == (Status.SUCCEEDED, ["here"])


def test_an_image_that_cannot_be_had_fails_the_job(run):
    end, _, _, _ = run(step("s", "echo here"), platform="127.0.0.1:9/no/such:1")
    assert end.status is Status.FAILED
    assert "connection refused" in end.reason


def test_images_and_actions_in_images_run_in_a_job_of_this_machine(program, image, tmp_path):
    """They see the workspace and hand on outputs; nothing of them stays, and none is taken for an action that was fetched."""
    workspace, scratch = tmp_path / "workspace", tmp_path / "scratch"
    for name in ("mine", "built"):
        (workspace / name).mkdir(parents=True)
    scratch.mkdir()
    runs = f"inputs: {{who: {{}}}}\noutputs: {{said: {{description: x}}}}\nruns: {{using: docker, image: 'docker://{image}', args: [sh, hello]}}\n"
    (workspace / "mine/action.yml").write_text(f"name: mine\n{runs}")
    (workspace / "hello").write_text('echo "hello $INPUT_WHO"; echo said=it >> "$GITHUB_OUTPUT"; echo made > made')
    (workspace / "built/action.yml").write_text("name: built\nruns: {using: docker, image: Dockerfile}\n")
    (workspace / "built/Dockerfile").write_text(f'FROM {image}\nCMD ["cat", "made"]\n')
    clean = {name: os.environ[name] for name in ("PATH", "HOME")}
    arguments = {"args": "sh -c 'ls; echo \"n=7\" >> $GITHUB_OUTPUT'"}
    steps = (
        step("image", use=f"docker://{image}", with_=arguments),
        step("again", use=f"docker://{image}", with_={"args": "echo again"}),
        step("mine", use="./mine", with_={"who": "you"}),
        step("built", use="./built"),
        step("see", "echo ${{ steps.image.outputs.n }} ${{ steps.mine.outputs.said }}"),
    )
    backend = ActBackend(ActOptions(cache=tmp_path / "cache"), os.environ)
    session = backend.open(job("api.dev.build", *steps), JobContext("e1", workspace, scratch, clean))
    said: dict[str, list[str]] = {}
    for event in session.events():
        if isinstance(event, Output):
            said.setdefault(event.step, []).append(event.text)
    assert (event.status, event.reason) == (Status.SUCCEEDED, "")
    assert said == {
        "image": ["built", "hello", "mine"],
        "again": ["again"],
        "mine": ["hello you"],
        "built": ["made"],
        "see": ["7 it"],
    }
    assert containers(scratch) == ""
    assert not (tmp_path / "cache").exists()
    subprocess.run(["docker", "image", "rm", "--force", "act-built-dockeraction"], capture_output=True, check=True)


def test_jobs_run_side_by_side(program, image, tmp_path):
    """Each waits until the other is there, which no job does alone."""
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    meet = "echo here > {0}; while ! test -e {1}; do sleep 0.05; done"
    backend = ActBackend(ActOptions(cache=tmp_path / "cache", act_platform=image), os.environ)
    ran = Trial(backend, workspace)(
        job("api.dev.build", step("meet", meet.format("a", "b"), timeout="60s")),
        job("web.dev.build", step("meet", meet.format("b", "a"), timeout="60s")),
        isolation=IsolationMode.NONE,
    )
    assert {what.job: (what.status, what.reason) for what in ran.record.of(JobFinished)} == {
        "api.dev.build": (Status.SUCCEEDED, ""),
        "web.dev.build": (Status.SUCCEEDED, ""),
    }
    assert containers(workspace) == ""


def test_services_are_for_the_docker_backend(program, tmp_path):
    served = job("api.dev.build", services=(Service("db", "postgres:16"),))
    context = JobContext("e1", Path(tmp_path), tmp_path, {}, {})
    with pytest.raises(RunError) as caught:
        ActBackend(ActOptions(act_platform="busybox"), os.environ).open(served, context)
    assert caught.value.diagnostics[0].code == "github/needs-container"
