"""The matrix of a real pipeline: 105 jobs, each run alone as `--job` with act and in no order, become one execution."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from orun_core.cli.main import run
from orun_core.cli.report import Reporter
from orun_core.plan.canonical import to_json
from orun_core.plan.seal import sealed
from orun_core.testing.plans import job, plan

pytestmark = pytest.mark.act

STAGES = ("dev", "staging", "production")
RUN = {"CI": "true", "GITHUB_ACTIONS": "true", "GITHUB_RUN_ID": "26606158847", "GITHUB_RUN_ATTEMPT": "2"}


def pipeline():
    """35 components that go through three environments, every fifth of them after the first one."""
    jobs = []
    for number in range(35):
        for stage, before in zip(STAGES, ("", *STAGES), strict=False):
            after = [f"c{number}.{before}.deploy"] if before else []
            after += [f"c0.{stage}.deploy"] if number and number % 5 == 0 else []
            name = f"c{number}.{stage}.deploy"
            jobs.append(job(name, f"echo {name} is out", depends_on=tuple(after)))
    return sealed(plan(*jobs, name="platform"))


def test_105_jobs_one_at_a_time_are_one_execution(program, tmp_path, monkeypatch, capfd):
    made, tree = pipeline()
    (tmp_path / "plan.json").write_text(to_json(tree))
    exec_id = f"gh-26606158847-2-{made.metadata.checksum.removeprefix('sha256-')[:12]}"
    monkeypatch.chdir(tmp_path)
    for name, value in {**RUN, "HOME": str(tmp_path), "GITHUB_STEP_SUMMARY": str(tmp_path / "summary")}.items():
        monkeypatch.setenv(name, value)
    for one in reversed(made.jobs):
        command = ["run", "--plan", "plan.json", "--job", one.id, "--exec-id", exec_id, "--runner", "github-actions"]
        assert run(command, Reporter()) == 0, capfd.readouterr()

    environ = {name: value for name, value in os.environ.items() if name not in RUN}

    def orun(*arguments):
        command = [sys.executable, "-m", "orun_core.cli.main", *arguments]
        return subprocess.run(command, env=environ, capture_output=True, text=True, check=True).stdout

    told = orun("status", exec_id)
    assert "105 succeeded" in told
    assert "35 components · 105 jobs · 3 environments" in told
    assert "c17.staging.deploy is out" in orun("logs", exec_id, "--job", "c17.staging.deploy")
    trace = json.loads(orun("trace", exec_id))
    assert len(trace["jobs"]) == 105
    assert trace["jobs"]["c5.production.deploy"]["after"] == ["c0.production.deploy", "c5.staging.deploy"]
    assert (tmp_path / "summary").read_text().count("| ✓ | ") == 105
