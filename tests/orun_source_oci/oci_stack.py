"""A stack to publish, an intent that uses it, and machines to do it on."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

COMPOSITION = """\
kind: Composition
metadata: {name: svc}
spec:
  type: svc
  defaultJob: deploy
  parameterSchema: {type: object}
  jobs:
    - name: deploy
      runsOn: ubuntu-22.04
      steps:
        - {id: say, name: say, run: "echo hello"}
"""
INTENT = """\
apiVersion: sourceplane.io/v1
kind: Intent
metadata: {{name: shop}}
compositions:
  sources:
    - {{name: platform, kind: oci, ref: "{ref}"{more}}}
environments:
  dev: {{}}
components:
  - {{name: api, type: svc, subscribe: {{environments: [dev]}}}}
"""


@dataclass(frozen=True)
class Machine:
    """A user's home on some machine, with `orun` installed."""

    home: Path
    extra: dict[str, str]

    def orun(self, *arguments, cwd=None, stdin="", status=0, **environ):
        """Run orun; returns its stdout after checking its exit status."""
        done = subprocess.run(
            [sys.executable, "-m", "orun_core.cli.main", *arguments],
            cwd=cwd or self.home,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            env={"PATH": os.environ["PATH"], "HOME": str(self.home), **self.extra, **environ},
        )
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout + done.stderr if status else done.stdout


def write_stack(folder, version="1.2.0"):
    """Write a stack with one composition and one example."""
    (folder / "compositions/svc").mkdir(parents=True)
    (folder / "examples").mkdir()
    (folder / "stack.yaml").write_text(f"kind: Stack\nmetadata: {{name: platform, version: {version}}}\n")
    (folder / "compositions/svc/composition.yaml").write_text(COMPOSITION)
    (folder / "examples/intent.yaml").write_text("# an example\n")
    return folder


def write_intent(folder, ref, more=""):
    """Write an intent with one component of the stack at `ref`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "intent.yaml").write_text(INTENT.format(ref=ref, more=more))
    return folder
