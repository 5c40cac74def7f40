"""What can be wrong with an engine or an image is one message that says how to mend it."""

from __future__ import annotations

import os
import socket
from contextlib import closing
from pathlib import Path

import pytest
from docker_engine import IMAGE, docker_backend
from orun_backend_docker.backend import DockerBackend
from orun_backend_docker.engine import Engine
from orun_backend_docker.errors import unreachable
from orun_core.runtime.scheduler import OnFailure
from orun_core.spec.errors import RunError
from orun_core.spec.run import JobFinished, Noted, Status
from orun_core.testing.plans import job
from orun_core.testing.trial import Trial
from scripted_engine import scripted_engine

FULL = {"message": "write /var/lib/docker/tmp/x: no space left on device"}


def refused(host):
    with pytest.raises(RunError) as caught:
        Engine.connect({"DOCKER_HOST": host})
    (diagnostic,) = caught.value.diagnostics
    return diagnostic


def test_no_engine(tmp_path):
    said = refused(f"unix://{tmp_path}/none.sock")
    assert said.code == "docker/no-engine"
    assert (
        said.message == f"cannot reach the container engine at unix://{tmp_path}/none.sock: No such file or directory"
    )
    assert "systemctl start docker" in said.hint


def test_an_engine_that_does_not_listen(tmp_path):
    path = str(tmp_path / "dead.sock")
    with closing(socket.socket(socket.AF_UNIX)) as dead:
        dead.bind(path)
    assert refused(f"unix://{path}").message.endswith("Connection refused")


def test_a_host_that_is_no_address():
    assert refused("nonsense://x").code == "docker/no-engine"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may use every socket")
def test_a_socket_of_somebody_else(tmp_path):
    path = str(tmp_path / "closed.sock")
    with closing(socket.socket(socket.AF_UNIX)) as closed:
        closed.bind(path)
        closed.listen()
        Path(path).chmod(0)
        assert refused(f"unix://{path}").code == "docker/socket-denied"


def test_a_denied_socket_as_the_library_tells_it():
    said = unreachable("cannot reach the engine", PermissionError(13, "Permission denied"))
    assert (said.code, said.message) == ("docker/socket-denied", "cannot reach the engine: permission denied")


def test_a_full_disk(tmp_path):
    with scripted_engine(tmp_path, FULL, b"500 Error") as engine:
        with pytest.raises(RunError) as caught:
            engine.pull("example.test/app:1")
        (said,) = caught.value.diagnostics
        assert said.code == "docker/disk-full"
        assert said.message.startswith("cannot pull image example.test/app:1: write /var/lib/docker")
        assert "docker system prune" in said.hint


@pytest.mark.parametrize(
    ("told", "rootless", "limits"),
    [
        ({"MemoryLimit": True, "CgroupVersion": "1"}, False, True),
        ({"SecurityOptions": ["name=seccomp", "name=rootless"], "MemoryLimit": False}, True, False),
        ({"Rootless": True, "MemoryLimit": True, "CgroupVersion": "1"}, True, False),
        ({"Rootless": True, "MemoryLimit": True, "CgroupVersion": "2"}, True, True),
    ],
    ids=["docker", "rootless docker", "rootless podman, cgroups 1", "rootless podman, cgroups 2"],
)
def test_what_docker_and_podman_say_of_themselves(tmp_path, told, rootless, limits):
    with scripted_engine(tmp_path, told) as engine:
        assert (engine.rootless(), engine.limits("memory")) == (rootless, limits)


def test_a_job_without_an_engine_fails_with_that_message(tmp_path):
    backend = DockerBackend({"DOCKER_HOST": f"unix://{tmp_path}/none.sock"})
    ran = Trial(backend, tmp_path, IMAGE)(job("a.dev.test", "true"))
    assert ran.job.status is Status.FAILED
    assert ran.job.reason.startswith("cannot reach the container engine at unix://")


def test_the_remedy_is_noted_once_however_many_jobs_need_it(tmp_path):
    backend = DockerBackend({"DOCKER_HOST": f"unix://{tmp_path}/none.sock"})
    jobs = [job(f"{name}.dev.test", "true") for name in "abc"]
    ran = Trial(backend, tmp_path, IMAGE)(*jobs, on_failure=OnFailure.KEEP_GOING)
    (note,) = ran.record.of(Noted)
    assert (note.kind, note.data) == ("hint", {"code": "docker/no-engine"})
    assert note.message.startswith("docker/no-engine: start it (systemctl start docker")
    assert [what.status for what in ran.record.of(JobFinished)] == [Status.FAILED] * 3


@pytest.fixture
def trial(tmp_path):
    with docker_backend() as backend:
        yield Trial(backend, tmp_path, IMAGE)


@pytest.mark.docker
def test_a_missing_image_that_may_not_be_pulled(trial):
    ran = trial(job("a.dev.test", "true", runs_on="orun-test/absent:1"))
    assert ran.job.reason == "the engine has no image orun-test/absent:1"


@pytest.mark.docker
def test_an_image_without_a_shell(trial):
    api = trial.backend.engine.api
    api.import_image_from_data(b"\0" * 1024, repository="orun-test/empty", tag="1")
    ran = trial(job("a.dev.test", "true", runs_on="orun-test/empty:1"))
    assert ran.job.reason.startswith("the container ended before its first step: ")
    assert "exec sh failed" in ran.job.reason


@pytest.mark.docker
def test_a_bad_option_of_the_engine(tmp_path):
    with docker_backend(network="orun-no-such-network") as backend:
        ran = Trial(backend, tmp_path, IMAGE)(job("a.dev.test", "true"))
        assert "network orun-no-such-network not found" in ran.job.reason
