"""Runs in hostile surroundings: closed streams, a full disk, other users, no home, odd names. Right, or one clear error."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from orun_core.testing.plans import job
from parts import missing
from running import Project

ORUN = f"{sys.executable} -m orun_core.cli.main"


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)


def sh(project, script, **extra):
    """A shell script in the workspace; `$ORUN` is the command."""
    environ = project.environ(ORUN=ORUN, **extra)
    command = ["sh", "-c", script]
    return subprocess.run(
        command,
        cwd=project.root,
        env=environ,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams(project, closed):
    project.plan(job("api.dev.x", "cat; echo out; echo err >&2"))
    done = sh(project, f"$ORUN run plan.json --exec-id one {closed}")
    assert (done.returncode, done.stderr) == (0, "")
    assert project.status("one") == {"api.dev.x": "succeeded"}
    assert (project.root / ".orun/runs/one/logs/api.dev.x/01-step-1.1.log").read_text() == "out\nerr\n"


def test_an_error_without_a_stderr_keeps_its_exit_status(project):
    assert sh(project, "$ORUN run nothing-like-this 2>&-").returncode == 2


@pytest.mark.parametrize("command", ["status", "run", "run plan.json", "-i intent.yaml plan", "plugins"])
def test_a_working_folder_that_is_gone(project, command):
    done = sh(project, f"mkdir gone; cd gone; rmdir ../gone; $ORUN {command}", PYTHONPATH=os.pathsep.join(sys.path))
    if command != "plugins":
        assert (done.returncode, done.stderr.splitlines()[0]) == (2, "✕ the working folder was removed")
    else:
        assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("command", ["version", "validate --format json", "validate --format sarif"])
def test_a_full_stdout_is_an_error(project, command):
    done = sh(project, f"$ORUN {command} > /dev/full")
    assert (done.returncode, done.stderr.splitlines()[0]) == (1, "✕ stdout: No space left on device")
    assert "Traceback" not in done.stderr


def test_a_document_that_nobody_reads_ends_in_silence(project):
    reader, writer = os.pipe()
    os.close(reader)
    environ, command = project.environ(), [*ORUN.split(), "validate", "--format", "json"]
    done = subprocess.run(command, cwd=project.root, env=environ, stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert done.stderr == b""


def test_a_run_goes_on_when_its_display_cannot_be_written(project):
    pytest.importorskip("orun_cockpit")
    project.plan(job("api.dev.x", "true"), job("web.dev.x", "true"))
    done = sh(project, "$ORUN run plan.json --exec-id one > /dev/full")
    assert done.stderr.splitlines()[0] == "⚠ the run is not shown any more: No space left on device"
    assert "Traceback" not in done.stderr
    assert project.status("one") == {"api.dev.x": "succeeded", "web.dev.x": "succeeded"}


def test_a_log_that_cannot_be_written_fails_the_job_and_ends_its_processes(project):
    project.plan(job("api.dev.x", "echo $$ > pid; yes; sleep 60"), job("web.dev.x", "true"))
    done = sh(project, "ulimit -f 16; exec $ORUN run plan.json --exec-id one --keep-going --isolation none")
    assert (done.returncode, done.stderr) == (1, "")
    state = project.state("one")
    assert {found.id: found.status.value for found in state.jobs} == {"api.dev.x": "failed", "web.dev.x": "succeeded"}
    assert state.jobs[0].reason == "logs/api.dev.x/01-step-1.1.log cannot be written: File too large"
    assert not Path(f"/proc/{(project.root / 'pid').read_text().strip()}").exists()


def test_three_hundred_variables(project):
    project.plan(job("api.dev.x", "env | grep -c ^VAR_", env={f"VAR_{n}": "v" * 100 for n in range(300)}))
    assert sh(project, "$ORUN run plan.json --exec-id one").returncode == 0
    assert (project.root / ".orun/runs/one/logs/api.dev.x/01-step-1.1.log").read_text() == "300\n"


def test_a_file_called_orun_is_in_the_way(project):
    project.plan(job("api.dev.x", "true"))
    (project.root / ".orun").write_text("mine")
    done = sh(project, "$ORUN run plan.json")
    assert (done.returncode, done.stderr.splitlines()[0]) == (1, f"✕ {project.root}/.orun: Not a directory")
    assert (project.root / ".orun").read_text() == "mine"


def test_other_users_and_their_leftovers(project, tmp_path):
    if os.geteuid():
        missing("root", "only root can act as another user")
    project.plan(job("api.dev.x", "id -u"))
    theirs = Path(tmp_path / "tmp/orun-run-theirs")
    theirs.mkdir(parents=True, mode=0o700)
    os.chown(theirs, 65534, 65534)
    (theirs / ".owner").touch()
    assert sh(project, "$ORUN run plan.json --exec-id one", TMPDIR=str(tmp_path / "tmp")).returncode == 0
    assert theirs.exists()


def test_a_workspace_that_cannot_be_written(project):
    if not os.geteuid():
        missing("user", "root may write everywhere")
    project.plan(job("api.dev.x", "true"))
    project.root.chmod(0o555)
    done = sh(project, "$ORUN run plan.json")
    project.root.chmod(0o755)
    assert (done.returncode, done.stderr.splitlines()[0]) == (1, f"✕ {project.root}/.orun: Permission denied")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_terminal_without_unicode(project, encoding):
    project.plan(job("api.dev.x", "echo grün", display_name="Grün"))
    done = sh(project, "$ORUN run plan.json", PYTHONUTF8="0", PYTHONIOENCODING=encoding, LC_ALL="C")
    assert done.returncode == 0, done.stderr


def test_logs_of_odd_names_are_apart_and_inside(project):
    made = [
        f"{component}.dev.{name}"
        for component in ("a b", "a_b", "a/../b", "日本語" * 40, "ä" * 200)
        for name in ("one", "two")
    ]
    project.plan(*(job(name.replace("a/../b", "a／b"), "echo $ORUN_JOB_ID") for name in made))
    assert sh(project, "$ORUN run plan.json --exec-id one --isolation none").returncode == 0
    logs = {log.read_text().strip() for log in (project.root / ".orun/runs/one/logs").glob("*/*.log")}
    assert logs == {name.replace("a/../b", "a／b") for name in made}
