"""From what is recorded to what is shown: (RunState, now, Plan | None) → RunView, and the like for lists. Pure.

Everything a surface could get wrong on its own is decided here: order, labels, marks, words, counts, durations, hints.
"""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING

from orun_core.spec.run import Status

from orun_cockpit.cells import clean
from orun_cockpit.jobs import job_view
from orun_cockpit.marks import mark_of, moment, seconds, word
from orun_cockpit.view import Counts, GroupView, Mark, NoteView, RunListView, RunRow, RunView

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from orun_core.spec.plan import Plan
    from orun_core.spec.run import JobState, RunState, RunSummary

    from orun_cockpit.view import JobView

_GROUP_ORDER = (
    Mark.FAILED, Mark.TIMED_OUT, Mark.INTERRUPTED, Mark.RUNNING, Mark.CANCELLED, Mark.QUEUED, Mark.PENDING,
    Mark.ALLOWED, Mark.SKIPPED, Mark.SUCCEEDED, Mark.RESUMED,
)  # fmt: skip


class Projector:
    """Makes the views of one run, one after the other: the view of a job that did not change stays the same object."""

    def __init__(self, plan: Plan | None = None) -> None:
        """The plan, when it is at hand, adds what the steps run."""
        self._commands = _commands(plan) if plan else {}
        self._made: dict[str, tuple[JobState, object, JobView]] = {}

    def view(self, state: RunState, now: datetime) -> RunView:
        """The view of the run at a moment."""
        environments = _distinct(job.environment for job in state.jobs)
        end = now if state.alive else moment(state.last_at)
        jobs = self._jobs(state, end, several=len(environments) > 1)
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
            links=tuple(dict.fromkeys(link for job in jobs for link in job.links)),
            notes=tuple(NoteView(clean(n.kind), clean(n.message), clean(n.job)) for n in state.notes),
            hints=_hints(clean(state.exec_id), mark, _again(state)),
        )

    def _jobs(self, state: RunState, end: datetime | None, *, several: bool) -> list[JobView]:
        ranks = ranks_of({job.id: job.depends_on for job in state.jobs})
        critical = _critical(state.jobs, end)
        about = (state.exec_id, state.started_at, state.interrupted, several)
        return [self._job(job, state, end, (*about, ranks[job.id], job.id in critical)) for job in state.jobs]

    def _job(
        self, job: JobState, state: RunState, end: datetime | None, about: tuple[str, str, bool, bool, int, bool]
    ) -> JobView:
        """The view of a job: what was made before when job and `about` are the same and it does not run."""
        before, told, view = self._made.get(job.id, (None, None, None))
        if view is not None and before is job and told == about and job.status is not Status.RUNNING:
            return view
        *_, several, rank, critical = about
        view = job_view(job, state, end, self._commands, several=several, rank=rank, critical=critical)
        self._made[job.id] = (job, about, view)
        return view


def run_view(state: RunState, now: datetime, plan: Plan | None = None) -> RunView:
    """The view of a run at a moment. The plan, when it is at hand, adds what the steps run."""
    return Projector(plan).view(state, now)


def run_list(summaries: Iterable[RunSummary], now: datetime) -> RunListView:
    """The view of a list of runs: live ones first, then the newest."""
    rows = [_run_row(summary, now) for summary in summaries]
    return RunListView(tuple(sorted(rows, key=lambda row: not row.live)))


def short_checksum(checksum: str) -> str:
    """`sha256-ad6ce…` → `sha256-ad6ce`: enough to tell plans of a workspace apart."""
    return checksum[: len("sha256-") + 5]


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


def _hints(exec_id: str, mark: Mark, again: str) -> tuple[str, ...]:
    """What is worth typing next; last, how the run is tried again."""
    match mark:
        case Mark.FAILED | Mark.TIMED_OUT:
            return (f"orun logs {quote(f'run/{exec_id}')} --failed", again)
        case Mark.CANCELLED | Mark.INTERRUPTED:
            return (again,)
        case _:
            return ()


def _again(state: RunState) -> str:
    """How to try again what went wrong: here, or where a run that was only recorded here ran."""
    elsewhere = [clean(str(note.data["again"])) for note in state.notes if note.data.get("again")]
    return elsewhere[-1] if elsewhere else f"orun run --resume {quote(clean(state.exec_id))}"


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
        failed=counts.get(Status.FAILED, 0) + counts.get(Status.TIMED_OUT, 0) - summary.allowed,
        total=sum(counts.values()),
        duration=seconds(summary.started_at, now if live else summary.finished_at or summary.last_at),
        age=seconds(summary.started_at, now),
        started_at=summary.started_at,
        trigger=clean(summary.trigger),
        backend=clean(summary.backend),
    )
