"""What every backend promises: a test file subclasses `BackendContract` and gives a `backend` fixture.

    class TestMyBackend(BackendContract):
        runs_on = "alpine:3.20"

        @pytest.fixture
        def backend(self) -> Backend:
            return MyBackend()

Each case runs small jobs through the real runtime. A backend that runs one command at a time subclasses `StepBackendContract` of
`orun_core.testing.step_backend`, which has more cases.
"""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from orun_core.spec.plan import SecretRef
from orun_core.spec.run import JobStarted, RunFinished, RunStarted, Status, StepFinished, StepStarted
from orun_core.testing.plans import job, step
from orun_core.testing.trial import Trial

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from orun_core.spec.backend import Backend
    from orun_core.spec.run import Output


class BackendContract:
    """Cases for every backend that runs jobs. `runs_on`: what a job must ask for to be run."""

    runs_on = ""

    @pytest.fixture
    def backend(self) -> Backend:
        """The backend under test."""
        raise NotImplementedError

    @pytest.fixture
    def trial(self, backend: Backend, tmp_path: Path) -> Trial:
        """Runs jobs in an empty workspace."""
        root = tmp_path / "workspace"
        root.mkdir()
        return Trial(backend, root, self.runs_on)

    def test_success(self, trial: Trial) -> None:
        ran = trial(job("web.dev.deploy", "echo hello"))
        assert (ran.job.status, ran.job.reason, ran.outcome.exit_code) == (Status.SUCCEEDED, "", 0)

    def test_failure_stops_the_job_and_is_the_exit_code(self, trial: Trial) -> None:
        ran = trial(job("web.dev.deploy", step("exit 3", id="bad"), step("echo never", id="later")))
        assert (ran.job.status, ran.outcome.exit_code) == (Status.FAILED, 1)
        assert ran.steps("bad")[0].exit_code in (3, None)
        assert [end.status for end in ran.steps("later")] == [Status.SKIPPED]
        assert "never" not in ran.record.text()

    def test_output_arrives_line_by_line_in_order(self, trial: Trial) -> None:
        ran = trial(job("web.dev.deploy", step("for i in 1 2 3; do echo line $i; done", id="say")))
        said = [line.text for line in ran.record.lines if line.step == "say" and line.text.startswith("line")]
        assert said == ["line 1", "line 2", "line 3"]

    def test_stderr_is_part_of_the_output(self, trial: Trial) -> None:
        ran = trial(job("web.dev.deploy", step("echo oops >&2", id="say")))
        assert "oops" in ran.log("say")

    def test_unicode_output(self, trial: Trial) -> None:
        ran = trial(job("web.dev.deploy", step("echo 'grüße 世界 🚀'", id="say")))
        assert "grüße 世界 🚀" in ran.log("say")

    def test_every_step_has_one_start_and_one_end(self, trial: Trial) -> None:
        ran = trial(job("web.dev.deploy", step("true", id="a"), step("true", id="b")))
        started = [what.step for what in ran.record.of(StepStarted)]
        ended = [what.step for what in ran.record.of(StepFinished)]
        assert (started, ended) == (["a", "b"], ["a", "b"])

    def test_the_record_begins_with_what_is_planned_and_ends_with_the_result(self, trial: Trial) -> None:
        ran = trial(job("web.dev.deploy", step("true", id="a")))
        first, last = ran.record.happenings[0], ran.record.happenings[-1]
        assert isinstance(first, RunStarted)
        assert [planned.id for planned in first.jobs] == ["web.dev.deploy"]
        assert last == RunFinished(Status.SUCCEEDED)

    def test_job_environment(self, trial: Trial) -> None:
        ran = trial(job("web.dev.deploy", step('echo "[$GREETING]"', id="say"), env={"GREETING": "two  words"}))
        assert "[two  words]" in ran.log("say")

    def test_step_environment_wins_over_the_job(self, trial: Trial) -> None:
        steps = (step('echo "[$WHO]"', id="a", env={"WHO": "step"}), step('echo "[$WHO]"', id="b"))
        ran = trial(job("web.dev.deploy", *steps, env={"WHO": "job"}))
        assert "[step]" in ran.log("a")
        assert "[job]" in ran.log("b")

    def test_values_of_any_json_type(self, trial: Trial) -> None:
        env = {"YES": True, "SEVEN": 7, "NOTHING": None}
        ran = trial(job("web.dev.deploy", step('echo "[$YES][$SEVEN][$NOTHING]"', id="say", env=env)))
        assert "[true][7][]" in ran.log("say")

    def test_orun_variables(self, trial: Trial) -> None:
        (trial.root / "in.txt").write_text("given")
        script = 'echo "[$ORUN_EXEC_ID][$ORUN_JOB_ID][$ORUN_COMPONENT][$ORUN_ENVIRONMENT][$ORUN_STEP_ID]"'
        ran = trial(job("web.dev.deploy", step(f'{script}; cat "$ORUN_WORKSPACE/in.txt"; echo', id="say")))
        assert "[trial][web.dev.deploy][web][dev][say]" in ran.log("say")
        assert "given" in ran.log("say")

    def test_environment_file_reaches_later_steps(self, trial: Trial) -> None:
        ran = trial(job("web.dev.deploy", 'echo "A=1" >> "$GITHUB_ENV"', step('echo "[$A]"', id="say")))
        assert "[1]" in ran.log("say")

    def test_heredoc_value(self, trial: Trial) -> None:
        write = 'printf "A<<END\\none\\n=two\\nEND\\n" >> "$GITHUB_ENV"'
        ran = trial(job("web.dev.deploy", write, step('echo "[$A]"', id="say")))
        assert "[one\n=two]" in ran.log("say")

    def test_path_file_reaches_later_steps(self, trial: Trial) -> None:
        make = 'mkdir -p bin; printf "#!/bin/sh\\necho from-tool\\n" > bin/mytool; chmod +x bin/mytool; echo "$PWD/bin" >> "$GITHUB_PATH"'
        ran = trial(job("web.dev.deploy", make, step("mytool; true", id="say")))
        assert "from-tool" in ran.log("say")
        assert ran.job.status is Status.SUCCEEDED

    def test_step_outputs_inside_the_job(self, trial: Trial) -> None:
        say = step("echo [${{ steps.make.outputs.url }}]", id="say")
        ran = trial(job("web.dev.deploy", step('echo "url=a=b" >> "$GITHUB_OUTPUT"', id="make"), say))
        assert "[a=b]" in ran.log("say")

    def test_files_of_the_workspace_are_seen_and_kept(self, trial: Trial) -> None:
        (trial.root / "in.txt").write_text("given")
        ran = trial(job("web.dev.deploy", step("cat in.txt; echo made > out.txt", id="say")))
        assert "given" in ran.log("say")
        assert (trial.root / "out.txt").read_text() == "made\n"

    def test_job_path_and_working_directory_are_joined_once(self, trial: Trial) -> None:
        (trial.root / "comp/sub").mkdir(parents=True)
        (trial.root / "comp/sub/here").touch()
        ran = trial(job("web.dev.deploy", step("ls", id="say", working_directory="sub"), path="comp"))
        assert "here" in ran.log("say").split()

    def test_post_step_runs_after_a_failure(self, trial: Trial) -> None:
        steps = (step("exit 1", id="bad"), step("echo cleaned", id="tidy", phase="post"))
        ran = trial(job("web.dev.deploy", *steps))
        assert ran.job.status is Status.FAILED
        assert "cleaned" in ran.log("tidy")

    def test_allowed_failure(self, trial: Trial) -> None:
        steps = (step("exit 1", id="lint", on_failure="continue"), step("echo on", id="next"))
        ran = trial(job("web.dev.deploy", *steps), job("app.dev.deploy", "true", depends_on=("web.dev.deploy",)))
        ended = ran.ended("web.dev.deploy")
        assert (ended.status, ended.allowed_failure) == (Status.SUCCEEDED, True)
        assert ran.ended("app.dev.deploy").status is Status.SUCCEEDED
        assert ran.steps("lint")[0].allowed_failure

    def test_dependants_of_a_failed_job_are_skipped_with_the_reason(self, trial: Trial) -> None:
        first, second = job("web.dev.deploy", "exit 1"), job("app.dev.deploy", "true", depends_on=("web.dev.deploy",))
        ran = trial(first, second)
        assert ran.skipped() == {"app.dev.deploy": "dependency failed: web.dev.deploy"}

    def test_secret_is_given_and_masked_everywhere(self, trial: Trial) -> None:
        secrets = (SecretRef("TOKEN", "secret://TOKEN"),)
        script = 'test "${#TOKEN}" = 18 && echo "token=$TOKEN"'
        ran = trial(
            job("web.dev.deploy", step(script, id="say"), secret_refs=secrets), secrets={"TOKEN": "s3cr3t-canary-0001"}
        )
        assert ran.job.status is Status.SUCCEEDED
        assert "token=***" in ran.log("say")
        everything = b"".join(log.getvalue() for log in ran.record.logs.values()).decode() + ran.record.text()
        assert "s3cr3t-canary-0001" not in everything + repr(ran.record.happenings)

    def test_secret_with_several_lines(self, trial: Trial) -> None:
        secrets = (SecretRef("KEY", "secret://KEY"),)
        ran = trial(
            job("web.dev.deploy", step('echo "$KEY"', id="say"), secret_refs=secrets),
            secrets={"KEY": "first-half\nsecond-half"},
        )
        assert "half" not in ran.log("say")

    def test_step_timeout(self, trial: Trial) -> None:
        steps = (
            step("echo begun; sleep 60", id="slow", timeout="500ms"),
            step("echo cleaned", id="tidy", phase="post"),
        )
        ran = trial(job("web.dev.deploy", *steps))
        assert ran.job.status is Status.TIMED_OUT
        assert ran.steps("slow")[0].status is Status.TIMED_OUT
        assert "timed out after 0.5s" in ran.job.reason

    def test_job_budget(self, trial: Trial) -> None:
        ran = trial(job("web.dev.deploy", step("sleep 60", id="slow"), timeout="500ms"))
        assert (ran.job.status, ran.job.reason) == (Status.TIMED_OUT, "job timed out after 0.5s")

    def test_job_retries(self, trial: Trial) -> None:
        ran = trial(job("web.dev.deploy", step("test -e mark || { touch mark; exit 1; }", id="flaky"), retries=1))
        assert ran.job.status is Status.SUCCEEDED
        assert [what.attempt for what in ran.record.of(JobStarted)] == [1, 2]

    def test_interruption(self, trial: Trial) -> None:
        steps = (step("echo begun; sleep 60; echo survived", id="slow"), step("true", id="later"))
        ran = trial(job("web.dev.deploy", *steps), on_line=interrupt_at("begun"))
        assert ran.outcome.exit_code == 130
        assert ran.job.status is Status.CANCELLED
        assert ran.record.happenings[-1] == RunFinished(Status.CANCELLED, "interrupted")
        assert "survived" not in ran.record.text()

    def test_jobs_side_by_side_keep_their_output_apart(self, trial: Trial) -> None:
        jobs = [
            job(f"c{n}.dev.deploy", step(f"for i in 1 2 3 4 5; do echo from-{n}; done", id=f"say{n}")) for n in range(4)
        ]
        ran = trial(*jobs)
        for number in range(4):
            assert {line for line in ran.log(f"say{number}").split() if line.startswith("from-")} == {f"from-{number}"}

    def test_many_lines(self, trial: Trial) -> None:
        ran = trial(job("web.dev.deploy", step("seq 1 20000", id="count")))
        lines = ran.log("count").split()
        assert (lines[0], lines[-1], len(lines)) == ("1", "20000", 20000)

    def test_a_line_without_an_end(self, trial: Trial) -> None:
        ran = trial(job("web.dev.deploy", step("printf unfinished", id="say")))
        assert ran.log("say").rstrip("\n").endswith("unfinished")

    def test_an_empty_job_succeeds(self, trial: Trial) -> None:
        ran = trial(job("web.dev.deploy", step("", id="nothing")))
        assert ran.job.status is Status.SUCCEEDED


def interrupt_at(text: str) -> Callable[[Output], None]:
    """For `on_line` of a trial: SIGINT to this process when a step prints this line."""

    def on_line(output: Output) -> None:
        if output.text == text:
            os.kill(os.getpid(), signal.SIGINT)

    return on_line
