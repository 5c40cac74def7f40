"""What every backend that runs one command at a time promises, beyond `BackendContract`."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from orun_core.spec.plan import SecretRef
from orun_core.spec.run import Status, StepFinished
from orun_core.testing.backend import BackendContract, interrupt_at
from orun_core.testing.plans import job, step

if TYPE_CHECKING:
    from orun_core.spec.run import Output
    from orun_core.testing.trial import Trial


class StepBackendContract(BackendContract):
    """Further cases for backends that run one command at a time. `bash`, `python`: what the job finds there."""

    bash = True
    python = True

    def test_exit_code_is_kept(self, trial: Trial) -> None:
        for code in (1, 2, 77, 126, 127, 255):
            ran = trial(job("web.dev.deploy", step(f"exit {code}", id="bad")))
            assert (ran.steps("bad")[0].exit_code, ran.job.reason) == (
                code,
                f"step bad: command exited with code {code}",
            )

    def test_death_by_signal_is_128_plus_n(self, trial: Trial) -> None:
        ran = trial(job("web.dev.deploy", step("kill -9 $$", id="bad")))
        assert ran.steps("bad")[0].exit_code == 137

    def test_the_first_failing_command_ends_the_script(self, trial: Trial) -> None:
        ran = trial(job("web.dev.deploy", step("false\necho unreached", id="bad")))
        assert ran.job.status is Status.FAILED
        assert "unreached" not in ran.log("bad")

    def test_bash_by_default_with_pipefail(self, trial: Trial) -> None:
        if not self.bash:
            pytest.skip("no bash there")
        ran = trial(job("web.dev.deploy", step("false | cat", id="pipe"), step("echo", id="x")))
        assert ran.steps("pipe")[0].exit_code == 1

    def test_sh(self, trial: Trial) -> None:
        ran = trial(job("web.dev.deploy", step('echo "sh says $((1 + 1))"', id="say", shell="sh")))
        assert ran.log("say") == "sh says 2\n"

    def test_python(self, trial: Trial) -> None:
        if not self.python:
            pytest.skip("no python there")
        ran = trial(job("web.dev.deploy", step("import sys\nprint(sys.version_info[0])", id="say", shell="python")))
        assert ran.log("say") == "3\n"

    def test_shell_template(self, trial: Trial) -> None:
        ran = trial(job("web.dev.deploy", step("echo traced", id="say", shell="sh -x {0}")))
        assert ran.log("say") == "+ echo traced\ntraced\n"

    def test_unknown_shell_fails_the_step_with_a_reason(self, trial: Trial) -> None:
        ran = trial(job("web.dev.deploy", step("true", id="bad", shell="fish")))
        assert "unknown shell 'fish'" in ran.job.reason
        assert "unknown shell" in ran.log("bad")

    def test_a_script_with_awkward_characters(self, trial: Trial) -> None:
        text = "'\"`$\\!*?[]{}()<>|&;~# é"
        ran = trial(job("web.dev.deploy", step(f"cat <<'EOF'\n{text}\nEOF", id="say")))
        assert ran.log("say") == text + "\n"

    def test_environment_values_are_byte_exact(self, trial: Trial) -> None:
        value = " lead\ttab 'q' \"d\" $HOME `x` \\ \n é "
        ran = trial(job("web.dev.deploy", step("printf '[%s]' \"$VALUE\"", id="say"), env={"VALUE": value}))
        assert ran.log("say") == f"[{value}]"

    def test_output_that_is_not_utf8_is_kept_byte_for_byte(self, trial: Trial) -> None:
        ran = trial(job("web.dev.deploy", step("printf '\\377\\376ok\\n'", id="say")))
        assert ran.record.log("say") == b"\xff\xfeok\n"

    def test_stdin_is_empty(self, trial: Trial) -> None:
        ran = trial(job("web.dev.deploy", step("cat; echo done", id="say")))
        assert ran.log("say") == "done\n"

    def test_both_names_of_the_file_commands(self, trial: Trial) -> None:
        names = ("ENV", "OUTPUT", "PATH", "STATE", "STEP_SUMMARY")
        tests = " && ".join(f'test "$ORUN_{name}" = "$GITHUB_{name}" && test -f "$ORUN_{name}"' for name in names)
        assert trial(job("web.dev.deploy", tests)).job.status is Status.SUCCEEDED

    def test_outputs_reach_dependants(self, trial: Trial) -> None:
        make = job("net.dev.apply", step('echo "vpc-id=v 1" >> "$ORUN_OUTPUT"', id="make"))
        use = job(
            "web.dev.deploy",
            step('echo "[$ORUN_OUTPUT_NET_DEV_APPLY_VPC_ID]"', id="say"),
            depends_on=("net.dev.apply",),
        )
        ran = trial(make, use)
        assert ran.ended("net.dev.apply").outputs == {"vpc-id": "v 1"}
        assert ran.log("say") == "[v 1]\n"

    def test_state_reaches_later_steps(self, trial: Trial) -> None:
        post = step('echo "[$STATE_pid]"', id="say", phase="post")
        assert trial(job("web.dev.deploy", 'echo "pid=7" >> "$ORUN_STATE"', post)).log("say") == "[7]\n"

    def test_summary(self, trial: Trial) -> None:
        ran = trial(
            job("web.dev.deploy", 'echo "# Title" >> "$ORUN_STEP_SUMMARY"', 'echo "text" >> "$GITHUB_STEP_SUMMARY"')
        )
        assert ran.job.summary == "# Title\ntext\n"

    def test_a_broken_file_command_fails_the_step(self, trial: Trial) -> None:
        ran = trial(job("web.dev.deploy", step('echo "no assignment" >> "$ORUN_ENV"', id="bad")))
        assert ran.job.reason == "step bad: ENV file has a line without = or <<: 'no assignment'"

    def test_reserved_names_in_the_environment_file_are_refused(self, trial: Trial) -> None:
        for name in ("ORUN_JOB_ID", "GITHUB_SHA", "RUNNER_TEMP", "NODE_OPTIONS"):
            ran = trial(job("web.dev.deploy", step(f'echo "{name}=x" >> "$ORUN_ENV"', id="bad")))
            assert ran.job.reason == f"step bad: ENV file may not set {name}"

    def test_missing_working_directory(self, trial: Trial) -> None:
        ran = trial(job("web.dev.deploy", step("true", id="bad", working_directory="nowhere")))
        assert "working directory does not exist" in ran.job.reason

    def test_working_directory_may_not_leave_the_workspace(self, trial: Trial) -> None:
        (trial.root / "door").symlink_to(trial.root.parent)
        for folder in ("..", "door", "/"):
            ran = trial(job("web.dev.deploy", step("echo outside", id="bad", working_directory=folder)))
            assert "leaves the workspace" in ran.job.reason
            assert "outside\n" not in ran.log("bad")

    def test_phases_and_order(self, trial: Trial) -> None:
        steps = (
            step("echo 4", id="d", phase="post"),
            step("echo 3", id="c", order=2),
            step("echo 2", id="b", order=1),
            step("echo 1", id="a", phase="pre"),
        )
        assert trial(job("web.dev.deploy", *steps)).record.text() == "1\n2\n3\n4"

    def test_pre_failure_skips_main_and_runs_post(self, trial: Trial) -> None:
        steps = (step("exit 1", id="pre", phase="pre"), step("true", id="main"), step("true", id="post", phase="post"))
        ran = trial(job("web.dev.deploy", *steps))
        assert [(end.step, end.status.value) for end in ran.record.of(StepFinished)] == [
            ("pre", "failed"),
            ("main", "skipped"),
            ("post", "succeeded"),
        ]

    def test_a_failing_post_step_fails_the_job_and_the_others_run(self, trial: Trial) -> None:
        steps = (step("true", id="a"), step("exit 1", id="b", phase="post"), step("echo c", id="c", phase="post"))
        ran = trial(job("web.dev.deploy", *steps))
        assert (ran.job.status, ran.job.reason) == (Status.FAILED, "step b: command exited with code 1")
        assert ran.log("c") == "c\n"

    def test_step_retries_keep_every_log(self, trial: Trial) -> None:
        script = "if test -e mark; then echo second; else touch mark; echo first; exit 9; fi"
        ran = trial(job("web.dev.deploy", step(script, id="flaky", retry=2)))
        assert [(end.attempt, end.status.value, end.exit_code) for end in ran.steps("flaky")] == [
            (1, "failed", 9),
            (2, "succeeded", 0),
        ]
        assert (ran.log("flaky", 1), ran.log("flaky", 2)) == ("first\n", "second\n")

    def test_a_step_that_ignores_sigterm_is_killed_after_the_grace(self, trial: Trial) -> None:
        script = "trap '' TERM; echo begun; while :; do sleep 1 || :; done"
        ran = trial(job("web.dev.deploy", step(script, id="stubborn", timeout="300ms")), grace=0.3)
        assert (ran.steps("stubborn")[0].status, ran.steps("stubborn")[0].exit_code) == (Status.TIMED_OUT, 137)

    def test_a_step_may_clean_up_within_the_grace(self, trial: Trial) -> None:
        script = "trap 'echo cleaning; exit 0' TERM; echo begun; while :; do sleep 0.05; done"
        ran = trial(job("web.dev.deploy", step(script, id="polite", timeout="300ms")), grace=5.0)
        assert ran.log("polite").startswith("begun\n")
        assert ran.log("polite").endswith("cleaning\n")
        assert ran.job.status is Status.TIMED_OUT

    def test_children_that_ignore_sigterm_are_gone_after_the_timeout(self, trial: Trial) -> None:
        script = "(trap '' TERM; while :; do echo x >> alive; sleep 0.05; done) & echo begun; sleep 60"
        look = step("before=$(wc -c < alive); sleep 0.3; test $before = $(wc -c < alive)", id="look", phase="post")
        ran = trial(job("web.dev.deploy", step(script, id="parent", timeout="300ms"), look), grace=0.3)
        assert (ran.steps("parent")[0].status, ran.steps("look")[0].status) == (Status.TIMED_OUT, Status.SUCCEEDED)

    def test_a_background_child_does_not_hold_the_step(self, trial: Trial) -> None:
        ran = trial(job("web.dev.deploy", step("sleep 60 & echo on", id="a", timeout="20s"), step("echo b", id="b")))
        assert ran.job.status is Status.SUCCEEDED

    def test_a_background_child_lives_until_the_job_ends(self, trial: Trial) -> None:
        look = step("sleep 0.2; kill -0 $(cat pid) && echo alive", id="look")
        ran = trial(job("web.dev.deploy", "sleep 60 & echo $! > pid", look))
        assert ran.log("look") == "alive\n"

    def test_post_steps_run_after_an_interruption(self, trial: Trial) -> None:
        steps = (step("echo begun; sleep 60", id="slow"), step("echo cleaned", id="tidy", phase="post"))
        ran = trial(job("web.dev.deploy", *steps), on_line=interrupt_at("begun"))
        assert ran.log("tidy") == "cleaned\n"
        assert ran.job.status is Status.CANCELLED

    def test_a_second_signal_kills_at_once(self, trial: Trial) -> None:
        steps = (
            step("trap 'echo stopping' TERM; echo begun; while :; do sleep 0.05 || :; done", id="stubborn"),
            step("echo cleaned", id="tidy", phase="post"),
        )

        def on_line(output: Output) -> None:
            if output.text in ("begun", "stopping"):
                os.kill(os.getpid(), signal.SIGTERM)

        ran = trial(job("web.dev.deploy", *steps), on_line=on_line, grace=60.0)
        assert ran.outcome.exit_code == 143
        assert [(end.step, end.status.value) for end in ran.record.of(StepFinished)] == [
            ("stubborn", "cancelled"),
            ("tidy", "skipped"),
        ]

    def test_masking_across_writes(self, trial: Trial) -> None:
        secrets = (SecretRef("TOKEN", "secret://TOKEN"),)
        script = 'printf "a:%s" "${TOKEN%-0002}"; sleep 0.1; printf -- "-0002:b\\n"'
        ran = trial(
            job("web.dev.deploy", step(script, id="say"), secret_refs=secrets), secrets={"TOKEN": "canary-value-0002"}
        )
        assert ran.log("say") == "a:***:b\n"

    def test_a_secret_output_is_not_handed_on(self, trial: Trial) -> None:
        secrets = (SecretRef("TOKEN", "secret://TOKEN"),)
        made = step('echo "t=$TOKEN" >> "$ORUN_OUTPUT"; echo "u=plain" >> "$ORUN_OUTPUT"', id="make")
        ran = trial(job("web.dev.deploy", made, secret_refs=secrets), secrets={"TOKEN": "canary-value-0003"})
        assert ran.job.outputs == {"u": "plain"}

    def test_a_million_lines(self, trial: Trial) -> None:
        ran = trial(job("web.dev.deploy", step("seq 1 1000000", id="count")), wants_output=False)
        log = ran.record.log("count")
        assert (log[:4], log[-8:], log.count(b"\n")) == (b"1\n2\n", b"1000000\n", 1000000)
