"""Backends that break in every method: the job fails with the plugin's name, the others go on, the record is sealed."""

from __future__ import annotations

import time

import pytest
from orun_backend_shell.backend import ShellBackend
from orun_core.plugins.discover import Installed
from orun_core.plugins.guard import guarded
from orun_core.spec.backend import Capabilities
from orun_core.spec.errors import PluginError
from orun_core.spec.run import JobStarted, RunFinished, Status, StepFinished
from orun_core.testing.plans import job, step
from orun_core.testing.trial import Trial

ACME = Installed("acme", "orun-acme", "1.0", "acme.plugin", "orun.v1", "")


class Breaking:
    """The shell with one method of its backend, session or process replaced."""

    capabilities = Capabilities()

    def __init__(self, method, behave):
        self._method, self._behave, self._shell = method, behave, ShellBackend()

    def open(self, job, context):
        if self._method == "open":
            return self._behave()
        session = self._shell.open(job, context)
        self._replace(session)
        start = session.start

        def started(command):
            process = start(command)
            self._replace(process)
            return process

        session.start = started if self._method != "start" else session.start
        return session

    def _replace(self, thing):
        if self._method == "close" and hasattr(thing, "start"):
            close = thing.close
            thing.close = lambda: (close(), self._behave())
        elif hasattr(thing, self._method) and self._method != "close":
            setattr(thing, self._method, lambda *_: self._behave())


def raising(error):
    def behave():
        raise error

    return behave


def trial(tmp_path, backend, warnings):
    return Trial(guarded(backend, ACME, "acme", warnings.extend), tmp_path)


def reasons(ran):
    assert ran.record.of(RunFinished)[0].status is Status.FAILED
    return {ended.reason for ended in (ran.ended("a.dev.x"), ran.ended("b.dev.x"))}


BROKEN = [
    ("open", RuntimeError("no"), "plugin 'acme' failed in open of backend 'acme': RuntimeError: no"),
    ("open", SystemExit(3), "plugin 'acme' failed in open of backend 'acme': SystemExit: 3"),
    ("has", RuntimeError("no"), "step step-1: plugin 'acme' failed in has of backend 'acme': RuntimeError: no"),
    ("locate", BaseException("no"), "step step-1: plugin 'acme' failed in locate of backend 'acme': BaseException: no"),
    ("start", KeyError("no"), "step step-1: plugin 'acme' failed in start of backend 'acme': KeyError: 'no'"),
    ("read", OSError(5, "no"), "step step-1: plugin 'acme' failed in read of backend 'acme': OSError: [Errno 5] no"),
    ("wait", SystemExit(0), "step step-1: plugin 'acme' failed in wait of backend 'acme': SystemExit: 0"),
]


@pytest.mark.parametrize(("method", "error", "reason"), BROKEN, ids=[f"{m} {type(e).__name__}" for m, e, _ in BROKEN])
def test_a_method_that_raises(tmp_path, method, error, reason):
    ran = trial(tmp_path, Breaking(method, raising(error)), [])(job("a.dev.x", "true"), job("b.dev.x", "true"))
    assert reasons(ran) == {reason}


@pytest.mark.parametrize(
    ("method", "value", "reason"),
    [
        ("open", None, "plugin 'acme' failed in open of backend 'acme': it returned None"),
        ("start", None, "step step-1: plugin 'acme' failed in start of backend 'acme': it returned None"),
        ("locate", 1, "step step-1: plugin 'acme' failed in locate of backend 'acme': expected str, got int"),
        ("read", "text", "step step-1: plugin 'acme' failed in read of backend 'acme': expected bytes, got str"),
        ("wait", None, "step step-1: plugin 'acme' failed in wait of backend 'acme': expected int, got NoneType"),
    ],
)
def test_a_method_that_returns_something_else(tmp_path, method, value, reason):
    ran = trial(tmp_path, Breaking(method, lambda: value), [])(job("a.dev.x", "true"), job("b.dev.x", "true"))
    assert reasons(ran) == {reason}


