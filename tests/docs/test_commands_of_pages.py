"""The commands that the documentation shows: those of whole pages are executed, all others are parsed."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from orun_core.cli.main import orun, registry
from orun_core.cli.report import Reporter
from orun_core.host import Host
from pages import PAGES, ROOT, Block, blocks, walk

EXAMPLE = ROOT / "examples" / "multi-environment-platform"
SHOP = [ROOT / "docs" / name for name in ("intent.md", "components.md", "compositions.md")]
ALONE = [ROOT / "docs" / name for name in ("quick-start.md", "principles.md", "presets.md", "plugins.md")]
WALKED = {*SHOP, *ALONE, EXAMPLE / "README.md"}
"""Pages whose every command is executed, here or in a test of the page."""


def test_the_quick_start(tmp_path: Path) -> None:
    folder = tmp_path / "quick-start"
    folder.mkdir()
    executed = walk(ROOT / "docs" / "quick-start.md", folder)
    assert [command.split()[1] for command in executed if command.startswith("orun")] == [
        "validate", "plan", "run", "status", "plan", "explain-error",
    ]  # fmt: skip


def test_the_shop_of_three_pages(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    folder.mkdir()
    assert [len(walk(page, folder)) for page in SHOP] == [4, 7, 8]


def test_the_presets(tmp_path: Path) -> None:
    folder = tmp_path / "presets"
    folder.mkdir()
    assert len(walk(ROOT / "docs" / "presets.md", folder)) == 4


def test_the_principles(tmp_path: Path) -> None:
    folder = shutil.copytree(EXAMPLE, tmp_path / "example", ignore=shutil.ignore_patterns("dist", ".orun"))
    assert len(walk(ROOT / "docs" / "principles.md", folder)) == 16


def test_the_example(tmp_path: Path) -> None:
    folder = shutil.copytree(EXAMPLE, tmp_path / "example", ignore=shutil.ignore_patterns("dist", ".orun"))
    assert len(walk(EXAMPLE / "README.md", folder)) == 3
    show = f"COLUMNS=120 {Path(sys.executable).with_name('orun')} status"
    printed = subprocess.run(show, shell=True, cwd=folder, stdout=subprocess.PIPE, text=True, check=True).stdout
    [frame] = [block.text for block in blocks(ROOT / "README.md") if block.text.startswith("▲")]
    assert timeless(printed.lstrip("\n")) == timeless(frame)


def timeless(frame: str) -> str:
    """A frame without what differs from run to run."""
    return re.sub(r"\b\d+(?:\.\d+)?m?s\b|sha256-\w+|-\d{8}-\w{6}\b", "…", frame)


def shown() -> list[tuple[Block, str]]:
    """Every command line of orun in a console or shell block of the pages that are not walked."""
    found = []
    for page in PAGES:
        if page in WALKED:
            continue
        for block in blocks(page):
            if block.language in ("console", "sh", "bash", "shell"):
                lines = (line.removeprefix("$ ") for line in block.text.splitlines())
                found += [(block, line) for line in lines if line.startswith("orun ")]
    return found


@pytest.mark.parametrize(("block", "line"), shown(), ids=str)
def test_a_command_is_one_that_orun_has(block: Block, line: str) -> None:
    words = shlex.split(line, comments=True)[1:]
    for separator in ("|", ">", "&&", "||", ";"):
        words = words[: words.index(separator)] if separator in words else words
    command: click.Command = orun
    context = click.Context(orun, info_name="orun", **orun.context_settings)
    context.obj = Host(registry(context), {}, Reporter())
    while isinstance(command, click.Group) and words:
        name, found, words = command.resolve_command(context, words)
        assert found is not None, name
        command = found
        if isinstance(command, click.Group):
            context = click.Context(command, info_name=name, parent=context)
    if command is not orun:
        command.make_context(name, list(words), parent=context)
