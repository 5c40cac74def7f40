"""`--runner-option`, and one job of a matrix on GitHub."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from orun_core.plan.canonical import to_json
from orun_core.plan.seal import sealed
from orun_core.testing.plans import job, plan


@pytest.fixture
def orun(tmp_path: Path):
    jobs = [job("a.dev.build", "echo a"), job("b.dev.build", "echo b", depends_on=("a.dev.build",))]
    (tmp_path / "plan.json").write_text(to_json(sealed(plan(*jobs))[1]))

    def run(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ORUN_", "GITHUB_"))}
        command = [sys.executable, "-m", "orun_core.cli.main", *arguments]
        everything = {**kept, "ORUN_CACHE_DIR": str(tmp_path / "cache"), **environ}
        return subprocess.run(command, cwd=tmp_path, env=everything, capture_output=True, text=True, check=False)

    return run


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("-O", "x=1"), 'backend "local" takes no options'),
        (("--runner", "github", "-O", "interval=soon"), "interval: Input should be a valid number"),
        (("--runner", "github", "-O", "nope=1"), "nope: Extra inputs are not permitted"),
        (("--runner", "github", "-O", "interval"), '"interval" has no value'),
    ],
)
def test_wrong_options_are_refused(orun, arguments: tuple[str, ...], said: str) -> None:
    done = orun("run", "plan.json", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "[run/bad-option]" in done.stderr


def test_the_options_of_a_backend_have_a_schema(orun) -> None:
    done = orun("schema", "backend:github")
    assert set(json.loads(done.stdout)["properties"]) == {"repository", "workflow", "ref", "interval"}


def test_one_job_of_a_matrix_takes_its_dependencies_as_done_on_github(orun) -> None:
    refused = orun("run", "--plan", "plan.json", "--job", "b.dev.build")
    assert refused.returncode == 2
    done = orun("run", "--plan", "plan.json", "--job", "b.dev.build", "--json", GITHUB_ACTIONS="true")
    assert done.returncode == 0
    notes = [line for line in done.stdout.splitlines() if "assumed-dependency" in line]
    assert len(notes) == 1
