"""A workspace with a sealed plan file, and `orun` as a process of its own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from orun_core.plan.canonical import to_json
from orun_core.plan.seal import sealed
from orun_core.state.local import LocalStore
from orun_core.testing.plans import plan

DURATION = re.compile(r"\b\d+\.\ds\b")


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    def frame(self) -> list[str]:
        """stdout with durations masked."""
        return DURATION.sub("N.Ns", self.out).splitlines()

    def events(self) -> list[dict]:
        """stdout of `--json`."""
        return [json.loads(line) for line in self.out.splitlines()]


@dataclass(frozen=True)
class Project:
    root: Path

    def plan(self, *jobs, name="demo", file="plan.json", **options):
        """Write a sealed plan."""
        made, tree = sealed(plan(*jobs, name=name, **options))
        (self.root / file).write_text(to_json(tree))
        return made

    def environ(self, **extra):
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}
        return {**kept, "ORUN_CACHE_DIR": str(self.root / ".cache"), "USER": "ada", **extra}

    def start(self, *arguments, into=subprocess.PIPE, **extra):
        """`orun` as a live process with pipes; `into` takes its stdout."""
        command = [sys.executable, "-m", "orun_core.cli.main", *arguments]
        return subprocess.Popen(
            command,
            cwd=self.root,
            env=self.environ(**extra),
            stdin=subprocess.DEVNULL,
            stdout=into,
            stderr=subprocess.PIPE,
            text=True,
        )

    def orun(self, *arguments, **extra):
        """`orun` to its end."""
        with self.start(*arguments, **extra) as process:
            out, err = process.communicate(timeout=60)
        return Ran(process.returncode, out, err)

    def interrupted_at(self, line, *arguments, number=signal.SIGINT, **extra):
        """`orun --json`, sent a signal when a step prints `line`."""
        with self.start(*arguments, "--json", **extra) as process:
            said = []
            for text in process.stdout:
                said.append(text)
                if json.loads(text).get("text") == line:
                    process.send_signal(number)
            err = process.stderr.read()
        return Ran(process.wait(), "".join(said), err)

    def state(self, exec_id):
        """The recorded run."""
        return LocalStore(self.root / ".orun", read_plan=None).run(exec_id)

    def status(self, exec_id):
        """Job → status."""
        return {job.id: job.status.value for job in self.state(exec_id).jobs}
