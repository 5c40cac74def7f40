"""Runs and plans as nodes of a tree: components with jobs with steps, or jobs below what they depend on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orun_cockpit.cells import Span, Tone
from orun_cockpit.tree import amount, job_spans, step_spans
from orun_cockpit.tui.branches import Twig
from orun_cockpit.view import Mark

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orun_cockpit.style import Theme
    from orun_cockpit.view import JobView, PlanJobView, PlanView, RunView

STEP = "\t"
"""Between the job and the step of the key of a step: no id holds it."""
GROUP = "\n"
"""Before the name in the key of a component."""


def run_list(run: RunView, look: Theme) -> Iterator[Twig]:
    """Jobs below their components, steps below their jobs; as the frame of `orun status` has them."""
    for group in run.groups:
        key = GROUP + group.component
        sign = look.glyphs.group if group.touched else look.glyphs.group_untouched
        bullet = Span(f"{sign} ", Tone.BRAND if group.touched else Tone.DIM)
        yield Twig(key, "", (bullet, Span(group.component, bold=group.touched)), open=True)
        for job in group.jobs:
            yield from _job(job, key, look)


def run_graph(run: RunView, look: Theme) -> Iterator[Twig]:
    """Jobs below the first job they depend on; further ones stand behind an arrow."""
    ids = {job.id for job in run.jobs}
    for job in sorted(run.jobs, key=lambda job: job.rank):
        known = [need for need in job.depends_on if need in ids]
        yield from _job(job, known[0] if known else "", look, known[1:], whole=True)


def _job(
    job: JobView, parent: str, look: Theme, more: list[str] | None = None, *, whole: bool = False
) -> Iterator[Twig]:
    sign, label, *rest = job_spans(job, look)
    named = Span(f" {job.component} {look.glyphs.separator} {job.label}") if whole else label
    also = [Span(f" {look.glyphs.arrow} {', '.join(more)}", Tone.DIM)] if more else []
    reason = [Span(f"  {job.reason}", Tone.DIM)] if job.reason and job.mark is not Mark.SUCCEEDED else []
    yield Twig(job.id, parent, (sign, named, *rest, *also, *reason), open=whole)
    if not whole:
        for step in job.steps:
            yield Twig(f"{job.id}{STEP}{step.id}", job.id, step_spans(step, look))


def plan_list(plan: PlanView, look: Theme) -> Iterator[Twig]:
    """Jobs of a plan below their components, steps below their jobs."""
    for component in plan.components:
        key = GROUP + component
        yield Twig(key, "", (Span(f"{look.glyphs.group} ", Tone.BRAND), Span(component, bold=True)), open=True)
        for job in plan.jobs:
            if job.component == component:
                yield from _planned(job, key, look)


def _planned(job: PlanJobView, parent: str, look: Theme) -> Iterator[Twig]:
    steps = Span(f" {amount(len(job.steps), 'step')}", Tone.DIM)
    first, more = job.depends_on[:1], len(job.depends_on) - 1
    needs = [Span(f" {look.glyphs.arrow} {first[0]}{f' +{more}' if more else ''}", Tone.DIM)] if first else []
    yield Twig(job.id, parent, (Span(f"{look.glyphs.pending} ", Tone.DIM), Span(job.label), steps, *needs))
    for step in job.steps:
        what = step.use or step.run.strip().partition("\n")[0]
        phase = [Span(f" [{step.phase}]", Tone.DIM)] if step.phase != "main" else []
        line = (Span(f"{step.number}. ", Tone.DIM), Span(step.id), *phase, Span(f"  {what}", Tone.DIM))
        yield Twig(f"{job.id}{STEP}{step.id}", job.id, line)
