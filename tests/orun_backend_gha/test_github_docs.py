"""The workflows of `docs/github-actions.md` and the action of this repository pass the linters."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from gha_linters import LINTERS, tool, zizmor

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("linter", LINTERS, ids=lambda linter: linter.__name__)
def test_the_documented_workflows_pass(linter, tmp_path):
    page = (ROOT / "docs" / "github-actions.md").read_text()
    paths = []
    for number, block in enumerate(re.findall(r"^```yaml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)):
        path = tmp_path / ".github" / "workflows" / f"{number}.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block)
        paths.append(path)
    assert len(paths) == 2
    assert linter(paths) == ""


def test_the_action_of_this_repository_passes():
    action = ROOT / "action.yml"
    assert tool("check-jsonschema", ["--builtin-schema", "vendor.github-actions", str(action)]) == ""
    assert zizmor([action]) == ""


def test_the_action_installs_what_is_in_the_repository():
    named = set(re.findall(r'"\$GITHUB_ACTION_PATH"/([\w-]+)', (ROOT / "action.yml").read_text()))
    assert named == {path.parent.name for path in ROOT.glob("orun-*/pyproject.toml")}
