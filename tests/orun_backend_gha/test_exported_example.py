"""The example, run in the shell and, as its exported workflow, by the real act: the same trace, and no linter objects."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from gha_act_run import commit, executed
from gha_linters import LINTERS
from orun_backend_gha.act_events import Translator
from orun_backend_gha.act_workflow import Place
from orun_backend_gha.naming import keys_of
from orun_core.plan.reader import read_plan
from orun_core.spec.run import SCHEMA_VERSION, Event, Output, PlannedJob, PlannedStep, RunFinished, RunStarted, Status
from orun_core.state.fold import fold
from orun_core.state.trace import trace

EXAMPLE = Path(__file__).parents[2] / "examples" / "multi-environment-platform"
WORKFLOW = ".github/workflows/orun.yml"


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """The example as a repository of its own, with its plan and its exported workflow."""
    leftovers = shutil.ignore_patterns("dist", ".orun", "__pycache__")
    folder = Path(shutil.copytree(EXAMPLE, tmp_path / "example", ignore=leftovers))
    orun(folder, "plan", "--all-envs", "--output", "plan.json")
    orun(folder, "github", "export", "plan.json")
    commit(folder)
    return folder


def orun(folder: Path, *arguments: str) -> str:
    environ = {"PATH": os.environ["PATH"], "HOME": str(folder.parent)}
    command = [sys.executable, "-m", "orun_core.cli.main", *arguments]
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def told(lines, plan, workflow) -> dict:
    """The trace of what act said: order from the workflow, all else from act's lines."""
    keys = keys_of(job.id for job in plan.jobs)
    ids = {key: name for name, key in keys.items()}
    after = {job.id: [ids[key] for key in workflow["jobs"][keys[job.id]].get("needs", [])] for job in plan.jobs}
    planned = [
        PlannedJob(
            id=job.id,
            component=job.component,
            environment=job.environment,
            name=job.name,
            display_name=job.display_name,
            digest=job.digest,
            depends_on=tuple(after[job.id]),
            steps=tuple(PlannedStep(step.id, step.phase) for step in job.steps),
        )
        for job in plan.jobs
    ]
    begun = RunStarted(
        schema_version=SCHEMA_VERSION,
        exec_id="e",
        plan_checksum=plan.metadata.checksum,
        plan_name="",
        backend="act",
        trigger="",
        user="",
        concurrency=0,
        fail_fast=False,
        jobs=tuple(planned),
    )
    happened = [what for job in plan.jobs for what in of_job(lines, job, keys[job.id])]
    status = Status.SUCCEEDED if all(line.get("jobResult", "success") == "success" for line in lines) else Status.FAILED
    whole = [begun, *happened, RunFinished(status, "")]
    return trace(fold(Event(number, "2026-01-01T00:00:00.000Z", what) for number, what in enumerate(whole, start=1)))


def of_job(lines, job, key):
    own = [line for line in lines if line.get("jobID") == key]
    ended = {line["stepID"][0]: line["stepResult"] for line in own if "stepResult" in line and "stepID" in line}
    places = {
        name: Place(step, index)
        for index, (step, name) in enumerate(zip(job.steps, keys_of(s.id for s in job.steps).values(), strict=True), 1)
    }
    codes = {name: 0 for name, result in ended.items() if result == "success"}
    translator = Translator(job, places, "no marker", codes.get, lambda value: None, lambda value: False)
    events = [what for line in own for what in translator.line(json.dumps(line))]
    events += translator.end(cancelled=False, trouble="")
    return [what for what in events if not isinstance(what, Output)]


@pytest.mark.act
def test_act_leaves_the_trace_of_the_shell(example, program, tmp_path):
    orun(example, "run", "--plan", "plan.json", "--runner", "shell")
    shell = json.loads(orun(example, "trace"))
    assert len(shell["jobs"]) == 14
    subprocess.run(["git", "clean", "-q", "-fdx"], cwd=example, check=True)
    plan = read_plan(example / "plan.json")
    workflow = yaml.safe_load((example / WORKFLOW).read_text())
    assert told(executed(program, example, tmp_path), plan, workflow) == shell


@pytest.mark.parametrize("linter", LINTERS, ids=lambda linter: linter.__name__)
def test_linters_find_nothing_in_the_example(example, linter):
    assert linter([example / WORKFLOW]) == ""
