"""`plan --changed --explain` says what it compared: what was asked for, never a default that was not used."""

from __future__ import annotations

import os
import subprocess
import sys

from compiling import STACK, Project, composition
from shop import Shop, shop  # noqa: F401


def test_the_files_that_were_named_are_what_was_compared(project: Project) -> None:
    project.write(
        {
            "intent.yaml": "compositions: {sources: [{name: local, kind: dir, path: ./stack}]}\nenvironments: {dev: {}}\n",
            "stack/stack.yaml": STACK,
            "stack/compositions/svc/composition.yaml": composition(),
            "a/component.yaml": "kind: Component\nmetadata: {name: a}\nspec: {type: svc, subscribe: {environments: [dev]}}\n",
        }
    )
    environ = {**os.environ, "CI": "", "ORUN_CACHE_DIR": str(project.root / "cache")}
    command = [sys.executable, "-m", "orun_core.cli.main", "plan", "--changed", "--files", "a/x.py", "--explain"]
    done = subprocess.run(command, cwd=project.root, env=environ, capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert "files alone, as the options say: 1 file changed" in said
    assert "main" not in said
    assert "a@dev  (deploy)" in said


def test_a_warning_beside_what_is_affected_says_line_and_column(shop: Shop) -> None:  # noqa: F811
    shop.edit("intent.yaml", "dependsOn: [{component: db}]", "dependsOn: [{component: db}, {component: bd}]")
    ran = shop.orun("affected", "--files", "x")
    assert (ran.code, ran.err.splitlines()[1]) == (0, "  intent.yaml:18:34  [normalize/unknown-dependency]")
