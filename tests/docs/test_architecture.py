"""`docs/architecture.md` names files, hooks and directions that exist, and no link of the documentation is dead."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from pages import PAGES, ROOT, blocks

ARCHITECTURE = ROOT / "docs" / "architecture.md"


def test_every_file_of_the_tree_exists() -> None:
    tree = next(block for block in blocks(ARCHITECTURE) if block.text.startswith("orun-core/src"))
    base = folder = ROOT
    named = 0
    for line in tree.text.splitlines():
        head = line.split()[0]
        if head.endswith("/"):
            base = base if line.startswith(" ") else ROOT / head
            folder = base / head if line.startswith(" ") else base
            assert folder.is_dir(), head
        for name in re.findall(r"(?<![\w/])\w+\.py\b", line):
            named += 1
            assert any((place / name).is_file() for place in (folder, base)), f"{folder.relative_to(ROOT)}: {name}"
    assert named >= 40


def test_the_layers_are_those_of_the_linter() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    shown = next(block.text for block in blocks(ARCHITECTURE) if block.text.startswith("cli →"))
    groups = [re.findall(r"\w+", group) for group in shown.split("→")]
    assert groups == [re.findall(r"orun_core\.(\w+)", layer) for layer in layers]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for link, anchor in re.findall(r"\]\(([^)#\s]*)(?:#([^)\s]*))?\)", page.read_text(encoding="utf-8")):
        if "://" not in link:
            target = page.parent / link if link else page
            assert target.exists(), link
            assert not anchor or anchor in anchors(target), f"{link}#{anchor}"


def anchors(page: Path) -> set[str]:
    """What the headings of a page are called in links."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_index_has_every_page_once() -> None:
    index = ROOT / "docs" / "README.md"
    linked = re.findall(r"\]\(([\w-]+\.md)\)", index.read_text(encoding="utf-8"))
    assert sorted(linked) == sorted(page.name for page in index.parent.glob("*.md") if page != index)
