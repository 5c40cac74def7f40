"""A small project of two components in two environments, and `orun` inside this process."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from orun_core.cli.main import run
from orun_core.cli.report import Reporter

INTENT = """\
metadata: {name: shop, description: The shop.}
compositions:
  sources: [{name: local, kind: dir, path: ./stack}]
env: {REGION: eu}
environments:
  dev:
    parameterDefaults: {"*": {replicas: 1}}
  prod:
    env: {REGION: us}
    parameterDefaults: {"*": {replicas: 3}}
components:
  - name: db
    type: svc
    subscribe: {environments: [dev, prod]}
  - name: api
    type: svc
    labels: {tier: gold}
    dependsOn: [{component: db}]
    subscribe: {environments: [dev, prod]}
"""
COMPOSITION = """\
kind: Composition
metadata: {name: svc}
spec:
  type: svc
  defaultJob: deploy
  defaultProfile: plain
  parameterSchema: {type: object}
  executionProfiles:
    plain: {jobs: {deploy: {stepsEnabled: [build, release]}}}
    fast: {jobs: {deploy: {stepsEnabled: [release]}}}
  jobs:
    - name: deploy
      runsOn: ubuntu-22.04
      timeout: 10m
      steps:
        - name: build
          run: echo build {{ .parameters.replicas }}
        - name: release
          run: |
            echo one
            echo two
"""
FILES = {
    "intent.yaml": INTENT,
    "stack/stack.yaml": "apiVersion: orun.io/v1\nkind: Stack\nmetadata: {name: st}\n",
    "stack/compositions/svc/composition.yaml": COMPOSITION,
}
SVC = "stack/compositions/svc/composition.yaml"


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def tree(self) -> Any:
        """stdout as JSON."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Shop:
    root: Path

    def write(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            (self.root / name).write_text(text)

    def edit(self, file: str, old: str, new: str) -> None:
        """Replace the one place where `old` stands."""
        text = (self.root / file).read_text()
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
        (self.root / file).write_text(text.replace(old, new))

    def orun(self, *arguments: str) -> Ran:
        out, err = io.StringIO(), io.StringIO()
        with contextlib.chdir(self.root), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = run(list(arguments), Reporter())
        return Ran(code, out.getvalue(), err.getvalue())

    def git(self, *arguments: str) -> str:
        who = ("-c", "user.name=ada", "-c", "user.email=ada@example.org", "-c", "init.defaultBranch=main")
        command = ["git", *who, *arguments]
        done = subprocess.run(command, cwd=self.root, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def copy(self, folder: Path) -> Shop:
        """The same project elsewhere."""
        shutil.copytree(self.root, folder)
        return Shop(folder)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    monkeypatch.setenv("ORUN_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("CI", raising=False)
    made = Shop(tmp_path / "shop")
    made.write(FILES)
    return made
