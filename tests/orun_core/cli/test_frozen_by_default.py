"""In CI packages are frozen: what is locked elsewhere may not change, a folder of the checkout only warns, `--frozen` insists."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from compiling import STACK, Project, composition

INTENT = """\
compositions: {sources: [{name: local, kind: dir, path: ./stack}]}
environments: {dev: {}}
components: [{name: a, type: svc, subscribe: {environments: [dev]}}]
"""


@pytest.fixture
def plan(project: Project):
    project.write(
        {"intent.yaml": INTENT, "stack/stack.yaml": STACK, "stack/compositions/svc/composition.yaml": composition()}
    )

    def run(*arguments: str) -> tuple[int, str]:
        environ = {**os.environ, "CI": "true", "ORUN_CACHE_DIR": str(project.root / "cache")}
        command = [sys.executable, "-m", "orun_core.cli.main", "plan", *arguments]
        done = subprocess.run(command, cwd=project.root, env=environ, capture_output=True, text=True, check=False)
        return done.returncode, done.stderr

    return run


def test_a_folder_needs_no_lock_in_ci(plan) -> None:
    assert plan() == (0, "")


def test_frozen_insists_on_a_lock(plan) -> None:
    status, said = plan("--frozen")
    assert status == 3
    assert "[lock/missing]" in said


def test_a_locked_folder_that_changed_is_a_warning_in_ci_and_an_error_when_frozen(plan, project: Project) -> None:
    assert plan("--no-frozen") == (0, "")
    assert plan() == (0, "")
    project.write({"stack/compositions/svc/composition.yaml": composition(steps="[{name: other, run: x}]")})
    for insisting in ("--frozen", "--strict"):
        status, said = plan(insisting)
        assert status == 3
        assert "[lock/stale]" in said
    status, said = plan()
    assert status == 0
    assert ".orun/compositions.lock.yaml  [lock/stale]" in said
    assert plan() == (0, ""), "the lock follows"
