"""The backend `github-actions` keeps the promises of every backend."""

from __future__ import annotations

import os

import pytest
from orun_backend_gha.act import ActBackend
from orun_backend_gha.options import ActOptions
from orun_core.testing.backend import BackendContract
from orun_core.testing.plans import job, step


@pytest.mark.act
class TestActBackend(BackendContract):
    """All cases of the contract, through the real act."""

    @pytest.fixture
    def backend(self, program, tmp_path):
        return ActBackend(ActOptions(cache=tmp_path / "actions"), os.environ)

    def test_outputs_of_dependencies_reach_scripts_and_actions(self, trial):
        make = job("web.dev.build", step('echo "url=a b" >> "$GITHUB_OUTPUT"', id="make"))
        read = step('echo "[${{ needs.web.dev.build.outputs.url }}][$ORUN_OUTPUT_WEB_DEV_BUILD_URL]"', id="read")
        given = step('echo "[$GOT]"', id="given", env={"GOT": "${{ needs.web.dev.build.outputs.url }}"})
        ran = trial(make, job("web.dev.deploy", read, given, depends_on=("web.dev.build",)))
        assert "[a b][a b]" in ran.log("read")
        assert "[a b]" in ran.log("given")

    def test_an_output_is_never_evaluated(self, trial):
        make = job("web.dev.build", step("echo 'url=${{ github.actor }}' >> \"$GITHUB_OUTPUT\"", id="make"))
        read = step('echo "[${{ needs.web.dev.build.outputs.url }}]"', id="read")
        ran = trial(make, job("web.dev.deploy", read, depends_on=("web.dev.build",)))
        assert "[${{ github.actor }}]" in ran.log("read")


@pytest.mark.act
@pytest.mark.docker
class TestActInContainers(BackendContract):
    """The same, each job in a container."""

    @pytest.fixture
    def backend(self, program, image, tmp_path):
        return ActBackend(ActOptions(cache=tmp_path / "actions", act_platform=image), os.environ)
