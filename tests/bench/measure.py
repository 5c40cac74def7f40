"""The speed targets of the architecture, measured on this machine: `nox -s bench`. Exits 1 when one is missed.

Times are the best of several runs of the whole command, less the start of a bare interpreter where the target says so.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

EXAMPLE = Path(__file__).parents[2] / "examples" / "multi-environment-platform"
ORUN = shutil.which("orun") or str(Path(sys.executable).with_name("orun"))

INTENT = """\
metadata: {name: bench}
compositions: {sources: [{name: local, kind: dir, path: ./stack}]}
discovery: {roots: [apps]}
environments:
  dev: {}
  staging: {promotion: {dependsOn: [{environment: dev}]}}
  production: {promotion: {dependsOn: [{environment: staging}]}}
"""
COMPOSITION = """\
kind: Composition
metadata: {name: app}
spec:
  type: app
  defaultJob: deploy
  parameterSchema: {properties: {parameters: {type: object, required: [image]}}}
  jobs: [{name: deploy, steps: [{name: deploy, run: "true {{ .parameters.image }}"}]}]
"""
COMPONENT = """\
kind: Component
metadata: {{name: {name}}}
spec:
  type: app
  subscribe: {{environments: {environments}}}
  parameters: {{image: {name}}}
  dependsOn: [{dependency}]
"""


@dataclass(frozen=True)
class Target:
    """What is measured, the most it may take, and how: seconds of one run."""

    name: str
    seconds: float
    measure: Callable[[], float]


def workspace(folder: Path, components: int, environments: str = "[dev, staging, production]") -> Path:
    """A workspace of so many components, each after the first depending on an earlier one."""
    files = {
        "intent.yaml": INTENT,
        "stack/stack.yaml": "kind: Stack\nmetadata: {name: bench}\n",
        "stack/compositions/app/composition.yaml": COMPOSITION,
    }
    for number in range(components):
        dependency = f"{{component: c{number // 2}}}" if number else ""
        text = COMPONENT.format(name=f"c{number}", environments=environments, dependency=dependency)
        files[f"apps/c{number}/component.yaml"] = text
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def seconds(folder: Path, *arguments: str, times: int = 1, cold: bool = False) -> float:
    """The best of several runs of a command in a folder; `cold` forgets all caches before each."""
    cache = folder / ".orun-cache"
    environ = {**os.environ, "ORUN_CACHE_DIR": str(cache)}
    found = []
    for _ in range(times):
        if cold:
            shutil.rmtree(cache, ignore_errors=True)
        start = time.perf_counter()
        subprocess.run(arguments, cwd=folder, env=environ, check=True, capture_output=True)
        found.append(time.perf_counter() - start)
    return min(found)


def targets(root: Path) -> Iterator[Target]:
    """Every target, with workspaces made when they are reached."""
    example = Path(shutil.copytree(EXAMPLE, root / "example", ignore=shutil.ignore_patterns("dist", ".orun")))
    bare = seconds(example, sys.executable, "-I", "-c", "pass", times=10)
    seconds(example, ORUN, "run", "--all-envs")
    yield Target(
        "--version over a bare interpreter", 0.070, lambda: seconds(example, ORUN, "--version", times=10) - bare
    )
    yield Target("--help", 0.080, lambda: seconds(example, ORUN, "--help", times=10))
    yield Target("status", 0.180, lambda: seconds(example, ORUN, "status", times=10))
    ten = workspace(root / "ten", 10)
    yield Target("plan of 10 components", 0.250, lambda: seconds(ten, ORUN, "plan", times=5))
    thousand = workspace(root / "thousand", 1_000)
    yield Target("plan of 1,000 x 3, cold", 1.0, lambda: seconds(thousand, ORUN, "plan", times=3, cold=True))
    yield Target("plan of 1,000 x 3, warm", 0.3, lambda: seconds(thousand, ORUN, "plan", times=3))
    many = workspace(root / "many", 10_000)
    yield Target("plan of 10,000 x 3, cold", 6.0, lambda: seconds(many, ORUN, "plan", cold=True))
    yield Target("plan of 10,000 x 3, warm", 2.0, lambda: seconds(many, ORUN, "plan"))
    jobs = workspace(root / "jobs", 1_000, "[dev]")
    yield Target("run of 1,000 no-op jobs", 3.0, lambda: seconds(jobs, ORUN, "run", "--env", "dev"))


def main() -> int:
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        for target in targets(Path(folder)):
            found = target.measure()
            missed += found > target.seconds
            mark = "✗" if found > target.seconds else "✓"
            print(
                f"{mark} {target.name:<36} {found * 1000:8.0f} ms   at most {target.seconds * 1000:6.0f} ms", flush=True
            )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
