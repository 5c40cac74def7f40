"""What is written down about the code is what the code says."""

from __future__ import annotations

import re
from importlib import resources

import pytest
from orun_core.spec import hooks
from orun_core.spec.codes import CODES
from orun_core.spec.errors import PluginError
from parts import missing
from reference import OURS, PAGES, ROOT


@pytest.mark.parametrize("name", PAGES)
def test_page_is_current(name):
    try:
        expected = PAGES[name]()
    except PluginError as error:
        missing("plugins", f"the page shows the whole product, but {error}")
    file = ROOT / name
    written = file.read_text(encoding="utf-8") if file.exists() else ""
    assert written == expected, f"run: python tests/contract/reference.py {name}"


def test_every_hook_is_documented_once():
    page = (ROOT / "docs/hooks.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(orun_\w+)\(", page, re.MULTILINE)
    assert rows == [name for name in vars(hooks) if name.startswith("orun_")]


@pytest.mark.parametrize("code", CODES)
def test_code_says_what_it_means(code):
    assert re.fullmatch(r"[a-z]+/[a-z0-9-]+", code)
    assert CODES[code].endswith(".")


def test_every_code_in_the_sources_is_explained():
    areas = "|".join(sorted({code.partition("/")[0] for code in CODES}))
    literal = re.compile(rf'"((?:{areas})/[a-z0-9-]+)"')
    used = {
        found: file.relative_to(ROOT)
        for folder in OURS
        for file in sorted((ROOT / folder / "src").rglob("*.py"))
        for found in literal.findall(file.read_text(encoding="utf-8"))
    }
    assert {code: str(file) for code, file in used.items() if code not in CODES} == {}


def test_plan_schema_ships_with_the_package():
    shipped = resources.files("orun_core").joinpath("schemas/plan.schema.json").read_text(encoding="utf-8")
    assert shipped == PAGES["orun-core/src/orun_core/schemas/plan.schema.json"]()
