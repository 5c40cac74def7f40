from __future__ import annotations

import re
from pathlib import Path

import pytest
from orun_core.spec.errors import UsageError
from orun_core.state.layout import GITIGNORE, LOCK_FILE, Layout, RunFolder, checked_name

PAGE = Path(__file__).parents[3] / "docs/state.md"
ROOT = Path(".orun")


def laid_out() -> set[str]:
    """Every file that the layout knows, with the placeholders of the page."""
    layout = Layout(ROOT)
    files = {
        layout.gitignore,
        layout.latest_plan,
        layout.latest_run,
        layout.plan("<checksum>"),
        layout.provenance("<checksum>"),
        layout.plan_name("<name>"),
    }
    run = layout.run("<exec-id>")
    files |= {run.request, run.journal, run.state, run.lock, run.log("logs/<job>/<NN>-<step>.<attempt>.log")}
    return {LOCK_FILE, *map(str, files)} | {f"{layout.cache}/"}


def test_the_page_describes_exactly_the_files_of_the_layout() -> None:
    assert set(re.findall(r"^\| `([^`]+)` \|", PAGE.read_text(), re.MULTILINE)) == laid_out()


def test_no_path_of_the_layout_is_forgotten_here() -> None:
    paths = {name for cls in (Layout, RunFolder) for name, member in vars(cls).items() if isinstance(member, property)}
    folders = {"plans", "plan_names", "runs", "logs"}
    files = {
        "gitignore",
        "cache",
        "latest_plan",
        "latest_run",
        "request",
        "journal",
        "state",
        "lock",
    }
    assert paths == folders | files


def test_only_the_layout_knows_the_names_of_files() -> None:
    package = Path(__file__).parents[3] / "orun-core/src/orun_core/state"
    names = re.compile(r'"(?:state\.json|lock)"')
    known = [path.name for path in sorted(package.glob("*.py")) if names.search(path.read_text())]
    assert known == ["layout.py"]


def test_preparing_twice_keeps_what_somebody_wrote(tmp_path: Path) -> None:
    layout = Layout(tmp_path / ".orun")
    layout.prepare()
    assert layout.gitignore.read_text() == GITIGNORE == "*\n!.gitignore\n!compositions.lock.yaml\n"
    layout.gitignore.write_text("mine\n")
    layout.prepare()
    assert layout.gitignore.read_text() == "mine\n"


@pytest.mark.parametrize("name", ["release-20240601-a1b2c3", "v1.2+3", "a@b", "x" * 128])
def test_names_that_can_be_files(name: str) -> None:
    assert checked_name("name", name) == name


@pytest.mark.parametrize("name", ["latest", "", ".", "a b", "a\\b", "ä", "x" * 129])
def test_names_that_cannot(name: str) -> None:
    with pytest.raises(UsageError, match="cannot be the name"):
        checked_name("name", name)
