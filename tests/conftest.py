"""Fixtures that many tests share."""

from __future__ import annotations

from pathlib import Path

import pytest
from compiling import Project
from parts import missing

__all__ = ["missing"]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An empty workspace that core's own stages compile."""
    return Project(tmp_path)
