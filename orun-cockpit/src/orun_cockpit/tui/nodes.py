"""Runs and plans as nodes of a tree: components with jobs with steps, or jobs below what they depend on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orun_core.spec.amount import amount

from orun_cockpit.cells import Span, Tone
from orun_cockpit.tree import group_spans, job_spans, reason_of, step_spans
from orun_cockpit.tui.keyed_tree import Node

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orun_cockpit.style import Theme
    from orun_cockpit.view import JobView, PlanJobView, PlanView, RunView

STEP = "\t"
"""Between the job and the step of the key of a step: no id holds it."""
GROUP = "\n"
"""Before the name in the key of a component."""


class RunNodes:
    """The nodes of a run, as a list or as a graph. Those of a job whose view is the same object stay the same objects."""

    def __init__(self, look: Theme, *, graph: bool) -> None:
        self._look = look
        self._graph = graph
        self._made: dict[str, tuple[JobView, tuple[str, ...], tuple[Node, ...]]] = {}

    def of(self, run: RunView) -> tuple[Node, ...]:
        """The nodes of the run as it is now."""
        return tuple(self._in_graph(run) if self._graph else self._in_list(run))

    def _in_list(self, run: RunView) -> Iterator[Node]:
        """Jobs below their components, steps below their jobs; as the frame of `orun status` has them."""
        for group in run.groups:
            key = GROUP + group.component
            yield Node(key, "", group_spans(group, self._look), open=True)
            for job in group.jobs:
                yield from self._of_job(job, (key,))

    def _in_graph(self, run: RunView) -> Iterator[Node]:
        """Jobs below the first job they depend on; further ones stand behind an arrow."""
        ids = {job.id for job in run.jobs}
        for job in sorted(run.jobs, key=lambda job: job.rank):
            yield from self._of_job(job, tuple(need for need in job.depends_on if need in ids))

    def _of_job(self, job: JobView, parents: tuple[str, ...]) -> tuple[Node, ...]:
        before, below, nodes = self._made.get(job.id, (None, (), ()))
        if before is not job or below != parents:
            parent, more = parents[0] if parents else "", parents[1:]
            nodes = (_graphed if self._graph else _listed)(job, parent, more, self._look)
            self._made[job.id] = (job, parents, nodes)
        return nodes


def _listed(job: JobView, parent: str, _: tuple[str, ...], look: Theme) -> tuple[Node, ...]:
    """A job and its steps."""
    steps = (Node(f"{job.id}{STEP}{step.id}", job.id, step_spans(step, look)) for step in job.steps)
    return (Node(job.id, parent, (*job_spans(job, look), *_reason(job))), *steps)


def _graphed(job: JobView, parent: str, more: tuple[str, ...], look: Theme) -> tuple[Node, ...]:
    """A job with its component, and what it needs besides its parent."""
    sign, _, *rest = job_spans(job, look)
    named = Span(f" {look.inline(job.component, job.label)}")
    also = [Span(f" {look.glyphs.arrow} {', '.join(more)}", Tone.DIM)] if more else []
    return (Node(job.id, parent, (sign, named, *rest, *also, *_reason(job)), open=True),)


def _reason(job: JobView) -> tuple[Span, ...]:
    reason = reason_of(job)
    return (Span("  "), reason) if reason else ()


def plan_list(plan: PlanView, look: Theme) -> Iterator[Node]:
    """Jobs of a plan below their components, steps below their jobs."""
    members: dict[str, list[PlanJobView]] = {component: [] for component in plan.components}
    for job in plan.jobs:
        members[job.component].append(job)
    for component, jobs in members.items():
        key = GROUP + component
        yield Node(key, "", (Span(f"{look.glyphs.group} ", Tone.BRAND), Span(component, bold=True)), open=True)
        for job in jobs:
            yield from _planned(job, key, look)


def _planned(job: PlanJobView, parent: str, look: Theme) -> Iterator[Node]:
    steps = Span(f" {amount(len(job.steps), 'step')}", Tone.DIM)
    first, more = job.depends_on[:1], len(job.depends_on) - 1
    needs = [Span(f" {look.glyphs.arrow} {first[0]}{f' +{more}' if more else ''}", Tone.DIM)] if first else []
    yield Node(job.id, parent, (Span(f"{look.glyphs.pending} ", Tone.DIM), Span(job.label), steps, *needs))
    for step in job.steps:
        what = step.use or step.run.strip().partition("\n")[0]
        phase = [Span(f" [{step.phase}]", Tone.DIM)] if step.phase != "main" else []
        line = (Span(f"{step.number}. ", Tone.DIM), Span(step.id), *phase, Span(f"  {what}", Tone.DIM))
        yield Node(f"{job.id}{STEP}{step.id}", job.id, line)