def test_post_steps_run_after_a_step_that_the_backend_lost(tmp_path):
    backend, broken = Breaking("read", None), []

    def once():
        if broken:
            return b""
        broken.append(True)
        raise RuntimeError("lost")

    backend._behave = once
    steps = (step("sleep 60", id="main"), step("touch tidied", id="tidy", phase="post"))
    ran = trial(tmp_path, backend, [])(job("a.dev.x", *steps))
    assert [(end.step, end.status) for end in ran.record.of(StepFinished)] == [
        ("main", Status.FAILED),
        ("tidy", Status.SUCCEEDED),
    ]
    assert (tmp_path / "tidied").exists()


def test_a_close_that_raises_is_a_warning(tmp_path):
    warnings = []
    ran = trial(tmp_path, Breaking("close", raising(RuntimeError("no"))), warnings)(job("a.dev.x", "true"))
    assert ran.job.status is Status.SUCCEEDED
    assert [(problem.severity.value, problem.message) for problem in warnings] == [
        ("warning", "plugin 'acme' failed in close of backend 'acme': RuntimeError: no")
    ]


def test_a_terminate_that_raises_leaves_all_deadlines_alive(tmp_path):
    warnings = []
    ran = trial(tmp_path, Breaking("terminate", raising(RuntimeError("no"))), warnings)(
        job("a.dev.x", step("sleep 60", timeout="10ms")), job("b.dev.x", step("sleep 60", timeout="20ms"))
    )
    assert {ran.ended("a.dev.x").status, ran.ended("b.dev.x").status} == {Status.TIMED_OUT}
    assert {problem.plugin for problem in warnings} == {"acme"}


@pytest.mark.parametrize("backend", [None, object()])
def test_a_backend_that_is_none(backend):
    with pytest.raises(PluginError, match="failed in capabilities of backend 'acme'"):
        guarded(backend, ACME, "acme", list.append)


def test_a_timeout_of_centuries_leaves_the_others_alive(tmp_path):
    began = time.monotonic()
    ran = Trial(ShellBackend(), tmp_path)(
        job("a.dev.x", step("sleep 0.1", timeout="99999999999999999999h")),
        job("b.dev.x", step("sleep 60", timeout="50ms")),
    )
    assert (ran.ended("a.dev.x").status, ran.ended("b.dev.x").status) == (Status.SUCCEEDED, Status.TIMED_OUT)
    assert time.monotonic() - began < 50


def test_counts_below_zero_are_zero(tmp_path):
    ran = Trial(ShellBackend(), tmp_path)(job("a.dev.x", step("exit 1", retry=-2), retries=-3), concurrency=-5)
    assert (len(ran.record.of(JobStarted)), len(ran.record.of(StepFinished))) == (1, 1)


def test_an_error_of_the_machine_fails_the_job_and_seals_the_run(tmp_path):
    trial = Trial(ShellBackend(), tmp_path)
    away = "rm -r $(dirname $(dirname $(dirname $ORUN_ENV)))"
    ran = trial(job("a.dev.x", away), job("b.dev.x", "true", depends_on=("a.dev.x",)))
    assert ran.ended("b.dev.x").reason.startswith("[Errno 2] No such file or directory: ")
    assert ran.record.of(RunFinished)[0].status is Status.FAILED


def test_an_error_of_the_machine_fails_the_step(tmp_path):
    trial = Trial(ShellBackend(), tmp_path)
    script = "d=$(dirname $(dirname $ORUN_ENV)); rm -r $d; touch $d"
    ran = trial(job("a.dev.x", script, "true"), job("b.dev.x", "true"))
    assert ran.ended("a.dev.x").reason.startswith("step step-2: [Errno 20] Not a directory: ")
    assert ran.ended("b.dev.x").status is Status.SUCCEEDED
