"""The backend `github-actions` keeps the promises of every backend."""

from __future__ import annotations

import os

import pytest
from conftest import missing
from orun_backend_gha.act import ActBackend, find_act
from orun_backend_gha.options import ActOptions
from orun_core.spec.errors import RunError
from orun_core.testing.backend import BackendContract


@pytest.mark.act
class TestActBackend(BackendContract):
    """All cases of the contract, through the real act."""

    @pytest.fixture
    def backend(self, tmp_path):
        try:
            find_act(os.environ)
        except RunError as error:
            missing("act", str(error))
        return ActBackend(ActOptions(cache=tmp_path / "actions"), os.environ)
