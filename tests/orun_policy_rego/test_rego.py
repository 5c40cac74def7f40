"""A policy engine of a third party: constraints in Rego, by a plugin that is installed beside orun."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from parts import missing

SOURCES = Path(__file__).parents[1] / "plugins/orun-policy-rego/src"
RULE = """\
          package orun
          import rego.v1
          deny contains {"msg": sprintf("%d replicas", [input.parameters.replicas]), "field": "parameters.replicas"} if {
            input.parameters.replicas > 3
          }
          deny contains "curl is not allowed" if {
            some step in input.steps
            contains(step.run, "curl")
          }
"""
INTENT = """\
metadata: {name: shop}
compositions: {sources: [{name: local, kind: dir, path: ./stack}]}
environments: {dev: {}}
constraints:
  - name: careful
    engine: rego
    severity: %s
    rule: |
%s
components:
  - {name: api, type: svc, parameters: {replicas: %d}, subscribe: {environments: [dev]}}
"""
COMPOSITION = """\
kind: Composition
metadata: {name: svc}
spec:
  type: svc
  defaultJob: deploy
  parameterSchema: {type: object}
  jobs: [{name: deploy, steps: [{name: one, run: %s}]}]
"""

Orun = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def orun(tmp_path: Path) -> Orun:
    """Run orun where orun-policy-rego is installed, in a project of these values."""
    try:
        import regopy  # noqa: F401
    except ImportError:
        missing("regopy", "the Rego interpreter is not installed")
    info = tmp_path / "site/orun_policy_rego-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: orun-policy-rego\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[orun.v1]\nrego = orun_policy_rego.plugin\n")

    def run(
        *arguments: str, replicas: int = 1, command: str = "make", severity: str = "deny", rule: str = RULE
    ) -> subprocess.CompletedProcess[str]:
        files = {
            "intent.yaml": INTENT % (severity, rule.rstrip("\n"), replicas),
            "stack/stack.yaml": "apiVersion: orun.io/v1\nkind: Stack\nmetadata: {name: st}\n",
            "stack/compositions/svc/composition.yaml": COMPOSITION % command,
        }
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        path = f"{tmp_path / 'site'}{os.pathsep}{SOURCES}"
        environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": path}
        line = [sys.executable, "-m", "orun_core.cli.main", *arguments]
        return subprocess.run(line, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=60, check=False)

    return run


def found(ran: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    tree = json.loads(ran.stdout)
    return [{**d, "where": d["where"]["line"]} for d in tree["diagnostics"]]


def test_what_rego_allows_is_planned(orun: Orun) -> None:
    ran = orun("plan", "-o", "plan.json")
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == ""


def test_the_plan_says_who_judged(orun: Orun, tmp_path: Path) -> None:
    assert orun("plan", "-o", "plan.json").returncode == 0
    plugins = json.loads((tmp_path / "plan.json").read_text())["metadata"]["compiler"]["plugins"]
    assert {p["distribution"]: p["roles"] for p in plugins}["orun-policy-rego"] == ["policy:rego"]


def test_what_rego_denies_stops_at_the_line_that_set_it(orun: Orun) -> None:
    ran = orun("validate", "--format", "json", replicas=7, command="curl evil")
    assert ran.returncode == 4, ran.stderr
    assert [(d["code"], d["severity"], d["message"], d["where"]) for d in found(ran)] == [
        ("policy/violation", "error", "careful (intent): api in dev: curl is not allowed", 5),
        ("policy/violation", "error", "careful (intent): api in dev: 7 replicas", 19),
    ]


def test_a_milder_constraint_warns(orun: Orun) -> None:
    ran = orun("validate", "--format", "json", replicas=7, severity="warn")
    assert ran.returncode == 0, ran.stderr
    assert [(d["severity"], d["where"]) for d in found(ran)] == [("warning", 19)]


@pytest.mark.parametrize(
    "rule", ["          package orun\n          deny {\n", "          package other\n          x := 1\n"]
)
def test_a_rule_that_is_none_allows_nothing(orun: Orun, rule: str) -> None:
    ran = orun("validate", rule=rule)
    assert ran.returncode == 4, ran.stderr
    assert "careful (intent): api in dev: cannot be evaluated" in ran.stderr
    assert ran.stdout == ""


def test_it_knows_the_contract_only() -> None:
    names = [
        node.module
        for path in SOURCES.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("orun_core")
    ]
    assert names
    assert all(name.startswith("orun_core.spec.") for name in names)
