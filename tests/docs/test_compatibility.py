"""`docs/compatibility.md` lists every registered defect once, and every test that it names exists."""

from __future__ import annotations

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from pages import ROOT

PAGE = (ROOT / "docs" / "compatibility.md").read_text(encoding="utf-8")
REGISTERED = {"B": 43, "D": 30, "W": 3, "M": 5}


def test_every_registered_entry_has_one_row() -> None:
    rows = re.findall(r"^\| ([BDWM])(\d+) \|", PAGE, re.MULTILINE)
    assert [(kind, int(number)) for kind, number in rows] == [
        (kind, number) for kind, count in REGISTERED.items() for number in range(1, count + 1)
    ]


def test_every_test_that_is_named_exists() -> None:
    named = re.findall(r"`([\w/]+\.py)::(\w+)`", PAGE)
    assert len(named) >= 30
    for file, name in named:
        assert f"def {name}(" in (ROOT / "tests" / file).read_text(encoding="utf-8"), f"{file}::{name}"


def test_every_malformed_case_that_is_named_exists() -> None:
    for name in re.findall(r"malformed/([a-z][a-z0-9-]+)", PAGE):
        assert (ROOT / "tests" / "malformed" / f"{name}.txt").is_file(), name
