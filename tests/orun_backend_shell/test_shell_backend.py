"""The shell backend keeps the contract of every step backend."""

from __future__ import annotations

import os

import pytest
from orun_backend_shell.backend import ShellBackend
from orun_core.testing.plans import job, step
from orun_core.testing.step_backend import StepBackendContract
from orun_core.testing.trial import Trial


class TestShellBackend(StepBackendContract):
    @pytest.fixture
    def backend(self) -> ShellBackend:
        return ShellBackend()

    def test_a_grandchild_in_a_session_of_its_own_is_gone_after_the_timeout(self, trial: Trial) -> None:
        script = "setsid sh -c \"trap '' TERM; while :; do echo x >> alive; sleep 0.05; done\" & echo begun; sleep 60"
        trial(job("web.dev.deploy", step(script, id="parent", timeout="300ms")), grace=0.3)
        size = (trial.root / "alive").stat().st_size
        trial(job("web.dev.deploy", "sleep 0.3"))
        assert size > 0
        assert (trial.root / "alive").stat().st_size == size

    def test_a_grandchild_in_a_session_of_its_own_is_asked_first(self, trial: Trial) -> None:
        loop = "trap 'touch asked; exit' TERM; touch up; while :; do sleep 0.02; done"
        script = f'setsid sh -c "{loop}" & sleep 60'
        trial(job("web.dev.deploy", step(script, id="parent", timeout="2s")), grace=20.0)
        assert (trial.root / "asked").exists()

    def test_a_stopped_step_takes_its_sigterm(self, trial: Trial) -> None:
        ran = trial(job("web.dev.deploy", step("kill -STOP $$", id="stopped", timeout="100ms")), grace=30.0)
        assert [(end.status.value, end.exit_code) for end in ran.steps("stopped")] == [("timed_out", 143)]

    def test_a_job_of_many_steps_keeps_no_descriptors(self, trial: Trial) -> None:
        steps = [step("true", id=f"s{number}") for number in range(60)]
        count = step(f"ls /proc/{os.getpid()}/fd | wc -l", id="count")
        few = int(trial(job("web.dev.deploy", count)).log("count"))
        assert int(trial(job("web.dev.deploy", *steps, count)).log("count")) < few + len(steps) // 2
