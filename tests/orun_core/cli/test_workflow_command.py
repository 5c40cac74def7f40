"""What the runner of GitHub Actions is told: problems beside their lines, and how a run went."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from orun_core.cli.run_progress import Progress
from orun_core.cli.run_summary import MAX_ROWS, run_summary
from orun_core.cli.workflow_command import annotation
from orun_core.spec.errors import Diagnostic, Location, Severity
from orun_core.spec.run import (
    SCHEMA_VERSION,
    Event,
    JobFinished,
    JobSkipped,
    PlannedJob,
    RunFinished,
    RunStarted,
    Status,
)


def test_a_problem_is_told_with_its_place_in_the_checkout():
    problem = Diagnostic("load/no", "not 100%\nof it", Location("a,b/c.yaml", 3, 7), hint="mend it")
    assert annotation(problem, Path("/checkout/shop"), "/checkout") == (
        "::error title=load/no,file=shop/a%2Cb/c.yaml,line=3,col=7::not 100%25%0Aof it%0Amend it"
    )
    assert annotation(Diagnostic("a/b", "odd").warning(), Path("/x"), "") == "::warning title=a/b::odd"
    note = Diagnostic("a/b", "so", Location("f.yaml"), severity=Severity.NOTE)
    assert annotation(note, Path("/x"), "") == "::notice title=a/b,file=f.yaml::so"


def test_a_command_annotates_inside_actions_only(tmp_path):
    intent = tmp_path / "shop/intent.yaml"
    intent.parent.mkdir()
    intent.write_text(
        "apiVersion: sourceplane.io/v1\nkind: Intent\nmetadata: {name: shop}\ncomponents:\n  - {name: api}\n"
    )
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    inside = {"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": str(tmp_path)}
    command = [sys.executable, "-m", "orun_core.cli.main", "validate", "--intent", str(intent)]
    said = [
        subprocess.run(command, env=environ | more, cwd=tmp_path, capture_output=True, text=True, check=False).stderr
        for more in ({}, inside)
    ]
    assert "::" not in said[0]
    assert "::warning title=load/no-compositions,file=shop/intent.yaml,line=1,col=1::the intent declares" in said[1]


def test_a_problem_that_quotes_a_command_does_not_give_it(tmp_path):
    text = 'execution: {concurrency: "\\n::set-output\\n##[error]"}\n'
    (tmp_path / "intent.yaml").write_text(text + "kind: Intent\nmetadata: {name: shop}\n")
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "GITHUB_ACTIONS": "true"}
    command = [sys.executable, "-m", "orun_core.cli.main", "validate"]
    said = subprocess.run(command, env=environ, cwd=tmp_path, capture_output=True, text=True, check=False).stderr
    quoted = [line for line in said.splitlines() if "set-output" in line or "##[" in line]
    assert quoted
    assert all(line.lstrip().startswith((": :", "::warning title=", "::error title=")) for line in quoted)


def progress(*jobs, name="shop"):
    """A run of jobs that ended so: (id, happening)."""
    planned = tuple(PlannedJob(one, "api", "dev", "x", "X", "d", (), ()) for one, _ in jobs)
    begun = RunStarted(SCHEMA_VERSION, "run-1", "sha256-0", name, "shell", "t", "u", 4, False, planned)
    found = Progress()
    for number, what in enumerate([begun, *(what for _, what in jobs), RunFinished(Status.FAILED, "")], start=1):
        found.take(Event(number, "2026-01-01T00:00:00.000Z", what))
    return found


def test_a_run_is_summed_up_without_markup_of_others():
    failed = JobFinished("api.dev.x", 1, Status.FAILED, "step <b> | `x`\n@all")
    told = run_summary(
        progress(("api.dev.x", failed), ("api.dev.y", JobSkipped("api.dev.y", "dependency"))), "✗ Failed in 1s"
    )
    assert told.startswith("### shop: ✗ Failed in 1s\n\nRun `run-1`, ")
    assert "| ✗ | api.dev.x | 0.0s | step &lt;b> &#124; &#96;x&#96; &#64;all |\n" in told
    assert "| ↷ | api.dev.y |  | dependency |\n" in told


def test_a_summary_has_an_end():
    jobs = [
        (f"a.dev.j{number}", JobFinished(f"a.dev.j{number}", 1, Status.SUCCEEDED)) for number in range(MAX_ROWS + 2)
    ]
    assert "… and 2 more jobs.\n" in run_summary(progress(*jobs), "✓")
