"""Components with their jobs as a tree of lines, folded to the room there is. Pure."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, assert_never

from orun_core.spec.amount import amount

from orun_cockpit.cells import Span, Tone, clip, clip_middle, line_width, width
from orun_cockpit.style import tone
from orun_cockpit.view import Mark

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orun_cockpit.cells import Line
    from orun_cockpit.style import Theme
    from orun_cockpit.view import GroupView, JobView, StepView

DONE, WAITING, WRONG, ACTIVE = range(4)
"""How much a reader wants to see of something while a run goes on."""
LEAST_LABEL = 14
"""Cells that a cut label keeps."""


def tree(
    groups: tuple[GroupView, ...],
    columns: int,
    theme: Theme,
    *,
    detailed: bool,
    room: int | None,
    tails: Mapping[str, tuple[str, ...]],
) -> list[Line]:
    """Components with their jobs.

    With `room`, calm groups fold to a line each, then hot ones show only the jobs that run or went wrong, then what still
    has no room is counted.
    """
    whole = [_group(g, g.jobs, columns, theme, tails, last=g is groups[-1], detailed=detailed) for g in groups]
    if room is None or _height(whole) <= room:
        return list(chain.from_iterable(whole))
    for index in sorted(range(len(groups)), key=lambda i: (_heat(groups[i].mark), -len(whole[i]))):
        if _heat(groups[index].mark) <= WAITING and _height(whole) > room:
            whole[index] = [_folded(groups[index], theme)]
    if _height(whole) > room:
        for index, group in enumerate(groups):
            hot = tuple(job for job in group.jobs if _heat(job.mark) > WAITING)
            if hot:
                whole[index] = _group(group, hot, columns, theme, tails, last=group is groups[-1], detailed=False)
    return list(chain.from_iterable(whole)) if _height(whole) <= room else _cut(groups, whole, max(room, 1), theme)


def _heat(mark: Mark) -> int:
    """The interest of a mark."""
    match mark:
        case Mark.SUCCEEDED | Mark.RESUMED | Mark.SKIPPED | Mark.ALLOWED:
            return DONE
        case Mark.PENDING | Mark.QUEUED:
            return WAITING
        case Mark.FAILED | Mark.TIMED_OUT | Mark.CANCELLED | Mark.INTERRUPTED:
            return WRONG
        case Mark.RUNNING:
            return ACTIVE
        case _:
            assert_never(mark)


def _height(whole: list[list[Line]]) -> int:
    return sum(len(lines) for lines in whole)


def _folded(group: GroupView, theme: Theme) -> Line:
    """A group on one line."""
    bullet, name = group_spans(group, theme)
    return (indent(theme), bullet, Span(f"{name.text} "), theme.pill(group.mark, amount(len(group.jobs), "job")))


def _cut(groups: tuple[GroupView, ...], whole: list[list[Line]], room: int, theme: Theme) -> list[Line]:
    """Whole groups, the hottest first, in their order, as many as fit; the last line counts the rest."""
    kept: set[int] = set()
    used = 1
    for index in sorted(range(len(groups)), key=lambda i: -max(_heat(job.mark) for job in groups[i].jobs)):
        if used + len(whole[index]) <= room:
            kept.add(index)
            used += len(whole[index])
    hidden = sum(len(groups[i].jobs) for i in range(len(groups)) if i not in kept)
    lines = [line for i in sorted(kept) for line in whole[i]]
    return [*lines, (indent(theme), Span(f"{theme.glyphs.ellipsis} {amount(hidden, 'more job')}", Tone.DIM))]


def _group(
    group: GroupView,
    jobs: tuple[JobView, ...],
    columns: int,
    theme: Theme,
    tails: Mapping[str, tuple[str, ...]],
    *,
    last: bool,
    detailed: bool,
) -> list[Line]:
    """A component and some of its jobs; how many are left out stands behind its name."""
    glyphs = theme.glyphs
    left_out = len(group.jobs) - len(jobs)
    more = [Span(f" {glyphs.ellipsis} {amount(left_out, 'more job')}", Tone.DIM)] if left_out else []
    lines: list[Line] = [(indent(theme), *group_spans(group, theme), *more)]
    trunk = " " * width(glyphs.trunk) if last else glyphs.trunk
    for job in jobs:
        final = job is jobs[-1]
        lead = f"{indent(theme).text}{trunk}  "
        branch = glyphs.last_branch if final else glyphs.branch
        below = lead + (" " * width(glyphs.trunk) if final else glyphs.trunk) + "  "
        lines += job_lines(job, lead + branch + " ", below, columns, theme)
        if detailed and job.mark is not Mark.SKIPPED:
            for step in job.steps:
                twig = glyphs.last_branch if step is job.steps[-1] else glyphs.branch
                lines.append((Span(f"{below}{twig} ", Tone.BORDER), *step_spans(step, theme)))
        lines += [(Span(f"{below}  ", Tone.BORDER), Span(text, Tone.DIM)) for text in tails.get(job.id, ())]
    return lines


def group_spans(group: GroupView, theme: Theme) -> tuple[Span, Span]:
    """Bullet and name of a component."""
    sign = theme.glyphs.group if group.touched else theme.glyphs.group_untouched
    return Span(f"{sign} ", Tone.BRAND if group.touched else Tone.DIM), Span(group.component, bold=group.touched)


def job_lines(job: JobView, lead: str, below: str, columns: int, theme: Theme) -> list[Line]:
    """The row of a job; its reason stands behind it, or below it when there is no room."""
    row = (Span(lead, Tone.BORDER), *_fitting(job_spans(job, theme), columns - width(lead), theme))
    reason = reason_of(job)
    if reason is None:
        return [row]
    if line_width((*row, Span("  "), reason)) <= columns:
        return [(*row, Span("  "), reason)]
    inner = f"{below}  "
    cut = clip(reason.text, columns - width(inner), theme.glyphs.ellipsis)
    return [row, (Span(inner, Tone.BORDER), Span(cut, reason.tone))]


def reason_of(job: JobView) -> Span | None:
    """Why a job ended as it did, unless that says nothing."""
    if not job.reason or job.mark in (Mark.SUCCEEDED, Mark.RUNNING):
        return None
    return Span(job.reason, Tone.DIM if job.mark in (Mark.SKIPPED, Mark.RESUMED) else tone(job.mark))


def _fitting(spans: Line, columns: int, theme: Theme) -> Line:
    """The spans of a job, its label cut in the middle so that state and duration stay."""
    excess = line_width(spans) - columns
    sign, label, *rest = spans
    if excess <= 0:
        return spans
    room = max(width(label.text) - excess, LEAST_LABEL)
    return (sign, replace(label, text=clip_middle(label.text, room, theme.glyphs.ellipsis)), *rest)


def job_spans(job: JobView, theme: Theme) -> Line:
    """Glyph, label, state unless the glyph says it all, duration, attempt, failures that are allowed, and the step that runs."""
    spans = [Span(theme.glyph(job.mark), tone(job.mark)), Span(f" {job.label}")]
    if job.mark is not Mark.SUCCEEDED:
        spans.append(Span(f" {job.state}", tone(job.mark)))
    if job.duration is not None:
        spans.append(Span(f" {theme.duration(job.duration)}", Tone.DIM))
    if job.attempt > 1:
        spans.append(Span(f" {theme.glyphs.resumed} {job.attempt}", Tone.WARNING))
    spans += forgiven(job)
    if job.step and job.mark is Mark.RUNNING:
        spans.append(Span(f" {theme.glyphs.separator} {job.step}", Tone.DIM))
    return tuple(spans)


def forgiven(job: JobView) -> list[Span]:
    """How many steps of a job failed and may, unless its own mark says that it did."""
    if not job.allowed or job.mark is Mark.ALLOWED:
        return []
    return [Span(f" {amount(job.allowed, 'step')} failed, allowed", Tone.WARNING)]


def step_spans(step: StepView, theme: Theme) -> Line:
    """Glyph, id, phase unless main, state unless it went well, duration, attempts, exit code."""
    spans = [Span(theme.glyph(step.mark), tone(step.mark)), Span(f" {step.id}")]
    if step.phase != "main":
        spans.append(Span(f" [{step.phase}]", Tone.DIM))
    if step.mark is not Mark.SUCCEEDED:
        spans.append(Span(f" {step.state}", tone(step.mark)))
    if step.duration is not None:
        spans.append(Span(f" {theme.duration(step.duration)}", Tone.DIM))
    if step.attempts > 1:
        spans.append(Span(f" {theme.glyphs.resumed} {step.attempts}", Tone.WARNING))
    if step.exit_code:
        spans.append(Span(f" exit {step.exit_code}", tone(step.mark)))
    return tuple(spans)


def indent(theme: Theme) -> Span:
    """The margin of a frame."""
    return Span(" " * theme.geometry.indent)
