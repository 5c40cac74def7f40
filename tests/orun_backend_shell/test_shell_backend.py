"""The shell backend keeps the contract of every step backend."""

from __future__ import annotations

import pytest
from orun_backend_shell.backend import ShellBackend
from orun_core.testing.step_backend import StepBackendContract


class TestShellBackend(StepBackendContract):
    @pytest.fixture
    def backend(self) -> ShellBackend:
        return ShellBackend()
