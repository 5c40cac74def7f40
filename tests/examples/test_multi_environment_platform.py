"""The example that the documentation shows: it compiles to the 14 jobs of its README, runs, runs again, and fails as it should."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "multi-environment-platform"
JOBS = {
    "api-edge-worker.dev.build",
    "api-edge-worker.dev.test",
    "api-edge-worker.production.verify-deploy",
    "api-edge-worker.staging.verify-deploy",
    "database.dev.apply",
    "database.production.apply",
    "database.staging.apply",
    "delivery-kit.dev.package",
    "edge-config.dev.render",
    "edge-config.production.render",
    "edge-config.staging.render",
    "handbook.production.deploy",
    "web-app.production.deploy",
    "web-app.staging.deploy",
}


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """A copy of the example, without what runs leave behind."""
    leftovers = shutil.ignore_patterns("dist", ".orun", "__pycache__")
    return Path(shutil.copytree(EXAMPLE, tmp_path / "example", ignore=leftovers))


def orun(example: Path, *arguments: str, status: int = 0) -> str:
    """What the command prints on stdout; it must exit with `status`."""
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(example.parent),
        "ORUN_CACHE_DIR": str(example.parent / "cache"),
    }
    command = [sys.executable, "-m", "orun_core.cli.main", *arguments]
    done = subprocess.run(command, cwd=example, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout


def planned(example: Path, *arguments: str) -> dict[str, dict[str, object]]:
    """The jobs of a plan, by id."""
    return {job["id"]: job for job in json.loads(orun(example, "plan", "-o", "-", *arguments))["jobs"]}


def statuses(example: Path) -> dict[str, str]:
    """Job id → status in the latest run."""
    groups = json.loads(orun(example, "status", "--json"))["groups"]
    return {job["id"]: job["status"] for group in groups for job in group["jobs"]}


def files(example: Path) -> dict[str, bytes]:
    """Path → bytes of what is not a result."""
    return {
        str(path.relative_to(example)): path.read_bytes()
        for path in example.rglob("*")
        if path.is_file() and not {"dist", ".orun"} & set(path.parts)
    }


def test_it_compiles_without_a_warning_to_the_jobs_of_its_readme(example: Path) -> None:
    orun(example, "validate", "--strict")
    jobs = planned(example)
    assert set(jobs) == JOBS
    assert len({job["component"] for job in jobs.values()}) == 6
    assert {job["environment"] for job in jobs.values()} == {"dev", "staging", "production"}


def test_a_release_plans_production_and_gates_it(example: Path) -> None:
    jobs = planned(example, "--trigger", "release")
    assert set(jobs) == {job for job in JOBS if ".production." in job}
    assert all(gate["environment"] == "staging" for job in jobs.values() for gate in job["gates"])


@pytest.mark.parametrize("isolation", ["none", "workspace"])
def test_it_runs_and_runs_again_and_touches_nothing_but_results(example: Path, isolation: str) -> None:
    before = files(example)
    for _ in range(2):
        orun(example, "run", "--all-envs", "--isolation", isolation)
        assert statuses(example) == dict.fromkeys(JOBS, "succeeded")
    assert files(example) == before
    assert "14 succeeded" in orun(example, "status")


def test_a_failure_stops_what_depends_on_it_and_still_cleans_up(example: Path) -> None:
    component = example / "services" / "api-edge-worker" / "component.yaml"
    component.write_text(component.read_text().replace("- /tides/dover", "- /tides/atlantis"))
    orun(example, "run", "--all-envs", "--keep-going", "--isolation", "none", status=1)
    found = statuses(example)
    assert {job for job, status in found.items() if status == "failed"} == {"api-edge-worker.staging.verify-deploy"}
    assert {job for job, status in found.items() if status == "skipped"} == {
        "api-edge-worker.production.verify-deploy",
        "web-app.production.deploy",
        "web-app.staging.deploy",
    }
    assert set(found) == JOBS
    assert not (component.parent / "dist" / "staging" / "worker.json").exists()
    assert "/tides/atlantis: HTTP Error 404" in orun(example, "logs", "--job", "api-edge-worker.staging.verify-deploy")
