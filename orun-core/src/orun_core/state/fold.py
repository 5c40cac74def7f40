"""From events to the state of a run: the only place that says what an event means."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, ClassVar

from orun_core.spec.run import (
    JobFinished,
    JobQueued,
    JobSkipped,
    JobStarted,
    JobState,
    Noted,
    RunFinished,
    RunStarted,
    RunState,
    RunSummary,
    Status,
    StepAttempt,
    StepFinished,
    StepStarted,
    StepState,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from orun_core.spec.run import Event, PlannedJob

NOT_STARTED = "the run ended before this job could start"
CUT_OFF = "the run ended before this job did"
STEP_NOT_STARTED = "the job ended before this step"

JOB_EVENTS = (JobQueued, JobStarted, JobSkipped, JobFinished, StepStarted, StepFinished)


@dataclass(slots=True)
class _Step:
    """A step while events come in; same fields as `StepState`."""

    id: str
    index: int
    phase: str
    status: Status = Status.PENDING
    attempts: int = 0
    exit_code: int | None = None
    reason: str = ""
    allowed_failure: bool = False
    started_at: str = ""
    finished_at: str = ""
    logs: tuple[str, ...] = ()
    earlier: tuple[StepAttempt, ...] = ()
    log: str = ""

    def again(self) -> None:
        """Leave the attempt that began last, if any, behind."""
        if self.started_at:
            ended = (self.status, self.reason) if self.status.ended else (Status.CANCELLED, CUT_OFF)
            result = (*ended, self.exit_code, self.allowed_failure)
            past = StepAttempt(self.log, *result, self.started_at, self.finished_at)
            self.earlier = (*self.earlier, past)
        self.status, self.exit_code, self.reason = Status.PENDING, None, ""
        self.allowed_failure, self.started_at, self.finished_at = False, "", ""


@dataclass(slots=True)
class _Job:
    """A job while events come in; `frozen` is its `JobState` until the next event of it."""

    planned: PlannedJob
    steps: list[_Step]
    status: Status = Status.PENDING
    attempt: int = 0
    reason: str = ""
    allowed_failure: bool = False
    resumed: bool = False
    started_at: str = ""
    finished_at: str = ""
    outputs: Mapping[str, str] = field(default_factory=dict)
    summary: str = ""
    links: Mapping[str, str] = field(default_factory=dict)
    frozen: JobState | None = None

    def step(self, step_id: str, index: int) -> _Step:
        """The step at `index`, or the first with this id; one that a backend added on its own is appended."""
        if 0 < index <= len(self.steps) and self.steps[index - 1].id == step_id:
            return self.steps[index - 1]
        for step in self.steps:
            if step.id == step_id:
                return step
        self.steps.append(_Step(step_id, index, "main"))
        return self.steps[-1]

    def again(self, status: Status) -> None:
        """Leave the result of an earlier attempt behind."""
        self.status, self.reason, self.allowed_failure, self.resumed = status, "", False, False
        self.started_at = self.finished_at = self.summary = ""
        self.outputs, self.links = {}, {}
        for step in self.steps:
            step.again()

    def end(self, status: Status, reason: str, at: str) -> None:
        """Set the result; steps that did not end get theirs from it."""
        self.status, self.reason, self.finished_at = status, reason, at
        for step in self.steps:
            if step.status is Status.PENDING:
                step.status, step.reason = Status.SKIPPED, reason or STEP_NOT_STARTED
            elif not step.status.ended:
                step.status, step.reason, step.finished_at = Status.CANCELLED, reason, at

    def freeze(self) -> JobState:
        """The job as a value."""
        if self.frozen is None:
            planned = self.planned
            self.frozen = JobState(
                id=planned.id,
                component=planned.component,
                environment=planned.environment,
                name=planned.name,
                display_name=planned.display_name,
                digest=planned.digest,
                depends_on=planned.depends_on,
                status=self.status,
                attempt=self.attempt,
                reason=self.reason,
                allowed_failure=self.allowed_failure,
                resumed=self.resumed,
                started_at=self.started_at,
                finished_at=self.finished_at,
                steps=tuple(StepState(**{name: getattr(step, name) for name in _STEP_FIELDS}) for step in self.steps),
                outputs=self.outputs,
                summary=self.summary,
                links=self.links,
            )
        return self.frozen


_STEP_FIELDS = tuple(f.name for f in fields(StepState))


class Folder:
    """Takes events in order and gives the state at any time; both cost only what changed."""

    def __init__(self) -> None:
        self._started: RunStarted | None = None
        self._jobs: dict[str, _Job] = {}
        self._status = Status.PENDING
        self._reason = self._started_at = self._finished_at = ""
        self._notes: list[Noted] = []
        self._last_seq = 0
        self._frozen: RunState | None = None

    @property
    def started(self) -> bool:
        """True once there was an event that says what is run."""
        return self._started is not None

    def feed(self, event: Event) -> None:
        """Take the next event; one about a job that was not planned changes nothing."""
        self._last_seq = event.seq
        self._frozen = None
        what: Any = event.what
        if isinstance(what, JOB_EVENTS) and what.job not in self._jobs:
            return
        self._handlers[type(what)](self, what, event.at)

    def freeze(self) -> RunState:
        """The state after the last event; raises `ValueError` before the first `RunStarted`."""
        if self._started is None:
            raise ValueError("a journal begins with run.started")
        if self._frozen is None:
            started = self._started
            self._frozen = RunState(
                exec_id=started.exec_id,
                plan_checksum=started.plan_checksum,
                plan_name=started.plan_name,
                backend=started.backend,
                trigger=started.trigger,
                user=started.user,
                concurrency=started.concurrency,
                fail_fast=started.fail_fast,
                status=self._status,
                started_at=self._started_at,
                finished_at=self._finished_at,
                jobs=tuple(job.freeze() for job in self._jobs.values()),
                reason=self._reason,
                notes=tuple(self._notes),
                last_seq=self._last_seq,
                schema_version=started.schema_version,
            )
        return self._frozen

    def _run_started(self, what: RunStarted, at: str) -> None:
        earlier = self._jobs
        self._jobs = {planned.id: _planned(planned, earlier.get(planned.id)) for planned in what.jobs}
        for job_id, job in earlier.items():
            if job_id not in self._jobs and job.status.ended and job.status is not Status.SKIPPED:
                self._jobs[job_id] = job
        self._started = what
        self._status, self._reason, self._finished_at = Status.RUNNING, "", ""
        self._started_at = self._started_at or at

    def _job_queued(self, what: JobQueued, at: str) -> None:  # noqa: ARG002 - handlers share a signature
        self._job(what.job).again(Status.QUEUED)

    def _job_started(self, what: JobStarted, at: str) -> None:
        job = self._job(what.job)
        job.again(Status.RUNNING)
        job.attempt, job.started_at = what.attempt, at

    def _job_skipped(self, what: JobSkipped, at: str) -> None:
        job = self._job(what.job)
        if what.resumed and job.status is Status.SUCCEEDED:
            job.resumed = True
            return
        job.again(Status.PENDING)
        job.end(Status.SKIPPED, what.reason, at)
        job.resumed = what.resumed

    def _job_finished(self, what: JobFinished, at: str) -> None:
        job = self._job(what.job)
        job.end(what.status, what.reason, at)
        job.attempt, job.allowed_failure = what.attempt, what.allowed_failure
        job.outputs, job.summary, job.links = what.outputs, what.summary, what.links

    def _step_started(self, what: StepStarted, at: str) -> None:
        step = self._job(what.job).step(what.step, what.index)
        step.again()
        step.status, step.attempts, step.started_at, step.log = Status.RUNNING, what.attempt, at, what.log
        if what.log in step.logs:
            step.earlier = tuple(past for past in step.earlier if past.log != what.log)
        elif what.log:
            step.logs = (*step.logs, what.log)

    def _step_finished(self, what: StepFinished, at: str) -> None:
        step = self._job(what.job).step(what.step, what.index)
        step.status, step.reason, step.exit_code = what.status, what.reason, what.exit_code
        step.allowed_failure, step.attempts, step.finished_at = what.allowed_failure, what.attempt, at

    def _noted(self, what: Noted, at: str) -> None:  # noqa: ARG002
        self._notes.append(what)

    def _run_finished(self, what: RunFinished, at: str) -> None:
        self._status, self._reason, self._finished_at = what.status, what.reason, at
        for job in self._jobs.values():
            if job.status.ended:
                continue
            job.frozen = None
            if job.status is Status.RUNNING:
                job.end(Status.CANCELLED, CUT_OFF, at)
            else:
                job.end(Status.SKIPPED, NOT_STARTED, at)

    def _job(self, job_id: str) -> _Job:
        job = self._jobs[job_id]
        job.frozen = None
        return job

    _handlers: ClassVar[dict[type, Callable[[Folder, Any, str], None]]] = {
        RunStarted: _run_started,
        JobQueued: _job_queued,
        JobStarted: _job_started,
        JobSkipped: _job_skipped,
        JobFinished: _job_finished,
        StepStarted: _step_started,
        StepFinished: _step_finished,
        Noted: _noted,
        RunFinished: _run_finished,
    }


def _planned(planned: PlannedJob, earlier: _Job | None) -> _Job:
    """A job at the start of a run; a resumed run keeps how an unchanged one ended, and always its attempts and logs."""
    steps = [_Step(step.id, index, step.phase) for index, step in enumerate(planned.steps, 1)]
    if earlier is None:
        return _Job(planned, steps)
    if earlier.planned.digest == planned.digest and earlier.status.ended and earlier.status is not Status.SKIPPED:
        earlier.planned, earlier.frozen = planned, None
        return earlier
    for step in steps:
        before = next((old for old in earlier.steps if old.id == step.id), None)
        if before:
            before.again()
            step.attempts, step.logs, step.earlier = before.attempts, before.logs, before.earlier
    return _Job(planned, steps, attempt=earlier.attempt)


def fold(events: Iterable[Event]) -> RunState:
    """The state after all events; raises `ValueError` when there is no `RunStarted` among them."""
    folder = Folder()
    for event in events:
        folder.feed(event)
    return folder.freeze()


def summarize(state: RunState) -> RunSummary:
    """One line of a list of runs."""
    return RunSummary(
        exec_id=state.exec_id,
        plan_checksum=state.plan_checksum,
        plan_name=state.plan_name,
        status=state.status,
        started_at=state.started_at,
        finished_at=state.finished_at,
        counts={status.value: count for status, count in sorted(Counter(job.status for job in state.jobs).items())},
        alive=state.alive,
        trigger=state.trigger,
        backend=state.backend,
        allowed=sum(job.allowed_failure and job.status in (Status.FAILED, Status.TIMED_OUT) for job in state.jobs),
        last_at=state.last_at,
    )
