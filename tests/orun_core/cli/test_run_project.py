"""`orun run` in the example project: fresh plans, components, folders, the guard, secrets of nobody."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from running import Project

EXAMPLE = Path(__file__).parents[3] / "examples/multi-environment-platform"


@pytest.fixture(scope="module")
def example(tmp_path_factory):
    root = tmp_path_factory.mktemp("example") / "platform"
    shutil.copytree(EXAMPLE, root, ignore=shutil.ignore_patterns(".orun", "dist"))
    return Project(root)


def test_a_fresh_plan_over_several_environments_must_be_meant(example):
    ran = example.orun("run")
    assert (ran.code, "run/unscoped" in ran.err) == (2, True)
    assert "--all-envs" in ran.err


def test_a_component_is_compiled_and_run(example):
    ran = example.orun("run", "edge-config", "--json")
    assert ran.code == 0, ran.err
    assert {job.split(".")[0] for job in ran.events()[-1]["jobs"]} == {"edge-config"}


def test_a_stored_plan_runs_by_a_prefix_of_its_checksum(example):
    assert example.orun("plan", "edge-config", "--name", "edge").code == 0
    checksum = (example.root / ".orun/plans/names/edge").read_text().strip()
    for reference in (checksum[7:13], checksum[:15], "edge", "latest"):
        shown = example.orun("run", reference, "--dry-run")
        assert f"  Plan: {checksum[:12]}" in shown.out.splitlines(), shown.err


def test_a_component_folder_narrows_the_run(example):
    inside = replace(example, root=example.root / "services/api-edge-worker")
    ran = inside.orun("run", "--env", "dev", "--dry-run")
    assert ran.code == 0, ran.err
    assert ran.err.splitlines()[0].startswith("context: auto-scoped to component api-edge-worker")
    assert "web-app" not in ran.out
    assert "web-app" not in inside.orun("run", "--env", "staging", "--dry-run").out
    assert "web-app" in inside.orun("run", "--env", "staging", "--dry-run", "--all").out


def test_a_misspelt_component_is_named(example):
    ran = example.orun("run", "edge-confg")
    assert ran.code in (2, 3)
    assert "edge-config" in ran.err
