"""The speed targets of the architecture, measured on this machine: `nox -s bench`. Exits 1 when one is missed.

What is timed is the whole command, several times: `best` decides, `median` says how quiet the machine was, `CPU` is what the
command itself used (user and system, best run). `× bare` compares the best run with an interpreter that does nothing.
"""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
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
class Measured:
    """Seconds of the runs of one command: on the clock, and of CPU."""

    clock: tuple[float, ...]
    cpu: tuple[float, ...]

    @property
    def best(self) -> float:
        """The quickest run."""
        return min(self.clock)


@dataclass(frozen=True)
class Target:
    """A command in a folder, and the most seconds it may take, over a bare interpreter's when `over_bare`."""

    name: str
    seconds: float
    folder: Path
    command: tuple[str, ...]
    times: int = 5
    cold: bool = False
    over_bare: bool = False


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


def measure(folder: Path, *command: str, times: int, cold: bool = False) -> Measured:
    """Run a command several times; `cold` forgets all caches before each."""
    cache = folder / ".orun-cache"
    environ = {**os.environ, "ORUN_CACHE_DIR": str(cache), "ORUN_SECRET_TOKEN": "a-secret-of-the-bench"}
    clock, cpu = [], []
    for _ in range(times):
        if cold:
            shutil.rmtree(cache, ignore_errors=True)
        before, start = _used(), time.perf_counter()
        subprocess.run(command, cwd=folder, env=environ, check=True, capture_output=True)
        clock.append(time.perf_counter() - start)
        cpu.append(_used() - before)
    return Measured(tuple(clock), tuple(cpu))


def _used() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def targets(root: Path) -> Iterator[Target]:
    """Every target, with workspaces made when they are reached; what is warm comes right after what is cold."""
    example = Path(shutil.copytree(EXAMPLE, root / "example", ignore=shutil.ignore_patterns("dist", ".orun")))
    measure(example, ORUN, "run", "--all-envs", times=1)
    yield Target("--version", 0.070, example, (ORUN, "--version"), times=20, over_bare=True)
    yield Target("--help", 0.080, example, (ORUN, "--help"), times=20)
    yield Target("status", 0.180, example, (ORUN, "status"), times=20)
    for components, times, cold, warm in ((10, 10, None, 0.250), (1_000, 5, 1.0, 0.3), (10_000, 3, 6.0, 2.0)):
        folder = workspace(root / str(components), components)
        name = f"plan of {components:,} × 3"
        yield Target(f"{name}, cold", cold or warm, folder, (ORUN, "plan"), times, cold=True)
        yield Target(f"{name}, nothing changed", warm, folder, (ORUN, "plan"), times)
    edited(folder)
    yield Target(
        "plan of one changed among 10,000", 0.75, folder, (ORUN, "plan", "--changed", "--uncommitted"), times=5
    )
    yield Target("affected by it", 0.75, folder, (ORUN, "affected", "--uncommitted"), times=5)
    jobs = workspace(root / "jobs", 1_000, "[dev]")
    measure(jobs, ORUN, "plan", times=1)
    yield Target("run of 1,000 no-op jobs", 3.0, jobs, (ORUN, "run", "latest"), times=3)
    yield Target("200 MB of masked log", 2.0, masked(root / "logs"), (ORUN, "run", "--env", "dev"), times=3)


def edited(folder: Path) -> None:
    """Make a workspace a repository in which one file of one component differs from the last commit."""
    (folder / ".gitignore").write_text("/.orun*\n", encoding="utf-8")
    ours = ("-c", "user.name=bench", "-c", "user.email=bench@example.invalid")
    for command in (("init", "-q"), ("add", "."), (*ours, "commit", "-q", "-m", "all")):
        subprocess.run(("git", *command), cwd=folder, check=True)
    component = folder / "apps/c4711/component.yaml"
    component.write_text(component.read_text() + "  labels: {edited: today}\n", encoding="utf-8")


def masked(folder: Path) -> Path:
    """A workspace whose only job prints 200 MB while a secret is masked."""
    workspace(folder, 1, "[dev]")
    printing = "yes 'a usual line of a log, of some sixty characters or more' | head -c 200000000 || true"
    composition = folder / "stack/compositions/app/composition.yaml"
    composition.write_text(COMPOSITION.replace("true {{ .parameters.image }}", printing), encoding="utf-8")
    component = folder / "apps/c0/component.yaml"
    component.write_text(component.read_text() + "  secretEnv: {TOKEN: secret://bench/token}\n", encoding="utf-8")
    return folder


def main() -> int:
    missed = 0
    print(f"  {'':<36}{'best':>10}{'median':>10}{'CPU':>10}{'at most':>10}{'× bare':>8}")
    with tempfile.TemporaryDirectory() as folder:
        bare = measure(Path(folder), sys.executable, "-I", "-c", "pass", times=20)
        for target in targets(Path(folder)):
            found = measure(target.folder, *target.command, times=target.times, cold=target.cold)
            over = found.best - (bare.best if target.over_bare else 0)
            missed += over > target.seconds
            mark = "✗" if over > target.seconds else "✓"
            shown = (over, statistics.median(found.clock), min(found.cpu), target.seconds)
            columns = "".join(f"{seconds * 1000:>7.0f} ms" for seconds in shown)
            print(f"{mark} {target.name:<36}{columns}{found.best / bare.best:>8.1f}", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
