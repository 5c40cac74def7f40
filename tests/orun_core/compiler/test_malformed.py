"""Malformed inputs: each file of tests/malformed holds what differs from a valid workspace, and the whole report of `orun plan`.

A section starts with `--- PATH`; `(latin-1)` after the path is the file's encoding. The section `report` is what stderr says;
`(strict)` after it plans with `--strict`.
`ORUN_UPDATE_REPORTS=1` writes the reports anew; read the diff before you commit it.
"""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from orun_core.cli.main import run
from orun_core.cli.report import Reporter
from orun_core.spec.errors import ExitCode

MALFORMED = Path(__file__).parents[2] / "malformed"
SECTION = re.compile(r"^--- (\S+)(?: \((\S+)\))?\n", re.MULTILINE)
PLACED = re.compile(r"^  \S+:\d+:\d+  \[[a-z]+/[a-z-]+\]$")


@dataclass(frozen=True)
class Case:
    """A workspace that differs from the valid one, and what `orun plan` says about it."""

    path: Path
    files: dict[str, bytes]
    options: tuple[str, ...]
    report: str

    @classmethod
    def read(cls, path: Path) -> Case:
        _, *parts = SECTION.split(path.read_text(encoding="utf-8"))
        *files, (_, strict, report) = zip(parts[::3], parts[1::3], parts[2::3], strict=True)
        contents = {name: text.encode(encoding or "utf-8") for name, encoding, text in files}
        return cls(path, contents, ("--strict",) if strict else (), report)

    def write(self, report: str) -> None:
        """Replace the report."""
        text = self.path.read_text(encoding="utf-8")
        self.path.write_text(text.removesuffix(self.report) + report, encoding="utf-8")


CASES = [Case.read(path) for path in sorted(MALFORMED.glob("*.txt"))]
every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.path.stem)


def contents(folder: Path) -> dict[str, bytes]:
    """Path → bytes of everything below a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the valid workspace, and core's own plugin alone."""
    folder = tmp_path / "workspace"
    shutil.copytree(MALFORMED / "base", folder)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("ORUN_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("ORUN_DISABLE_PLUGIN_AUTOLOAD", "1")
    return folder


def plan(*options: str) -> int:
    """Exit status of `orun plan`, in this process."""
    return run(["plan", *options], Reporter())


def test_the_base_is_valid(workspace: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert plan("--strict") == ExitCode.OK, capfd.readouterr().err


@every_case
def test_every_problem_is_reported_and_nothing_written(
    case: Case, workspace: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for path, content in case.files.items():
        file = workspace / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    before = contents(workspace)

    status = plan(*case.options)

    out, err = capfd.readouterr()
    if os.environ.get("ORUN_UPDATE_REPORTS"):
        case.write(err)
    else:
        assert err == case.report
    assert (status, out) == (ExitCode.COMPILE, "")
    assert contents(workspace) == before


@every_case
def test_every_problem_has_a_place_and_a_code(case: Case) -> None:
    report = case.report.splitlines()
    problems = [number for number, line in enumerate(report) if line.startswith("✕ ")]
    places = [number for number, line in enumerate(report) if PLACED.match(line)]
    assert problems
    assert len(places) >= len(problems)
    assert "Traceback" not in case.report


def test_there_are_at_least_forty_cases() -> None:
    assert len(CASES) >= 40
