"""What a job finds in its container, and what the host sees of it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from docker_engine import IMAGE, docker_backend, leftovers, present
from host_image import host_image
from orun_core.spec.plan import SecretRef
from orun_core.spec.run import Noted, Status
from orun_core.testing.plans import job, step
from orun_core.testing.trial import Trial

pytestmark = pytest.mark.docker


@pytest.fixture
def docker_trial(tmp_path):
    """Makes a trial whose backend has these options."""
    made = []

    def make(environ=os.environ, **options):
        context = docker_backend(environ, **options)
        made.append(context)
        root = tmp_path / f"workspace-{len(made)}"
        root.mkdir()
        return Trial(context.__enter__(), root, IMAGE)

    yield make
    for context in made:
        context.__exit__(None, None, None)


def test_steps_of_a_job_share_one_container_and_jobs_do_not(docker_trial):
    trial = docker_trial()
    one = job("a.dev.test", "touch /tmp/mark", step("test -e /tmp/mark", id="look"))
    other = job("b.dev.test", "! test -e /tmp/mark", depends_on=("a.dev.test",))
    assert trial(one, other).outcome.exit_code == 0
    assert leftovers(trial) == []


def test_the_workspace_is_mounted_and_its_files_are_the_callers(docker_trial):
    trial = docker_trial()
    trial(job("a.dev.test", step("pwd; id -u; echo made > out; mkdir -p deep/er", id="say")))
    assert (trial.root / "out").stat().st_uid == os.getuid()
    assert (trial.root / "deep/er").stat().st_gid == os.getgid()


def test_paths_inside(docker_trial):
    trial = docker_trial()
    (trial.root / "web").mkdir()
    ran = trial(
        job("a.dev.test", step('pwd; echo $ORUN_WORKSPACE; echo $HOME; echo "${ORUN_ENV%/*}"', id="say"), path="web")
    )
    assert ran.log("say") == "/workspace/web\n/workspace\n/orun/home\n/orun/say.1\n"


def test_another_user_owns_the_copies_that_it_works_on(docker_trial):
    trial = docker_trial(user="1234:1234", files="copy")
    ran = trial(
        job(
            "a.dev.test",
            step('id -u; id -g; touch x "$HOME/x"; echo A=1 >> "$ORUN_ENV"', id="say"),
            step("echo $A", id="next"),
        )
    )
    assert (ran.log("say"), ran.log("next")) == ("1234\n1234\n", "1\n")


def test_the_hosts_environment_stays_outside_unless_asked(docker_trial):
    environ = {**os.environ, "MINE": "from-outside", "OTHER": "hidden", "PATH": "/host/only"}
    trial = docker_trial(environ, environment=("MINE", "ABSENT"))
    ran = trial(job("a.dev.test", step('echo "[$MINE][$OTHER][$PATH]"', id="say")))
    assert ran.log("say") == "[from-outside][][/bin]\n"


def test_no_privileges(docker_trial):
    script = "grep -E '^(CapEff|CapBnd|NoNewPrivs):' /proc/self/status | tr -s '\\t' ' '"
    ran = docker_trial()(job("a.dev.test", step(script, id="say")))
    assert ran.log("say") == "CapEff: 0000000000000000\nCapBnd: 0000000000000000\nNoNewPrivs: 1\n"


def test_kept_capabilities(docker_trial):
    ran = docker_trial(capabilities=("CHOWN",))(job("a.dev.test", step("grep CapBnd /proc/self/status", id="say")))
    assert ran.log("say").split() == ["CapBnd:", "0000000000000001"]


def test_a_read_only_root(docker_trial):
    script = "touch /bin/x 2>/dev/null || echo refused; touch /tmp/x $HOME/x x && echo written"
    ran = docker_trial(read_only=True)(job("a.dev.test", step(script, id="say")))
    assert ran.log("say") == "refused\nwritten\n"


def test_limits_reach_the_engine(docker_trial):
    trial = docker_trial(memory="64m", cpus=0.5, pids=50, network="none")
    seen = []

    def on_line(output):
        (found,) = present(trial)
        seen.append(trial.backend.engine.api.inspect_container(found["Id"])["HostConfig"])

    ran = trial(job("a.dev.test", "ip -o link | wc -l"), on_line=on_line)
    assert ran.log("step-1") == "1\n"
    limits = {key: seen[0][key] for key in ("Memory", "NanoCpus", "PidsLimit", "NetworkMode", "Init")}
    assert limits == {"Memory": 64 << 20, "NanoCpus": 500_000_000, "PidsLimit": 50, "NetworkMode": "none", "Init": True}


def test_the_image_of_a_job_is_in_the_record(docker_trial):
    trial = docker_trial(images={"ubuntu-22.04": IMAGE})
    ran = trial(*(job(f"{name}.dev.test", "true", runs_on="ubuntu-22.04") for name in "ab"))
    (note,) = ran.record.of(Noted)
    digest = trial.backend.images.get(IMAGE, note).digest
    assert (note.kind, note.data) == ("image", {"image": IMAGE, "digest": digest})
    assert digest.startswith("sha256:")


def test_a_folder_outside_the_workspace_is_refused(docker_trial, tmp_path):
    ran = docker_trial()(job("a.dev.test", "true"), workdir=tmp_path)
    assert "is outside the workspace" in ran.job.reason


def test_git_works_in_a_staged_copy_because_its_repository_is_mounted(docker_trial):
    trial = docker_trial()
    for arguments in (
        ["init", "-q"],
        ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-mx"],
    ):
        subprocess.run(["git", "-C", str(trial.root), *arguments], check=True)
    from orun_core.runtime.isolation import IsolationMode

    ran = trial(
        job("a.dev.test", step('test -d "$(cat .git/commondir)/objects"', id="look")), isolation=IsolationMode.WORKSPACE
    )
    assert ran.job.status is Status.SUCCEEDED


def test_no_command_line_on_the_host_shows_a_value(docker_trial):
    """Looks at every process of this machine while a step runs."""
    lines = []

    def on_line(output):
        lines.extend(file.read_bytes() for file in Path("/proc").glob("[0-9]*/cmdline"))

    secrets = (SecretRef("TOKEN", "secret://TOKEN"),)
    say = step("echo begun; sleep 0.5", id="say", env={"STEP": "step-canary-0001"})
    ran = docker_trial()(
        job("a.dev.test", say, env={"JOB": "job-canary-0002"}, secret_refs=secrets),
        secrets={"TOKEN": "secret-canary-0003"},
        on_line=on_line,
    )
    seen = b"\n".join(lines)
    assert ran.job.status is Status.SUCCEEDED
    assert b"sleep\x000.5" in seen or b"/orun/say.1/script.sh" in seen
    assert b"canary" not in seen


def test_a_child_in_a_session_of_its_own_is_gone_after_the_timeout(docker_trial):
    trial = docker_trial()
    script = "setsid sh -c \"trap '' TERM; while :; do echo x >> alive; sleep 0.05; done\" & echo begun; sleep 60"
    look = step('a=$(wc -c < alive); sleep 0.3; test "$a" = "$(wc -c < alive)" && echo still', id="look", phase="post")
    ran = trial(job("a.dev.test", step(script, id="parent", timeout="400ms"), look), grace=0.3)
    assert ran.log("look") == "still\n"


@pytest.mark.parametrize("script", ["kill -9 -1; sleep 60", "kill -TERM 1; sleep 60"], ids=["all", "init"])
def test_a_step_that_ends_its_container_fails_with_that_reason(docker_trial, script):
    trial = docker_trial()
    ran = trial(job("a.dev.test", step(script, id="bad"), step("true", id="next", phase="post")))
    assert ran.job.reason == "step bad: the command was cut off: the container has ended"
    assert ran.log("next").startswith("orun: cannot start sh: ")
    (hint,) = [note for note in ran.record.of(Noted) if note.kind == "hint"]
    assert hint.data == {"code": "docker/gone"}
    assert leftovers(trial) == []


def test_a_command_that_is_killed_while_its_container_lives_has_its_exit_code(docker_trial):
    ran = docker_trial()(
        job("a.dev.test", step("kill -9 $PPID; sleep 60", id="bad"), step("echo on", id="next", phase="post"))
    )
    assert (ran.job.reason, ran.log("next")) == ("step bad: command exited with code 137", "on\n")


def test_a_command_that_is_killed_for_want_of_memory_says_so(docker_trial):
    trial = docker_trial(memory="64m")
    if not trial.backend.engine.limits("memory"):
        pytest.skip("this engine cannot limit memory")
    ran = trial(job("a.dev.test", step("tail /dev/zero", id="big")))
    assert (ran.job.reason, ran.log("big")) == (
        "step big: command exited with code 137",
        "Killed\norun: killed because the container ran out of memory\n",
    )


def test_bash_and_python_of_the_image_are_found(docker_trial):
    trial = docker_trial()
    image = host_image(trial.backend.engine)
    steps = (
        step("false | cat", id="pipe", on_failure="continue"),
        step("import sys; print(sys.version_info[0])", id="python", shell="python"),
    )
    ran = trial(job("a.dev.test", *steps, runs_on=image))
    assert (ran.steps("pipe")[0].exit_code, ran.log("python")) == (1, "3\n")
