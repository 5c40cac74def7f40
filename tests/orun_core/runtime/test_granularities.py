"""Backends that run whole jobs or whole plans end as the same record."""

from __future__ import annotations

import os
import signal
import threading

import pytest
from orun_core.spec.backend import Capabilities
from orun_core.spec.plan import SecretRef
from orun_core.spec.run import (
    JobFinished,
    JobQueued,
    JobSkipped,
    JobStarted,
    Output,
    RunFinished,
    Status,
    StepFinished,
    StepStarted,
)
from orun_core.testing.plans import job, step
from orun_core.testing.trial import Trial


class Session:
    """A remote job or plan that plays a script of events; `None` waits until it is cancelled."""

    def __init__(self, script):
        self.script = script
        self.cancelled = threading.Event()

    def events(self):
        for what in self.script:
            if what is not None:
                yield what
                continue
            assert self.cancelled.wait(20)

    def cancel(self):
        self.cancelled.set()

    def log(self, job):
        return f"whole log of {job}, token canary-0042\n".encode()


class Remote:
    def __init__(self, granularity, *script):
        self.capabilities = Capabilities(granularity=granularity, local=False, supports_uses=True)
        self.script = script
        self.contexts = []

    def open(self, what, context):
        self.contexts.append(context)
        return Session(self.script)


@pytest.fixture
def root(tmp_path):
    (tmp_path / "workspace").mkdir()
    return tmp_path / "workspace"


JOB = "web.dev.x"
SECRET = (SecretRef("TOKEN", "secret://TOKEN"),)
GIVEN = {"TOKEN": "canary-0042"}


def test_a_job_backends_events_are_recorded_with_logs_and_masks(root):
    backend = Remote(
        "job",
        StepStarted(JOB, "build", 1, 1),
        Output(JOB, "build", "token canary-0042"),
        StepFinished(JOB, "build", 1, 1, Status.SUCCEEDED, 0),
        JobFinished(JOB, 1, Status.SUCCEEDED, outputs={"url": "u"}, summary="done canary-0042"),
    )
    ran = Trial(backend, root)(job(JOB, step(use="actions/x@v1", id="build"), secret_refs=SECRET), secrets=GIVEN)
    assert ran.log("build") == "token ***\n"
    assert (ran.job.status, ran.job.outputs, ran.job.summary) == (Status.SUCCEEDED, {"url": "u"}, "done ***")
    assert ran.record.of(StepStarted)[0].log == "logs/web.dev.x/01-build.1.log"
    assert backend.contexts[0].secrets == GIVEN


def test_a_job_backend_that_ends_without_a_result_failed(root):
    ran = Trial(Remote("job", StepStarted(JOB, "build", 1, 1)), root)(job(JOB, step(id="build")))
    assert (ran.job.status, ran.job.reason) == (Status.FAILED, "the backend ended without a result")
    assert ran.steps("build")[0].status is Status.CANCELLED


def test_a_job_backend_is_cancelled_when_the_budget_is_used_up(root):
    backend = Remote("job", None, JobFinished(JOB, 1, Status.CANCELLED, "cancelled"))
    ran = Trial(backend, root)(job(JOB, step(id="build"), timeout="100ms"))
    assert (ran.job.status, ran.job.reason) == (Status.TIMED_OUT, "job timed out after 0.1s")


def plan_events():
    return (
        JobQueued(JOB),
        JobStarted(JOB, 1),
        JobFinished(JOB, 1, Status.FAILED, "remote says no"),
        JobSkipped("zed.dev.x", "dependency failed: web.dev.x"),
        RunFinished(Status.FAILED),
    )


def test_a_plan_backend_is_recorded_and_its_logs_are_fetched(root):
    backend = Remote("plan", *plan_events())
    jobs = (job(JOB, secret_refs=SECRET), job("zed.dev.x", depends_on=(JOB,)))
    ran = Trial(backend, root)(*jobs, secrets=GIVEN)
    assert ran.outcome.exit_code == 1
    assert [type(what).__name__ for what in ran.record.happenings] == [
        "RunStarted",
        "JobQueued",
        "JobStarted",
        "JobFinished",
        "JobSkipped",
        "RunFinished",
    ]
    assert ran.record.happenings[-1] == RunFinished(Status.FAILED, "job web.dev.x: remote says no")
    assert ran.record.logs["logs/web.dev.x/00-job.1.log"].getvalue() == b"whole log of web.dev.x, token ***\n"
    assert backend.contexts[0].jobs == (JOB, "zed.dev.x")


def test_what_a_step_printed_may_come_after_its_end(root):
    ended = StepFinished(JOB, "build", 1, 1, Status.SUCCEEDED, 0)
    said = Output(JOB, "build", "token canary-0042")
    backend = Remote("plan", JobStarted(JOB, 1), StepStarted(JOB, "build", 1, 1), ended, said, plan_events()[2])
    ran = Trial(backend, root)(job(JOB, step(id="build"), secret_refs=SECRET), secrets=GIVEN)
    assert {name: log.getvalue() for name, log in ran.record.logs.items()} == {
        "logs/web.dev.x/01-build.1.log": b"token ***\n"
    }
    assert [what.attempt for what in ran.record.of(StepStarted)] == [1]


def test_a_signal_cancels_a_remote_plan(root):
    backend = Remote("plan", JobStarted(JOB, 1), Output(JOB, "s", "begun"), None, JobFinished(JOB, 1, Status.CANCELLED))
    ran = Trial(backend, root)(job(JOB), on_line=lambda _: os.kill(os.getpid(), signal.SIGINT))
    assert ran.outcome.exit_code == 130
    assert ran.record.happenings[-1] == RunFinished(Status.CANCELLED, "interrupted")
