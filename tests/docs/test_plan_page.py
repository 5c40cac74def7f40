"""`docs/plan.md` says what `orun_core.spec.plan` says."""

from __future__ import annotations

import sys
from dataclasses import is_dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import plan_page
from orun_core.spec import plan


def test_the_page_equals_the_code() -> None:
    assert plan_page.PAGE.read_text(encoding="utf-8") == plan_page.page(), "run python tests/docs/plan_page.py"


def test_every_structure_of_the_contract_is_on_the_page() -> None:
    structures = {
        value for value in vars(plan).values() if is_dataclass(value) and value.__module__.startswith(plan.__name__)
    }
    assert set(plan_page.KINDS) == structures
