"""Happenings for tests of the state."""

from __future__ import annotations

from pathlib import Path

from orun_core.spec.run import (
    SCHEMA_VERSION,
    Event,
    Happening,
    JobFinished,
    JobStarted,
    PlannedJob,
    PlannedStep,
    RunFinished,
    RunStarted,
    Status,
    StepFinished,
    StepStarted,
)
from orun_core.state.local import LocalStore


def planned(name: str, digest: str = "sha256-1", depends_on: tuple[str, ...] = ()) -> PlannedJob:
    """A job `NAME.dev.deploy` with the steps build and clean."""
    steps = (PlannedStep("build"), PlannedStep("clean", "post"))
    return PlannedJob(f"{name}.dev.deploy", name, "dev", "deploy", "Deploy", digest, depends_on, steps)


def started(*jobs: PlannedJob, resumed: bool = False, exec_id: str = "demo-1", plan: str = "sha256-abc") -> RunStarted:
    """A run of these jobs."""
    return RunStarted(SCHEMA_VERSION, exec_id, plan, "demo", "shell", "manual", "ada", 4, True, jobs, resumed=resumed)


def worked(name: str, attempt: int = 1) -> tuple[Happening, ...]:
    """A job that succeeds."""
    job = f"{name}.dev.deploy"
    found: list[Happening] = [JobStarted(job, attempt)]
    for index, step in enumerate(("build", "clean"), 1):
        log = f"logs/{job}/{index:02d}-{step}.{attempt}.log"
        found += [
            StepStarted(job, step, index, attempt, log),
            StepFinished(job, step, index, attempt, Status.SUCCEEDED, 0),
        ]
    return (*found, JobFinished(job, attempt, Status.SUCCEEDED))


def events(*happenings: Happening) -> list[Event]:
    """The happenings, one second apart."""
    return [Event(seq, f"2026-01-01T00:00:{seq:02d}.000Z", what) for seq, what in enumerate(happenings, 1)]


def store(folder: Path) -> LocalStore:
    """The store of a workspace whose plans are not read."""
    return LocalStore(folder / ".orun", read_plan=lambda path: path)


def record(folder: Path, exec_id: str = "demo-1", *jobs: str) -> LocalStore:
    """A store with a finished run of these jobs."""
    local = store(folder)
    writer = local.begin(exec_id)
    writer.append(started(*(planned(name) for name in jobs), exec_id=exec_id))
    for name in jobs:
        for what in worked(name):
            if isinstance(what, StepStarted):
                with writer.open_log(what.log) as log:
                    log.write(f"{what.step} of {name}\n".encode())
            writer.append(what)
    writer.append(RunFinished(Status.SUCCEEDED))
    writer.close()
    return local
