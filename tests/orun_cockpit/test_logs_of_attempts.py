"""Logs of a step that ran several times: each shows how its own attempt went."""

from __future__ import annotations

from datetime import UTC, datetime

from orun_cockpit.logs import Selection, log_view
from orun_cockpit.project import run_view
from orun_cockpit.view import Mark
from orun_core.spec.run import (
    SCHEMA_VERSION,
    JobFinished,
    JobStarted,
    PlannedJob,
    PlannedStep,
    RunFinished,
    RunStarted,
    Status,
    StepFinished,
    StepStarted,
)
from orun_core.state.local import LocalStore

JOB = "api.dev.deploy"


def record(store, attempt, build, deploy):
    """One run of the job, both steps with a line of output."""
    planned = PlannedJob(
        JOB, "api", "dev", "deploy", "Deploy", "sha256-1", (), (PlannedStep("build"), PlannedStep("ship"))
    )
    writer = store.begin("one")
    writer.append(
        RunStarted(
            SCHEMA_VERSION,
            "one",
            "sha256-0",
            "demo",
            "local",
            "manual",
            "ada",
            1,
            True,
            (planned,),
            resumed=attempt > 1,
        )
    )
    writer.append(JobStarted(JOB, attempt))
    for index, (step, status) in enumerate((("build", build), ("ship", deploy)), start=1):
        log = f"logs/{JOB}/{index:02d}-{step}.{attempt}.log"
        with writer.open_log(log) as file:
            file.write(f"{step} {attempt}\n".encode())
        writer.append(StepStarted(JOB, step, index, attempt, log))
        writer.append(StepFinished(JOB, step, index, attempt, status, 0 if status is Status.SUCCEEDED else 1))
    writer.append(JobFinished(JOB, attempt, deploy))
    writer.append(RunFinished(deploy))
    writer.close()


def test_an_attempt_that_succeeded_in_a_job_that_failed_is_not_shown_as_failed(tmp_path):
    store = LocalStore(tmp_path / ".orun", read_plan=None)
    record(store, 1, Status.SUCCEEDED, Status.FAILED)
    record(store, 2, Status.SUCCEEDED, Status.SUCCEEDED)
    view = log_view(store, run_view(store.run("one"), datetime.now(UTC)), Selection())
    assert [(entry.lines, entry.attempt, entry.attempts, entry.mark, entry.exit_code) for entry in view.entries] == [
        (("build 1",), 1, 2, Mark.SUCCEEDED, 0),
        (("build 2",), 2, 2, Mark.SUCCEEDED, 0),
        (("ship 1",), 1, 2, Mark.FAILED, 1),
        (("ship 2",), 2, 2, Mark.SUCCEEDED, 0),
    ]
