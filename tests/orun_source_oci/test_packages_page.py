"""docs/packages.md, from top to bottom, with a real registry."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "docs"))

from pages import ROOT, walk

pytestmark = pytest.mark.registry


def test_every_command_of_the_page(registry, tmp_path):
    folder = tmp_path / "page"
    folder.mkdir()
    executed = walk(ROOT / "docs/packages.md", folder, {"registry.example": registry.host})
    assert len(executed) == 19
    assert list((folder / ".orun/plans").glob("*.json"))
