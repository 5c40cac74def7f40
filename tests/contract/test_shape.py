"""The shape of the sources: small files with a noun for a name."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted(ROOT.glob("orun-*/src/**/*.py"))
MOST_LINES = 400
NO_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "tools"}


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_file_is_short_and_named_for_what_it_is(file):
    assert file.stem not in NO_NAMES
    text = file.read_text(encoding="utf-8")
    assert text.count("\n") <= MOST_LINES
    tree = ast.parse(text)
    assert ast.get_docstring(tree), "a module says what it is"
    if file.name != "__init__.py":
        assert "from __future__ import annotations" in text
