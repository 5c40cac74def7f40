"""The docker backend keeps the contract of every step backend on podman, too."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from docker_engine import IMAGE
from orun_backend_docker.backend import DockerBackend
from orun_backend_docker.engine import Engine
from orun_backend_docker.options import DockerOptions, Pull
from orun_core.testing.step_backend import StepBackendContract
from podman_engine import podman_engine

pytestmark = pytest.mark.podman


@pytest.fixture(scope="module")
def podman():
    """Below /tmp, since the path of a socket may not be long."""
    folder = Path(tempfile.mkdtemp(prefix="orun-podman-", dir="/tmp"))
    try:
        with podman_engine(folder) as environ:
            yield environ
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class TestDockerBackendOnPodman(StepBackendContract):
    runs_on = IMAGE
    bash = False
    python = False

    @pytest.fixture
    def backend(self, podman):
        with closing(Engine.connect(podman)) as engine:
            yield DockerBackend(podman, DockerOptions(pull=Pull.NEVER), engine)

    def test_it_is_podman(self, backend):
        components = backend.engine.api.version()["Components"]
        assert "Podman Engine" in [component["Name"] for component in components]
