"""The summary of a workflow says what the planned event changes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from compiling import STACK, Project, composition
from shop import Shop, shop  # noqa: F401

INTENT = """\
compositions: {sources: [{name: local, kind: dir, path: ./stack}]}
automation: {triggerBindings: {push: {on: {provider: manual, event: push}, plan: {scope: full, base: base}}}}
environments: {dev: {activation: {triggerRefs: [push]}}}
components: [{name: a, type: svc, parameters: {size: 1}, subscribe: {environments: [dev]}}]
"""


@pytest.fixture
def repository(project: Project):
    def git(*arguments: str) -> str:
        identity = ("-c", "user.name=a", "-c", "user.email=a@example.org")
        done = subprocess.run(
            ["git", *identity, *arguments], cwd=project.root, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    project.write(
        {"intent.yaml": INTENT, "stack/stack.yaml": STACK, "stack/compositions/svc/composition.yaml": composition()}
    )
    git("init", "-q")
    git("add", ".")
    git("commit", "-q", "-m", "first")
    return project.root, git("rev-parse", "HEAD")


def plan(root: Path, base: str, **environ: str) -> tuple[str, str]:
    """(summary, stderr) of planning a push from `base`."""
    (root / "event.json").write_text(json.dumps({"event": "push", "base": base}))
    summary = root / "summary.md"
    everything = {
        **os.environ,
        "CI": "",
        "ORUN_CACHE_DIR": str(root / "cache"),
        "GITHUB_STEP_SUMMARY": str(summary),
        **environ,
    }
    command = [sys.executable, "-m", "orun_core.cli.main", "plan", "--from-ci", "manual", "--event-file", "event.json"]
    done = subprocess.run(command, cwd=root, env=everything, capture_output=True, text=True, check=True)
    return (summary.read_text() if summary.exists() else ""), done.stderr


def test_the_difference_to_the_base_of_the_event(repository: tuple[Path, str]) -> None:
    root, base = repository
    (root / "intent.yaml").write_text(INTENT.replace("size: 1", "size: 2"))
    summary, _ = plan(root, base, GITHUB_ACTIONS="true")
    assert f"`{base[:12]}` → `this event`" in summary
    assert "parameters.size" in summary or "parameter size" in summary


def test_nothing_outside_a_workflow(repository: tuple[Path, str]) -> None:
    root, base = repository
    assert plan(root, base, GITHUB_ACTIONS="")[0] == ""


def test_a_base_that_is_not_there_is_a_note(repository: tuple[Path, str]) -> None:
    root, _ = repository
    summary, said = plan(root, "f" * 40, GITHUB_ACTIONS="true")
    assert summary == ""
    assert "[plan/no-base]" in said


def test_validate_names_components_that_go_nowhere(shop: Shop) -> None:  # noqa: F811
    assert shop.orun("validate").out == "✓ Valid: 2 components, 2 environments, 4 jobs\n"
    lost = "".join(f"  - {{name: lost{number}, type: svc}}\n" for number in range(6))
    shop.edit("intent.yaml", "components:\n", f"components:\n{lost}  - {{name: off, type: svc, enabled: false}}\n")
    assert shop.orun("validate").out.splitlines()[1:] == [
        "  In no environment, by subscription or selector: lost0, lost1, lost2, lost3 (+2 more)"
    ]
    assert shop.orun("validate", "--env", "dev").out == "✓ Valid: 2 components, 1 environment, 2 jobs\n"
