"""The docker backend keeps the contract of every step backend."""

from __future__ import annotations

import pytest
from docker_engine import IMAGE, docker_backend
from orun_core.testing.step_backend import StepBackendContract

pytestmark = pytest.mark.docker


class TestDockerBackend(StepBackendContract):
    runs_on = IMAGE
    bash = False
    python = False

    @pytest.fixture
    def backend(self):
        with docker_backend() as backend:
            yield backend
