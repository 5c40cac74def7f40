"""What every display of a run needs to know while events come in."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING

from orun_core.spec.run import (
    JobFinished,
    JobSkipped,
    JobStarted,
    RunFinished,
    RunStarted,
    Status,
    StepFinished,
    StepStarted,
)

if TYPE_CHECKING:
    from orun_core.spec.run import Event, PlannedJob


class Ended:
    """One job's end, for its row."""

    def __init__(
        self, job: PlannedJob, status: Status, seconds: float | None, reason: str, links: dict[str, str]
    ) -> None:
        self.job = job
        self.status = status
        self.seconds = seconds
        self.reason = reason
        self.links = links


class Progress:
    """What every display needs to know about a run while events come in."""

    def __init__(self) -> None:
        self.started: RunStarted | None = None
        self.jobs: dict[str, PlannedJob] = {}
        self.ended: dict[str, Ended] = {}
        self.resumed: set[str] = set()
        self.failed_steps: dict[str, StepFinished] = {}
        self.logs: dict[tuple[str, str], str] = {}
        self.allowed: set[str] = set()
        self._since: dict[object, datetime] = {}
        self.step_seconds: dict[tuple[str, str], float] = {}
        self.seconds = 0.0
        self.many_environments = False
        """Rows must say the environment."""

    def take(self, event: Event) -> None:
        """Fold one event in."""
        what, now = event.what, datetime.fromisoformat(event.at)
        if isinstance(what, RunStarted):
            self.started = what
            self.jobs = {job.id: job for job in what.jobs}
            self.many_environments = len({job.environment for job in what.jobs}) > 1
            self._since["run"] = now
        elif isinstance(what, JobStarted):
            self._since.setdefault(what.job, now)
        elif isinstance(what, StepStarted):
            self._since[what.job, what.step] = now
            self.logs[what.job, what.step] = what.log
        elif isinstance(what, StepFinished):
            self.step_seconds[what.job, what.step] = self._elapsed((what.job, what.step), now)
            if what.status.bad and not what.allowed_failure:
                self.failed_steps.setdefault(what.job, what)
        elif isinstance(what, JobFinished):
            self._end(what.job, what.status, self._elapsed(what.job, now), what.reason, dict(what.links))
            if what.allowed_failure:
                self.allowed.add(what.job)
        elif isinstance(what, JobSkipped):
            if what.resumed:
                self.resumed.add(what.job)
            self._end(what.job, Status.SKIPPED, None, what.reason, {})
        elif isinstance(what, RunFinished):
            self.seconds = self._elapsed("run", now)

    def _elapsed(self, key: object, now: datetime) -> float:
        return (now - self._since.get(key, now)).total_seconds()

    def _end(self, job: str, status: Status, seconds: float | None, reason: str, links: dict[str, str]) -> None:
        self.ended[job] = Ended(self.jobs[job], status, seconds, reason, links)

    def counts(self) -> str:
        """`3 succeeded · 1 failed`, only what there is."""
        found = Counter("cached" if end.job.id in self.resumed else _WORDS[end.status] for end in self.ended.values())
        if self.allowed:
            found["allowed failures"] = len(self.allowed)
        words = ("succeeded", "failed", "timed out", "cancelled", "skipped", "cached", "allowed failures")
        return " · ".join(f"{found[word]} {word}" for word in words if found[word]) or "nothing ran"


_WORDS = {
    Status.SUCCEEDED: "succeeded",
    Status.FAILED: "failed",
    Status.TIMED_OUT: "timed out",
    Status.CANCELLED: "cancelled",
    Status.SKIPPED: "skipped",
}
