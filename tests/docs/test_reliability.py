"""`docs/reliability.md` names tests that exist, and a test for every promise."""

from __future__ import annotations

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from pages import ROOT

PAGE = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
CONTRACT = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "orun-core/src/orun_core/testing").glob("*.py"))


def test_every_promise_has_a_test() -> None:
    section = PAGE.partition("## Acceptance")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (\d+) \|.*\| (.*) \|$", section, re.MULTILINE)
    assert [int(number) for number, _ in rows] == list(range(1, 22))
    assert all("::" in tests for _, tests in rows)


def test_every_test_that_is_named_exists() -> None:
    named = re.findall(r"`([\w/]+\.py|contract)::(\w+)`", PAGE)
    assert len(named) >= 60
    for file, name in named:
        source = CONTRACT if file == "contract" else (ROOT / "tests" / file).read_text(encoding="utf-8")
        assert f"def {name}(" in source, f"{file}::{name}"
