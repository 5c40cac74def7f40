"""Fixtures that many tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from compiling import Project
from hypothesis import HealthCheck, settings
from parts import missing

__all__ = ["missing"]

CI = os.environ.get("CI", "") not in ("", "false")

# Time says nothing on a shared machine; in CI the same examples are tried every time.
settings.register_profile("quiet", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=CI)
settings.load_profile("quiet")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An empty workspace that core's own stages compile."""
    return Project(tmp_path)
