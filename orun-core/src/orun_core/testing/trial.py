"""Runs jobs on a backend through the real runtime and hands back what was recorded."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from orun_core.runtime.gates import Consent
from orun_core.runtime.launch import Launch, Outcome, run
from orun_core.runtime.resume import Earlier
from orun_core.runtime.retry import Backoff
from orun_core.spec.run import JobFinished, JobSkipped, StepFinished
from orun_core.testing.journal import MemoryRun
from orun_core.testing.plans import plan

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from orun_core.spec.backend import Backend
    from orun_core.spec.plan import Job
    from orun_core.spec.run import Output
    from orun_core.spec.store import StateStore


class _Store:
    """Just enough of a store for one new run."""

    def __init__(self, record: MemoryRun) -> None:
        self._record = record

    def begin(self, exec_id: str) -> MemoryRun:
        return self._record.begin_run(exec_id)

    def runs(self) -> tuple[object, ...]:
        return ()

    def events(self, exec_id: str, after: int = 0) -> tuple[object, ...]:  # noqa: ARG002 - the store's signature
        return ()


@dataclass(frozen=True)
class Ran:
    """What a trial recorded."""

    outcome: Outcome
    record: MemoryRun

    @property
    def job(self) -> JobFinished:
        """The end of the only job."""
        (ended,) = self.record.of(JobFinished)
        return ended

    def ended(self, job: str) -> JobFinished:
        """The end of a job."""
        return next(what for what in self.record.of(JobFinished) if what.job == job)

    def skipped(self) -> dict[str, str]:
        """Reasons by skipped job."""
        return {what.job: what.reason for what in self.record.of(JobSkipped)}

    def steps(self, step: str) -> list[StepFinished]:
        """Ends of all attempts of a step."""
        return [what for what in self.record.of(StepFinished) if what.step == step]

    def log(self, step: str, attempt: int = 1) -> str:
        """Text of a log."""
        return self.record.log(step, attempt).decode()


@dataclass(frozen=True)
class Trial:
    """A workspace and a backend. `runs_on`: image or label that every job gets unless it names one."""

    backend: Backend
    root: Path
    runs_on: str = ""
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))

    def __call__(
        self,
        *jobs: Job,
        secrets: Mapping[str, str] | None = None,
        on_line: Callable[[Output], None] | None = None,
        wants_output: bool = True,
        store: StateStore | None = None,
        **options: Any,
    ) -> Ran:
        """Run these jobs, recorded in memory or in `store`.

        `secrets`: values of `secret://` keys; `on_line`: called with each line of output; `options`: fields of `Launch`.
        """
        from dataclasses import replace

        given = {f"ORUN_SECRET_{key}": value for key, value in (secrets or {}).items()}
        placed = tuple(replace(job, runs_on=job.runs_on or self.runs_on) for job in jobs)
        record = MemoryRun(wants_output=wants_output, on_line=on_line)
        values: dict[str, Any] = {
            "plan": plan(*placed),
            "jobs": placed,
            "exec_id": "trial",
            "runner": "test",
            "backend": self.backend,
            "root": self.root,
            "environ": {**self.environ, **given},
            "earlier": Earlier(),
            "consent": Consent(),
            "grace": 1.0,
            "backoff": Backoff(0.01, 0.02),
            **options,
        }
        outcome = run(Launch(**values), store or cast("StateStore", _Store(record)), record)
        return Ran(outcome, record)
