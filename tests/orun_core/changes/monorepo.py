"""A git repository with an intent, in a temporary folder: edited, committed and asked what changed."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

from compiling import STACK, STAGES, composition
from orun_core.builtin.sources import DirSource
from orun_core.changes.affected import Affected, detect_changes
from orun_core.changes.options import ChangeOptions
from orun_core.compiler.decode import decode
from orun_core.compiler.load import load
from orun_core.compiler.normalize import normalize
from orun_core.compiler.pipeline import compile_plan
from orun_core.spec.documents import Intent
from orun_core.spec.plan import Plan
from orun_core.spec.source import SourceContext
from orun_core.spec.stages import NormalizedProject, Request, Workspace
from orun_core.spec.trigger import ChangeRange

QUIET_GIT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_AUTHOR_NAME": "a",
    "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@example.org",
}


def git(folder: Path, *arguments: str) -> str:
    """Run git there; its output without the last newline."""
    command = [
        "git",
        "-c",
        "protocol.file.allow=always",
        "-c",
        "init.defaultBranch=main",
        "-c",
        "gc.auto=0",
        *arguments,
    ]
    done = subprocess.run(command, cwd=folder, env=os.environ | QUIET_GIT, capture_output=True, check=True)
    return done.stdout.decode(errors="surrogateescape").rstrip("\n")


def component(name: str, type_: str = "svc", more: str = "") -> str:
    """A component file."""
    text = f"kind: Component\nmetadata: {{name: {name}}}\nspec:\n  type: {type_}\n"
    return text + "".join(f"  {line}\n" for line in dedent(more).strip().splitlines())


@dataclass
class Monorepo:
    """`top` is the repository, `root` the intent's folder inside it."""

    top: Path
    root: Path

    @classmethod
    def create(cls, top: Path, files: Mapping[str, str], inside: str = ".") -> Monorepo:
        """A repository with one commit on `main`; `files` are relative to the intent's folder."""
        (top / inside).mkdir(parents=True, exist_ok=True)
        git(top, "init", "--quiet")
        made = cls(top, top / inside)
        made.write(files)
        made.commit()
        return made

    def write(self, files: Mapping[str, str | None]) -> None:
        """Write files; None removes one, and `old -> new` as a name moves one."""
        for name, text in files.items():
            if " -> " in name:
                old, new = name.split(" -> ")
                (self.root / new).parent.mkdir(parents=True, exist_ok=True)
                (self.root / old).rename(self.root / new)
            elif text is None:
                (self.root / name).unlink()
            else:
                (self.root / name).parent.mkdir(parents=True, exist_ok=True)
                (self.root / name).write_text(text, encoding="utf-8")

    def commit(self, files: Mapping[str, str | None] | None = None) -> str:
        """Write files and commit everything; returns the commit."""
        self.write(files or {})
        git(self.top, "add", "--all")
        git(self.top, "commit", "--quiet", "--allow-empty", "--message", "edit")
        return git(self.top, "rev-parse", "HEAD")

    def project(self) -> NormalizedProject:
        """What the compiler's first two stages make of the working tree."""
        context = SourceContext(self.root, None)  # type: ignore[arg-type]
        workspace = Workspace(self.root, self.root / "intent.yaml", lambda source: DirSource().fetch(source, context))
        return normalize(load(workspace, Request(changed=True)))

    def plan(self, changes: Callable[[NormalizedProject], tuple[str, ...]] | None = None) -> Plan:
        """The plan of the working tree: of everything, or of what `changes` selects."""
        context = SourceContext(self.root, None)  # type: ignore[arg-type]
        workspace = Workspace(self.root, self.root / "intent.yaml", lambda source: DirSource().fetch(source, context))
        request = Request(changed=changes is not None)
        return compile_plan(workspace, request, STAGES, {}, changes, lambda stage, result: None, lambda: ()).plan

    def detect(self, ci: ChangeRange | None = None, **options: Any) -> Affected:
        """Ask what changed."""
        return detect_changes(self.project(), ChangeOptions(**options), self.root, parse_intent, ci)


def parse_intent(data: bytes) -> Intent:
    """The intent of these bytes."""
    return decode(data, "intent.yaml", Intent)[0]


def intent(components: str = "[]", more: str = "", sources: str = "") -> str:
    """An intent with two environments, a local stack, and inline components in flow style."""
    return (
        f"compositions: {{sources: [{{name: local, kind: dir, path: ./stack}}{sources}]}}\n"
        f"environments: {{dev: {{}}, prod: {{}}}}\n{more}components: {components}\n"
    )


STACK_FILES = {
    "stack/stack.yaml": STACK,
    "stack/compositions/svc/composition.yaml": composition(),
    "stack/compositions/site/composition.yaml": composition("site"),
}
FILES = {
    **STACK_FILES,
    "intent.yaml": intent(
        "[{name: web, type: site, path: services/web}, {name: cron, type: svc, path: services/cron, "
        "change: {watches: [env]}, dependsOn: [{component: api}]}]"
    ),
    "apps/db/component.yaml": component("db"),
    "apps/db/schema.sql": "create table t (x int);\n",
    "apps/api/component.yaml": component("api", more="dependsOn: [{component: db, include: always}]"),
    "apps/api/main.py": "print(1)\n",
    "apps/api/worker/component.yaml": component("worker"),
    "apps/api/worker/run.sh": "true\n",
    "libs/core/component.yaml": component("core"),
    "libs/core/core.py": "x = 1\n",
    "apps/report/component.yaml": component("report", more="dependsOn: [{component: core, input: true}]"),
    "apps/dash/component.yaml": component("dash", "site", more="dependsOn: [{component: report, input: true}]"),
    "services/web/index.html": "hi\n",
    "services/cron/cron.sh": "true\n",
    "README.md": "read me\n",
}
"""Seven files and two inline components:

api always includes db; cron depends on api; dash takes report as input, which takes core; worker is nested in api.
"""
