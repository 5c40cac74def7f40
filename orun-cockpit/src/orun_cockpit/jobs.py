"""From the state of a job to its view: what its row says, its steps and their attempts. Pure."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING

from orun_cockpit.cells import clean
from orun_cockpit.marks import BAD, mark_of, seconds, word
from orun_cockpit.view import AttemptView, JobView, Mark, StepView

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from orun_core.spec.run import JobState, RunState, StepAttempt, StepState


def job_view(
    job: JobState,
    state: RunState,
    end: datetime | None,
    commands: Mapping[tuple[str, str], str],
    *,
    several: bool,
    rank: int,
    critical: bool,
) -> JobView:
    """The view of a job of a run at a moment; `commands` is what its steps run, by job and step, as far as that is known.

    `several`: the run has several environments. Only the view of a job that runs depends on `end`, the moment.
    """
    mark = mark_of(job.status, interrupted=state.interrupted, allowed=job.allowed_failure, resumed=job.resumed)
    steps = tuple(_step_view(step, state, end, commands.get((job.id, step.id), "")) for step in job.steps)
    name = clean(job.name)
    return JobView(
        id=clean(job.id),
        component=clean(job.component),
        environment=clean(job.environment),
        name=name,
        title=clean(job.display_name),
        label=f"{clean(job.environment)}/{name}" if several and job.environment else name,
        status=job.status,
        mark=mark,
        state=word(mark),
        duration=None if mark in (Mark.RESUMED, Mark.INTERRUPTED) else seconds(job.started_at, job.finished_at or end),
        offset=seconds(state.started_at, job.started_at),
        started_at=job.started_at,
        finished_at=job.finished_at,
        attempt=job.attempt,
        reason=clean(job.reason),
        step=next((step.id for step in steps if step.mark in (Mark.RUNNING, *BAD)), ""),
        steps=steps,
        depends_on=tuple(clean(name) for name in job.depends_on),
        rank=rank,
        critical=critical,
        links=tuple((clean(label), clean(url)) for label, url in sorted(job.links.items()) if url),
        summary=job.summary,
        allowed=sum(step.mark is Mark.ALLOWED for step in steps),
        hint=clean(f"orun logs {quote(f'job/{job.id}')} --exec-id {quote(state.exec_id)}") if mark in BAD else "",
    )


def _step_view(step: StepState, state: RunState, end: datetime | None, command: str) -> StepView:
    mark = mark_of(step.status, interrupted=state.interrupted, allowed=step.allowed_failure)
    return StepView(
        id=clean(step.id),
        number=step.index,
        phase=clean(step.phase),
        status=step.status,
        mark=mark,
        state=word(mark),
        duration=None if mark is Mark.INTERRUPTED else seconds(step.started_at, step.finished_at or end),
        attempts=step.attempts,
        exit_code=step.exit_code,
        reason=clean(step.reason),
        started_at=step.started_at,
        finished_at=step.finished_at,
        logs=step.logs,
        earlier=tuple(_attempt_view(attempt) for attempt in step.earlier),
        command=command,
    )


def _attempt_view(attempt: StepAttempt) -> AttemptView:
    mark = mark_of(attempt.status, allowed=attempt.allowed_failure)
    return AttemptView(
        log=attempt.log,
        mark=mark,
        state=word(mark),
        duration=seconds(attempt.started_at, attempt.finished_at),
        exit_code=attempt.exit_code,
        reason=clean(attempt.reason),
        started_at=attempt.started_at,
        finished_at=attempt.finished_at,
    )
