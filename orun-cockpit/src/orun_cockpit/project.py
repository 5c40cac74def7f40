"""From what is recorded to what is shown: (RunState, now, Plan | None) → RunView, and the like for lists. Pure.

Everything a surface could get wrong on its own is decided here: order, labels, marks, words, counts, durations, hints.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, assert_never

from orun_core.spec.run import Status

from orun_cockpit.cells import clean
from orun_cockpit.view import (
    AttemptView,
    Counts,
    GroupView,
    JobView,
    Mark,
    NoteView,
    RunListView,
    RunRow,
    RunView,
    StepView,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from orun_core.spec.plan import Plan
    from orun_core.spec.run import JobState, RunState, RunSummary, StepAttempt, StepState

BAD = (Mark.FAILED, Mark.TIMED_OUT, Mark.CANCELLED, Mark.INTERRUPTED)
"""Marks of what went wrong."""
_GROUP_ORDER = (
    Mark.FAILED, Mark.TIMED_OUT, Mark.INTERRUPTED, Mark.RUNNING, Mark.CANCELLED, Mark.QUEUED, Mark.PENDING,
    Mark.ALLOWED, Mark.SKIPPED, Mark.SUCCEEDED, Mark.RESUMED,
)  # fmt: skip


def run_view(state: RunState, now: datetime, plan: Plan | None = None) -> RunView:
    """The view of a run at a moment. The plan, when it is at hand, adds what the steps run."""
    environments = _distinct(job.environment for job in state.jobs)
    end = now if state.alive else _last_moment(state)
    commands = _commands(plan) if plan else {}
    ranks = ranks_of({job.id: job.depends_on for job in state.jobs})
    critical = _critical(state.jobs, end)
    jobs = [
        _job_view(
            job, state, end, commands, several=len(environments) > 1, rank=ranks[job.id], critical=job.id in critical
        )
        for job in state.jobs
    ]
    mark = mark_of(state.status, interrupted=state.interrupted)
    return RunView(
        exec_id=clean(state.exec_id),
        plan=clean(state.plan_name),
        checksum=state.plan_checksum,
        checksum_short=short_checksum(state.plan_checksum),
        status=state.status,
        mark=mark,
        state=word(mark),
        reason=clean(state.reason),
        live=state.alive and not state.status.ended,
        duration=seconds(state.started_at, state.finished_at or end),
        age=seconds(state.started_at, now),
        started_at=state.started_at,
        finished_at=state.finished_at,
        backend=clean(state.backend),
        trigger=clean(state.trigger),
        user=clean(state.user),
        concurrency=state.concurrency,
        fail_fast=state.fail_fast,
        resumed=any(job.resumed for job in state.jobs),
        components=_distinct(clean(job.component) for job in state.jobs),
        environments=tuple(clean(name) for name in environments),
        counts=_counts([job.mark for job in jobs]),
        groups=_groups(jobs),
        links=tuple(link for job in jobs for link in job.links),
        notes=tuple(NoteView(clean(n.kind), clean(n.message), clean(n.job)) for n in state.notes),
        hints=_hints(state.exec_id, mark),
    )


def run_list(summaries: Iterable[RunSummary], now: datetime) -> RunListView:
    """The view of a list of runs: live ones first, then the newest."""
    rows = [_run_row(summary, now) for summary in summaries]
    return RunListView(tuple(sorted(rows, key=lambda row: not row.live)))


def mark_of(status: Status, *, interrupted: bool = False, allowed: bool = False, resumed: bool = False) -> Mark:
    """How a status is shown, when its owner died, when the plan allows its failure, when an earlier attempt did it."""
    match status:
        case Status.PENDING:
            return Mark.PENDING
        case Status.QUEUED:
            return Mark.QUEUED
        case Status.RUNNING:
            return Mark.INTERRUPTED if interrupted else Mark.RUNNING
        case Status.SUCCEEDED:
            return Mark.RESUMED if resumed else Mark.SUCCEEDED
        case Status.FAILED:
            return Mark.ALLOWED if allowed else Mark.FAILED
        case Status.CANCELLED:
            return Mark.CANCELLED
        case Status.SKIPPED:
            return Mark.RESUMED if resumed else Mark.SKIPPED
        case Status.TIMED_OUT:
            return Mark.ALLOWED if allowed else Mark.TIMED_OUT
        case _:
            assert_never(status)


def word(mark: Mark) -> str:
    """The word of a mark."""
    match mark:
        case Mark.TIMED_OUT:
            return "timed out"
        case Mark.ALLOWED:
            return "failed, allowed"
        case _:
            return mark.value


def short_checksum(checksum: str) -> str:
    """`sha256-ad6ce…` → `sha256-ad6ce`: enough to tell plans of a workspace apart."""
    return checksum[: len("sha256-") + 5]


def moment(text: str) -> datetime | None:
    """A recorded time; None for none."""
    return datetime.fromisoformat(text).astimezone(UTC) if text else None


def seconds(start: str, end: str | datetime | None) -> float | None:
    """Seconds between two recorded times; None when one is missing."""
    began = moment(start)
    ended = moment(end) if isinstance(end, str) else end
    return max((ended - began).total_seconds(), 0.0) if began and ended else None


def _last_moment(state: RunState) -> datetime | None:
    """When a run that is over, or lost its owner, was last heard of."""
    times = [state.finished_at, state.started_at]
    times += [time for job in state.jobs for time in (job.started_at, job.finished_at)]
    times += [time for job in state.jobs for step in job.steps for time in (step.started_at, step.finished_at)]
    return moment(max(times))


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name))


def _commands(plan: Plan) -> Mapping[tuple[str, str], str]:
    """First line of what each step of a plan runs."""
    return {
        (job.id, step.id): clean((step.use or step.run.strip()).partition("\n")[0])
        for job in plan.jobs
        for step in job.steps
    }


def ranks_of(dependencies: Mapping[str, tuple[str, ...]]) -> Mapping[str, int]:
    """Length of the longest chain below each job; jobs come after what they depend on."""
    ranks: dict[str, int] = {}
    for job, depends_on in dependencies.items():
        ranks[job] = max((ranks[other] + 1 for other in depends_on if other in ranks), default=0)
    return ranks


def _critical(jobs: tuple[JobState, ...], end: datetime | None) -> frozenset[str]:
    """The chain of dependencies that took longest; empty when nothing ran."""
    total: dict[str, float] = {}
    previous: dict[str, str] = {}
    for job in jobs:
        before = max((other for other in job.depends_on if other in total), key=lambda other: total[other], default="")
        previous[job.id] = before
        total[job.id] = total.get(before, 0.0) + (seconds(job.started_at, job.finished_at or end) or 0.0)
    chain = set()
    here = max(total, key=lambda job: total[job], default="")
    while here and total[here] > 0:
        chain.add(here)
        here = previous[here]
    return frozenset(chain)


def _job_view(
    job: JobState,
    state: RunState,
    end: datetime | None,
    commands: Mapping[tuple[str, str], str],
    *,
    several: bool,
    rank: int,
    critical: bool,
) -> JobView:
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
        depends_on=job.depends_on,
        rank=rank,
        critical=critical,
        links=tuple((clean(label), clean(url)) for label, url in sorted(job.links.items()) if url),
        summary=job.summary,
        hint=f"orun logs job/{job.id} --exec-id {state.exec_id}" if mark in BAD else "",
    )


def _step_view(step: StepState, state: RunState, end: datetime | None, command: str) -> StepView:
    mark = mark_of(step.status, interrupted=state.interrupted, allowed=step.allowed_failure)
    return StepView(
        id=clean(step.id),
        number=step.index,
        phase=step.phase,
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


def _groups(jobs: list[JobView]) -> tuple[GroupView, ...]:
    """Jobs by component, in the order in which the plan first names it."""
    members: dict[str, list[JobView]] = {}
    for job in jobs:
        members.setdefault(job.component or job.name, []).append(job)
    return tuple(
        GroupView(
            component=component,
            mark=min((job.mark for job in group), key=_GROUP_ORDER.index),
            touched=any(job.mark not in (Mark.PENDING, Mark.QUEUED, Mark.SKIPPED) for job in group),
            jobs=tuple(group),
        )
        for component, group in members.items()
    )


def _counts(marks: list[Mark]) -> Counts:
    def count(*wanted: Mark) -> int:
        return sum(mark in wanted for mark in marks)

    total = len(marks)
    waiting = count(Mark.PENDING, Mark.QUEUED)
    ended = total - waiting - count(Mark.RUNNING, Mark.INTERRUPTED)
    return Counts(
        total=total,
        succeeded=count(Mark.SUCCEEDED, Mark.RESUMED),
        running=count(Mark.RUNNING),
        queued=waiting,
        failed=count(Mark.FAILED, Mark.TIMED_OUT),
        skipped=count(Mark.SKIPPED),
        cancelled=count(Mark.CANCELLED),
        interrupted=count(Mark.INTERRUPTED),
        allowed=count(Mark.ALLOWED),
        ended=ended,
        percent=_percent(ended, total),
    )


def _percent(ended: int, total: int) -> int:
    """Rounded, but 100 only for all."""
    if ended == total:
        return 100 if total else 0
    return min((ended * 200 + total) // (2 * total), 99)


def _hints(exec_id: str, mark: Mark) -> tuple[str, ...]:
    """What is worth typing next."""
    match mark:
        case Mark.FAILED | Mark.TIMED_OUT:
            return (f"orun logs run/{exec_id} --failed", f"orun run --resume {exec_id}")
        case Mark.CANCELLED | Mark.INTERRUPTED:
            return (f"orun run --resume {exec_id}",)
        case _:
            return ()


def _run_row(summary: RunSummary, now: datetime) -> RunRow:
    live = summary.alive and not summary.status.ended
    mark = mark_of(summary.status, interrupted=not summary.status.ended and not live)
    counts = {Status(name): number for name, number in summary.counts.items()}
    return RunRow(
        exec_id=clean(summary.exec_id),
        plan=clean(summary.plan_name),
        checksum=summary.plan_checksum,
        status=summary.status,
        mark=mark,
        state=word(mark),
        live=live,
        ended=sum(number for status, number in counts.items() if status.ended),
        failed=sum(number for status, number in counts.items() if status in (Status.FAILED, Status.TIMED_OUT)),
        total=sum(counts.values()),
        duration=seconds(summary.started_at, now if live else summary.finished_at),
        age=seconds(summary.started_at, now),
        started_at=summary.started_at,
        trigger=clean(summary.trigger),
        backend=clean(summary.backend),
    )
