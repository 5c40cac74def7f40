"""Runs to draw: states as the fold gives them, at one fixed moment."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING

from orun_core.spec.errors import Diagnostic, UsageError
from orun_core.spec.run import Event, JobState, RunFinished, RunState, RunSummary, Status, StepState
from orun_core.state.fold import summarize

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orun_core.spec.plan import Plan
    from orun_core.spec.store import RunWriter

NOW = datetime(2026, 5, 29, 10, 1, 42, tzinfo=UTC)
START = datetime(2026, 5, 29, 10, 0, 0, tzinfo=UTC)


def at(seconds: float | None) -> str:
    """The recorded form of a moment, in seconds from the start of the run."""
    if seconds is None:
        return ""
    return (START + timedelta(seconds=seconds)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def job(
    component: str,
    name: str,
    status: Status = Status.SUCCEEDED,
    *,
    environment: str = "production",
    begin: float | None = None,
    end: float | None = None,
    needs: tuple[str, ...] = (),
    steps: tuple[str, ...] = ("setup", "work"),
    reason: str = "",
    resumed: bool = False,
    allowed: bool = False,
    attempt: int = 1,
) -> JobState:
    """A job with steps that share its time; a failing job fails in its last step."""
    job_id = f"{component}.{environment}.{name}"
    before_last = Status.SUCCEEDED if begin is not None else Status.SKIPPED if status.ended else Status.PENDING
    last = Status.PENDING if status is Status.QUEUED else status
    return JobState(
        id=job_id,
        component=component,
        environment=environment,
        name=name,
        display_name=name.replace("-", " ").capitalize(),
        digest="sha256-0",
        depends_on=needs,
        status=status,
        attempt=attempt if begin is not None else 0,
        reason=reason,
        allowed_failure=allowed,
        resumed=resumed,
        started_at=at(begin),
        finished_at=at(end),
        steps=tuple(
            StepState(
                id=step,
                index=index,
                phase="main",
                status=last if index == len(steps) else before_last,
                attempts=1 if begin is not None else 0,
                exit_code=3 if index == len(steps) and last is Status.FAILED else None,
                allowed_failure=allowed,
                started_at=at(begin),
                finished_at=at(end if index == len(steps) else begin),
                logs=(f"logs/{job_id}/{index:02d}-{step}.1.log",) if begin is not None else (),
            )
            for index, step in enumerate(steps, start=1)
        ),
    )


def run(
    *jobs: JobState, status: Status = Status.RUNNING, alive: bool = False, end: float | None = None, **more: object
) -> RunState:
    """A run of these jobs."""
    state = RunState(
        exec_id="gh-26563885741-1-896da6b09c29",
        plan_checksum="sha256-ad6ce9d1f0aa11",
        plan_name="multi-environment-platform",
        backend="shell",
        trigger="system.manual",
        user="ada",
        concurrency=4,
        fail_fast=True,
        status=status,
        started_at=at(0),
        finished_at=at(end),
        jobs=jobs,
        alive=alive,
        last_seq=len(jobs) + 1,
    )
    return replace(state, **more)  # type: ignore[arg-type]


RUNNING = run(
    job("api-edge-worker", "build", begin=0, end=4.1),
    job("api-edge-worker", "test", begin=4.1, end=16.4, needs=("api-edge-worker.production.build",)),
    job("api-edge-worker", "verify-deploy", begin=16.4, end=35.4, needs=("api-edge-worker.production.test",)),
    job("database", "apply", Status.RUNNING, begin=63.8, steps=("init", "terraform-apply")),
    job("web-app", "deploy", Status.QUEUED, needs=("database.production.apply",)),
    alive=True,
)
FAILED = run(
    job("api", "deploy", environment="stage", begin=0, end=12),
    job("api", "verify", Status.SKIPPED, environment="stage", reason="the run failed before it could start"),
    job(
        "db", "migrate", Status.FAILED, environment="prod", begin=1, end=206, steps=("plan", "apply"),
        reason="step apply: exit code 3",
    ),
    job("db", "lint", Status.FAILED, environment="prod", begin=1, end=3, allowed=True, reason="step work: exit code 3"),
    job(
        "web", "deploy", Status.SKIPPED, environment="prod", needs=("db.prod.migrate",),
        reason="dependency db.prod.migrate failed",
    ),
    job("web", "smoke", Status.TIMED_OUT, environment="prod", begin=2, end=62, reason="timed out after 1m"),
    status=Status.FAILED,
    end=206.5,
)  # fmt: skip
SKIPPED = run(
    job("api", "deploy", Status.SKIPPED, reason="approval was not given"),
    job("web", "deploy", Status.SKIPPED, reason="dependency api.production.deploy was skipped"),
    status=Status.SKIPPED,
    end=0.85,
    reason="nothing was approved",
)
CANCELLED = run(
    job("api", "build", begin=0, end=4.2),
    job("api", "deploy", Status.CANCELLED, begin=4.2, end=9, reason="interrupted by SIGINT"),
    job("web", "deploy", Status.SKIPPED, reason="the run was cancelled"),
    status=Status.CANCELLED,
    end=9.1,
    reason="interrupted by SIGINT",
)
RESUMED = run(
    job("api", "build", Status.SUCCEEDED, resumed=True, reason="succeeded in an earlier attempt"),
    job("api", "deploy", begin=0.2, end=7, attempt=2),
    status=Status.SUCCEEDED,
    end=7.3,
)
INTERRUPTED = run(
    job("api", "build", begin=0, end=4.2),
    job("api", "deploy", Status.RUNNING, begin=4.2),
    job("web", "deploy", Status.PENDING),
)
EMPTY = run(status=Status.SUCCEEDED, end=0.0)
WIDE_TEXT = run(
    job("支払いサービス", "デプロイ", begin=0, end=4.1, environment="本番"),
    job("naïve-café", "build-🚀", Status.RUNNING, begin=2, environment="本番"),
    alive=True,
    plan_name="プラットフォーム",
)
MANY = run(
    *(
        job(
            f"service-{number // 4:02d}",
            ("build", "test", "deploy", "verify")[number % 4],
            Status.SUCCEEDED if number < 120 else Status.RUNNING if number < 124 else Status.PENDING,
            begin=number / 2 if number < 124 else None,
            end=number / 2 + 3 if number < 120 else None,
            steps=("work",),
        )
        for number in range(200)
    ),
    alive=True,
)

STATES = {
    "running": RUNNING,
    "failed": FAILED,
    "skipped": SKIPPED,
    "cancelled": CANCELLED,
    "resumed": RESUMED,
    "interrupted": INTERRUPTED,
    "empty": EMPTY,
    "wide-text": WIDE_TEXT,
    "many": MANY,
}


class MemoryStore:
    """A state store that holds given states and logs: whatever reads through `StateStore` shows it."""

    def __init__(
        self,
        *states: RunState,
        logs: dict[str, bytes] | None = None,
        later: tuple[RunState, ...] = (),
        ticks: int | None = None,
    ) -> None:
        """`later`: states that the first run takes on, one per look. `ticks`: Ctrl-C comes after so many of them."""
        self.states = {state.exec_id: state for state in states}
        self.logs = logs or {}
        self.later = list(later)
        self.ticks = ticks
        self.reads = 0

    def runs(self) -> tuple[RunSummary, ...]:
        return tuple(summary(state) for state in self.states.values())

    def run(self, reference: str = "") -> RunState:
        self.reads += 1
        if not reference and self.states:
            live = [state for state in self.states.values() if state.alive]
            return live[0] if live else next(iter(self.states.values()))
        if reference not in self.states:
            raise UsageError(Diagnostic("state/unknown-run", f"no run {reference}"))
        return self.states[reference]

    def events(self, exec_id: str, after: int = 0) -> tuple[Event, ...]:
        if self.later:
            self.states[exec_id] = self.later.pop(0)
        last = self.states[exec_id].last_seq
        return tuple(Event(seq, at(0), RunFinished(Status.SUCCEEDED)) for seq in range(after + 1, last + 1))

    def log(self, exec_id: str, name: str, offset: int = 0, size: int = -1) -> bytes:
        data = self.logs.get(name, b"")
        return data[offset:] if size < 0 else data[offset : offset + size]

    def log_size(self, exec_id: str, name: str) -> int:
        return len(self.logs.get(name, b""))

    def watch(self, exec_id: str = "") -> Iterator[None]:
        ticks = count() if self.ticks is None else range(self.ticks)
        for _ in ticks:
            yield
        raise KeyboardInterrupt

    def plan(self, reference: str = "") -> Plan:
        raise UsageError(Diagnostic("state/unknown-plan", f"no plan {reference}"))

    def plans(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        return tuple((state.plan_checksum, ("latest",)) for state in self.states.values())

    def begin(self, exec_id: str) -> RunWriter:
        raise AssertionError("nothing here writes")


def summary(state: RunState) -> RunSummary:
    """The line of a list that a store gives for a state."""
    return summarize(state)


@dataclass
class Desk:
    """As much of a host as commands that show things need."""

    store: MemoryStore
    environ: dict[str, str] = field(default_factory=dict)


def with_logs(state: RunState, lines: int = 30) -> MemoryStore:
    """A store in which every step that began printed some lines."""
    return MemoryStore(
        state,
        logs={
            name: b"".join(b"%s line %d\n" % (step.id.encode(), number) for number in range(1, lines + 1))
            for job in state.jobs
            for step in job.steps
            for name in step.logs
        },
    )
