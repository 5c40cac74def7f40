"""A GitHub of our own, and the real act."""

from __future__ import annotations

import os
import subprocess

import pytest
from gha_fake_github import FakeGitHub
from orun_backend_gha.act import find_act
from orun_core.spec.errors import RunError
from parts import missing


@pytest.fixture
def fake():
    made = FakeGitHub()
    yield made
    made.close()
    assert made.wrong == []


@pytest.fixture
def program() -> str:
    """The real act."""
    try:
        return find_act(os.environ)
    except RunError as error:
        return missing("act", str(error))


@pytest.fixture
def image() -> str:
    """The image that `.ci/run` makes, on the engine of this environment."""
    name = "orun-test/busybox:1"
    try:
        found = subprocess.run(["docker", "image", "inspect", name], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        missing("docker", "there is no docker command")
    if found.returncode:
        missing("docker", found.stderr.strip())
    return name
