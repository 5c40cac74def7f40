"""Every variable of orun is told on a page: those it reads in `docs/cli.md`, those that steps find in `docs/running.md`."""

from __future__ import annotations

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from pages import ROOT

TOLD = "".join((ROOT / "docs" / page).read_text(encoding="utf-8") for page in ("cli.md", "running.md"))
PRIVATE = {"ORUN_TRACKING_ID", "ORUN_VEILED_", "ORUN_SCRIPT"}
"""Names that one part of orun leaves for another part of the same distribution."""


def test_every_variable_is_told() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in ROOT.glob("orun-*/src/**/*.py"))
    used = set(re.findall(r'"(ORUN_[A-Z_]+)"', sources)) - PRIVATE
    assert len(used) >= 20
    assert sorted(name for name in used if f"`{name}" not in TOLD) == []
