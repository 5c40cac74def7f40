"""A workspace of text files, compiled by core's own stages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from orun_core.builtin.sources import DirSource
from orun_core.compiler.bind import bind
from orun_core.compiler.expand import expand
from orun_core.compiler.load import load
from orun_core.compiler.materialize import materialize
from orun_core.compiler.normalize import normalize
from orun_core.compiler.pipeline import compile_plan
from orun_core.compiler.resolve import resolve
from orun_core.spec.entries import PolicyEntry
from orun_core.spec.errors import OrunError
from orun_core.spec.plan import Job, Plan
from orun_core.spec.source import SourceContext
from orun_core.spec.stages import Compiled, Request, Workspace

STAGES: dict[str, Callable[..., Any]] = {
    "load": load,
    "normalize": normalize,
    "expand": expand,
    "bind": bind,
    "resolve": resolve,
    "materialize": materialize,
}

STACK = "apiVersion: orun.io/v1\nkind: Stack\nmetadata: {name: st}\n"


def composition(type_: str = "svc", steps: str = "[{name: one, run: echo one}]", more: str = "") -> str:
    """A composition with one inline job `deploy` and a schema that takes everything."""
    return dedent(f"""\
        kind: Composition
        metadata: {{name: {type_}}}
        spec:
          type: {type_}
          defaultJob: deploy
          parameterSchema: {{type: object}}
          jobs:
            - name: deploy
              runsOn: ubuntu-22.04
              timeout: 10m
              steps: {steps}
        """) + "".join(f"  {line}\n" for line in dedent(more).strip().splitlines())


@dataclass
class Project:
    """Files of one workspace below a temporary folder; `intent` lacks the composition source, which is always the same."""

    root: Path
    codes: list[str] = field(default_factory=list)
    policies: Mapping[str, PolicyEntry] = field(default_factory=dict)
    memory: Path | None = None
    """What a compile leaves for the next one."""

    def write(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text), encoding="utf-8")

    def compile(self, intent: str, files: dict[str, str] | None = None, **request: Any) -> Compiled:
        base = {
            "stack/stack.yaml": STACK,
            "stack/compositions/svc/composition.yaml": composition(),
            "intent.yaml": "compositions: {sources: [{name: local, kind: dir, path: ./stack}]}\n" + dedent(intent),
        }
        self.write({**base, **(files or {})})
        return compile_plan(
            self.workspace, Request(**request), STAGES, self.policies, None, lambda stage, result: None, lambda: ()
        )

    @property
    def workspace(self) -> Workspace:
        """The files as they are, for the stages."""
        context = SourceContext(self.root, None)  # type: ignore[arg-type]
        fetch = partial(DirSource().fetch, context=context)
        return Workspace(self.root, self.root / "intent.yaml", fetch, memory=self.memory)

    def plan(self, intent: str, files: dict[str, str] | None = None, **request: Any) -> Plan:
        return self.compile(intent, files, **request).plan

    def jobs(self, intent: str, files: dict[str, str] | None = None, **request: Any) -> dict[str, Job]:
        return {job.id: job for job in self.plan(intent, files, **request).jobs}

    def problems(self, intent: str, files: dict[str, str] | None = None, **request: Any) -> list[str]:
        """`code file:line:column` of every problem."""
        with pytest.raises(OrunError) as caught:
            self.compile(intent, files, **request)
        return [f"{d.code} {d.where}" if d.where else d.code for d in caught.value.diagnostics]

    def warnings(self, intent: str, files: dict[str, str] | None = None, **request: Any) -> list[str]:
        return [f"{d.code} {d.where}" for d in self.compile(intent, files, **request).warnings]
