"""An engine that does not see this machine's files gets copies, and gives back what the job declares."""

from __future__ import annotations

import os
import resource
from pathlib import Path

import pytest
from docker_engine import IMAGE, docker_backend
from orun_backend_docker.backend import DockerBackend
from orun_backend_docker.options import DockerOptions
from orun_core.spec.run import Status
from orun_core.testing.plans import job, step
from orun_core.testing.step_backend import StepBackendContract
from orun_core.testing.trial import Trial

pytestmark = pytest.mark.docker


class TestCopyingBackend(StepBackendContract):
    runs_on = IMAGE
    bash = False
    python = False

    # These look at files that no job declares as outputs.
    test_files_of_the_workspace_are_seen_and_kept = None
    test_job_retries = None
    test_children_that_ignore_sigterm_are_gone_after_the_timeout = None

    @pytest.fixture
    def backend(self):
        with docker_backend(files="copy") as backend:
            yield backend


@pytest.fixture
def trial(tmp_path):
    root = tmp_path / "workspace"
    (root / "web").mkdir(parents=True)
    with docker_backend(files="copy") as backend:
        yield Trial(backend, root, IMAGE)


def test_the_workspace_is_there_without_what_orun_keeps_and_the_host_is_untouched(trial):
    (trial.root / ".orun").mkdir()
    (trial.root / "web/in").write_text("given")
    (trial.root / "web/tool").touch(mode=0o755)
    (trial.root / "link").symlink_to("web/in")
    script = "cat ../link; test -x tool; test ! -e ../.orun; rm in; echo made > out"
    ran = trial(job("a.dev.test", step(script, id="say"), path="web"))
    assert (ran.job.status, ran.log("say")) == (Status.SUCCEEDED, "given")
    assert sorted(entry.name for entry in (trial.root / "web").iterdir()) == ["in", "tool"]


@pytest.fixture
def little_room():
    """No file of this process may grow beyond a megabyte."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.fixture
def big_file(trial):
    (trial.root / "big").write_bytes(bytes(20_000_000))


def test_a_workspace_that_cannot_be_copied_fails_the_job_with_that_reason(trial, big_file, little_room):
    ran = trial(job("a.dev.test", "true"))
    assert ran.job.reason == "cannot copy the workspace to the engine: [Errno 27] File too large"


def test_declared_outputs_come_back_as_the_callers_files(trial):
    (trial.root / "web/dist").mkdir()
    (trial.root / "web/dist/kept").write_text("kept")
    script = "mkdir -p dist/a; echo one > dist/a/one; echo two > two; chmod 750 two; ln -s two three"
    outputs = ("dist", "two", "three", "absent")
    ran = trial(job("a.dev.test", script, path="web", outputs=outputs))
    web = trial.root / "web"
    assert ran.job.status is Status.SUCCEEDED
    assert [(web / name).read_text() for name in ("dist/a/one", "dist/kept", "two")] == ["one\n", "kept", "two\n"]
    assert (web / "two").stat().st_mode & 0o777 == 0o750
    assert (web / "two").stat().st_uid == os.getuid()
    assert (web / "three").readlink() == Path("two")


def test_an_output_may_not_leave_the_workspace(trial, tmp_path):
    (trial.root / "door").symlink_to(tmp_path)
    ran = trial(job("a.dev.test", "rm door; mkdir door; echo x > door/x", outputs=("door/x",)))
    assert "leaves the workspace" in ran.job.reason
    assert not (tmp_path / "x").exists()
    ran = trial(job("a.dev.test", "true", outputs=("../x",)))
    assert "leaves the workspace" in ran.job.reason


def test_a_link_to_the_outside_is_not_brought_home(trial):
    ran = trial(job("a.dev.test", "mkdir out; ln -s /etc/passwd out/link", outputs=("out",)))
    assert ran.job.status is Status.FAILED
    assert "cannot take out from the container" in ran.job.reason
    assert not (trial.root / "out").exists()


def test_a_failed_step_is_the_reason_whatever_happens_to_its_outputs(trial):
    ran = trial(job("a.dev.test", step("ln -s /etc/passwd out; exit 3", id="bad"), outputs=("out",)))
    assert (ran.job.status, ran.job.reason) == (Status.FAILED, "step bad: command exited with code 3")


def test_a_step_may_start_in_a_folder_that_is_only_there(trial):
    ran = trial(job("a.dev.test", "mkdir made", step("pwd", id="say", working_directory="made")))
    assert ran.log("say") == "/workspace/made\n"


def test_copies_are_for_engines_behind_a_network_address_or_where_asked():
    hosts = ("", "unix:///run/docker.sock", "tcp://10.0.0.1:2376", "ssh://build@example.test")
    backends = [DockerBackend({"DOCKER_HOST": host}) for host in hosts]
    assert [backend.capabilities.local for backend in backends] == [True, True, False, False]
    assert not DockerBackend({}, DockerOptions(files="copy")).capabilities.local
    assert DockerBackend({"DOCKER_HOST": hosts[2]}, DockerOptions(files="mount")).capabilities.local
