"""Matches the jobs and steps of a run on GitHub with those of a plan, and translates their states."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orun_core.spec.run import (
    Happening,
    JobFinished,
    JobQueued,
    JobSkipped,
    JobStarted,
    Status,
    StepFinished,
    StepStarted,
)

from orun_backend_gha.workflow import site_of
from orun_backend_gha.workflow_step import github_steps

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from orun_core.spec.plan import Job, Step

    from orun_backend_gha.workflow import Settings

CONCLUSIONS = {
    "success": Status.SUCCEEDED,
    "neutral": Status.SUCCEEDED,
    "skipped": Status.SKIPPED,
    "cancelled": Status.CANCELLED,
    "timed_out": Status.TIMED_OUT,
}
"""Conclusion of a job or step → status; every other one is a failure."""
JOB_SEPARATOR = " / "
"""Between the names of calling and called jobs."""


class RemoteJob:
    """One job as seen so far; each look at GitHub gives the events that are new."""

    def __init__(self, job: Job, settings: Settings) -> None:
        self.job = job
        self.ended = False
        self._names = _expected(job, settings)
        self._queued = self._started = False
        self._steps: dict[int, Status] = {}
        self._begun: set[int] = set()
        self._reason = ""

    def look(self, seen: Mapping[str, Any]) -> Iterator[Happening]:
        """The events between the last look and this one."""
        if self.ended:
            return
        status, conclusion = str(seen["status"]), seen.get("conclusion")
        if status == "completed" and conclusion == "skipped":
            self.ended = True
            yield JobSkipped(self.job.id, "a job before it did not succeed")
            return
        if not self._queued:
            self._queued = True
            yield JobQueued(self.job.id)
        if status not in ("in_progress", "completed"):
            return
        if not self._started:
            self._started = True
            yield JobStarted(self.job.id, 1)
        yield from self._look_at_steps(seen.get("steps") or [])
        if status == "completed":
            yield from self._finish(str(conclusion), str(seen.get("html_url") or ""))

    def numbers(self, steps: Iterable[Mapping[str, Any]]) -> list[tuple[str, int]]:
        """The plan's steps among those of GitHub, with GitHub's numbers."""
        return [(self.job.steps[index - 1].id, int(seen["number"])) for index, _, seen in matched(self._names, steps)]

    def _look_at_steps(self, steps: Iterable[Mapping[str, Any]]) -> Iterator[Happening]:
        for index, attempt, seen in matched(self._names, steps):
            step = self.job.steps[index - 1]
            number = index * 1000 + attempt
            if seen["status"] == "queued" or number in self._steps:
                continue
            conclusion = seen.get("conclusion")
            if number not in self._begun and conclusion != "skipped":
                self._begun.add(number)
                yield StepStarted(self.job.id, step.id, index, attempt)
            if seen["status"] == "completed" and not (conclusion == "skipped" and attempt > 1):
                yield self._step_finished(step, index, attempt, number, _status(conclusion))

    def _step_finished(self, step: Step, index: int, attempt: int, number: int, status: Status) -> StepFinished:
        self._steps[number] = status
        reason = "" if status is Status.SUCCEEDED else f"GitHub says {status.value}"
        if status is Status.SKIPPED:
            reason = self._reason
        elif status.bad and not self._reason:
            self._reason = f"step {step.id}: {reason}"
        return StepFinished(self.job.id, step.id, index, attempt, status, None, reason)

    def _finish(self, conclusion: str, url: str) -> Iterator[Happening]:
        """The end of the job, after that of every step; a job of `orun` style has other steps than the plan, and tells of none."""
        self.ended = True
        status = _status(conclusion)
        unknown = status is Status.SUCCEEDED and not self._begun
        for index, step in enumerate(() if unknown else self.job.steps, start=1):
            first = index * 1000 + 1
            if first in self._begun and first not in self._steps:
                yield StepFinished(self.job.id, step.id, index, 1, Status.CANCELLED, None, "cancelled")
            elif first not in self._steps:
                yield StepFinished(self.job.id, step.id, index, 0, Status.SKIPPED, None, self._reason)
        reason = "" if status is Status.SUCCEEDED else self._reason or f"GitHub says {conclusion}"
        yield JobFinished(self.job.id, 1, status, reason, links={"GitHub": url} if url else {})


def matched(
    names: list[tuple[str, int, int]], steps: Iterable[Mapping[str, Any]]
) -> Iterator[tuple[int, int, Mapping[str, Any]]]:
    """Index, attempt and state of the steps of a job that are the plan's; both lists are in the order of the run."""
    place = 0
    for seen in steps:
        following = next((at for at in range(place, len(names)) if names[at][0] == seen["name"]), None)
        if following is not None:
            place = following + 1
            yield names[following][1], names[following][2], seen


def own_name(name: str) -> str:
    """Name of a job without the names of the workflows that called it."""
    return name.rpartition(JOB_SEPARATOR)[2]


def _expected(job: Job, settings: Settings) -> list[tuple[str, int, int]]:
    """Name, index in the plan and attempt of the steps that the workflow has for a job."""
    found: list[tuple[str, int, int]] = []
    site = site_of(job, settings)
    for index, step in enumerate(job.steps, start=1):
        entries = github_steps(step, "key", site)
        found += [(step.name or step.id, index, attempt) for attempt, _ in enumerate(entries, start=1)]
    return found


def _status(conclusion: object) -> Status:
    return CONCLUSIONS.get(str(conclusion), Status.FAILED)
