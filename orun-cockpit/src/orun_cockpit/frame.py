"""From views to text frames: (view, width, theme) → lines. Pure: no clock, no terminal, no store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orun_cockpit.cells import Span, Tone, clip, clip_line, clip_middle, line_width, width
from orun_cockpit.style import tone
from orun_cockpit.view import Mark

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from orun_cockpit.cells import Frame, Line
    from orun_cockpit.style import Theme
    from orun_cockpit.view import Counts, GroupView, JobView, RunView, StepView

BLANK: Line = ()


def run_frame(
    run: RunView,
    columns: int,
    theme: Theme,
    *,
    detailed: bool = False,
    height: int | None = None,
    tails: Mapping[str, tuple[str, ...]] | None = None,
) -> Frame:
    """The frame of one run: with the steps (`detailed`), lines of output below jobs (`tails`), folded to fit (`height`)."""
    head = [BLANK, *header(run, columns, theme)]
    if run.counts.total:
        head += [BLANK, *tally(run.counts, columns, theme)]
    foot = footer(run, columns, theme)
    room = None if height is None else height - len(head) - len(foot) - 1
    body = tree(run.groups, columns, theme, detailed=detailed, room=room, tails=tails or {})
    return tuple(clip_line(line, columns, theme.glyphs.ellipsis) for line in (*head, BLANK, *body, *foot))


def header(run: RunView, columns: int, theme: Theme) -> list[Line]:
    """Brand and plan, what the run is, and how far it reaches."""
    narrow = columns < theme.geometry.narrow
    fields = [
        ("Plan", run.checksum_short, Tone.FG),
        ("Run", run.exec_id, Tone.FG),
        ("State", run.state, tone(run.mark)),
        ("Duration", theme.duration(run.duration), Tone.FG),
    ]
    if narrow:
        fields = [field for field in fields if field[0] in ("Run", "State")]
    scope = ((run.components, "component"), (range(run.counts.total), "job"), (run.environments, "environment"))
    reach = theme.inline(*(amount(len(things), noun) for things, noun in scope if things))
    lines = [brand(run.plan, theme), *_meta(fields, columns, theme)]
    if reach:
        lines.append((indent(theme), Span("" if narrow else "Scope: ", Tone.DIM), Span(reach)))
    if run.reason:
        lines.append((indent(theme), Span(run.reason, tone(run.mark))))
    return lines


def brand(name: str, theme: Theme) -> Line:
    """`▲ orun NAME`."""
    return (Span(f"{theme.glyphs.brand} orun", Tone.BRAND, bold=True), Span(f" {name}", bold=True))


def _meta(fields: list[tuple[str, str, Tone]], columns: int, theme: Theme) -> list[Line]:
    """`Name: value` fields; a long value is cut in its middle before the line is broken between fields."""
    margin, gap = indent(theme), f" {theme.glyphs.separator} "
    fixed = width(margin.text) + sum(width(f"{name}: ") for name, _, _ in fields) + width(gap) * (len(fields) - 1)
    longest = max(width(value) for _, value, _ in fields)
    rest = columns - fixed - (sum(width(value) for _, value, _ in fields) - longest)
    room = max(rest, 16)
    pieces = []
    for name, value, value_tone in fields:
        shown = clip_middle(value, room, theme.glyphs.ellipsis) if width(value) == longest else value
        pieces.append((Span(f"{name}: ", Tone.DIM), Span(shown, value_tone)))
    return wrapped((margin,), pieces, columns, theme)


def wrapped(lead: Line, pieces: Iterable[Line], columns: int, theme: Theme) -> list[Line]:
    """Pieces behind a lead, separated, broken between pieces; further lines stand under the first piece."""
    gap = Span(f" {theme.glyphs.separator} ", Tone.MUTED)
    lines: list[Line] = []
    line, empty = lead, True
    for piece in pieces:
        if not empty and line_width((*line, gap, *piece)) > columns:
            lines.append(line)
            line, empty = (Span(" " * line_width(lead)),), True
        line, empty = (*line, *piece) if empty else (*line, gap, *piece), False
    return [*lines, line]


def tally(counts: Counts, columns: int, theme: Theme) -> list[Line]:
    """Counts with their glyphs, and the progress bar."""
    narrow = columns < theme.geometry.narrow
    marks = [
        (Mark.SUCCEEDED, counts.succeeded, "succeeded", True),
        (Mark.RUNNING, counts.running, "running", True),
        (Mark.QUEUED, counts.queued, "queued", True),
        (Mark.FAILED, counts.failed, "failed", True),
        (Mark.ALLOWED, counts.allowed, "allowed", False),
        (Mark.SKIPPED, counts.skipped, "skipped", False),
        (Mark.CANCELLED, counts.cancelled, "cancelled", False),
        (Mark.INTERRUPTED, counts.interrupted, "interrupted", False),
    ]
    pieces = []
    for mark, number, label, always in marks:
        text = str(number) if narrow else f"{number} {label}"
        if number or always:
            pieces.append((theme.pill(mark, text) if number else Span(f"{theme.glyph(mark)} {text}", Tone.DIM),))
    lead = Span("" if narrow else "Status: ", Tone.DIM)
    legend = wrapped((indent(theme), lead), pieces, columns, theme)
    cells = theme.geometry.bar * (2 if columns >= theme.geometry.wide else 1)
    name = Span("" if narrow else "Progress: ", Tone.DIM)
    bar: Line = (indent(theme), name, *theme.bar(counts.percent, cells), Span(f" {counts.percent}%"))
    return [*legend, bar]


def tree(
    groups: tuple[GroupView, ...],
    columns: int,
    theme: Theme,
    *,
    detailed: bool,
    room: int | None,
    tails: Mapping[str, tuple[str, ...]],
) -> list[Line]:
    """Components with their jobs. With `room`, calm groups fold to a line each, and what has no room is counted."""
    whole = [_group(g, columns, theme, tails, last=g is groups[-1], detailed=detailed) for g in groups]
    lines = [line for group in whole for line in group]
    if room is None or len(lines) <= room:
        return lines
    excess = len(lines) - room
    for index in sorted(range(len(groups)), key=lambda i: (_heat(groups[i]), -len(whole[i]))):
        if excess <= 0 or _heat(groups[index]) > 1:
            break
        excess -= len(whole[index]) - 1
        whole[index] = [_folded(groups[index], theme)]
    lines = [line for group in whole for line in group]
    return lines if len(lines) <= room else _cut(groups, whole, max(room, 1), theme)


def _heat(group: GroupView) -> int:
    """How much a reader wants to see of a group while it runs: 0 done well, 1 waiting, 2 running, 3 gone wrong."""
    match group.mark:
        case Mark.SUCCEEDED | Mark.RESUMED | Mark.SKIPPED | Mark.ALLOWED:
            return 0
        case Mark.PENDING | Mark.QUEUED:
            return 1
        case Mark.RUNNING:
            return 2
        case _:
            return 3


def _folded(group: GroupView, theme: Theme) -> Line:
    """A group on one line."""
    jobs = amount(len(group.jobs), "job")
    bullet = theme.glyphs.group if group.touched else theme.glyphs.group_untouched
    return (
        indent(theme),
        Span(f"{bullet} ", Tone.BRAND if group.touched else Tone.DIM),
        Span(f"{group.component} "),
        theme.pill(group.mark, jobs),
    )


def _cut(groups: tuple[GroupView, ...], whole: list[list[Line]], room: int, theme: Theme) -> list[Line]:
    """Whole groups, the hottest first, in their order, as many as fit; the last line counts the rest."""
    kept: set[int] = set()
    used = 1
    for index in sorted(range(len(groups)), key=lambda i: -_heat(groups[i])):
        if used + len(whole[index]) <= room:
            kept.add(index)
            used += len(whole[index])
    hidden = sum(len(groups[i].jobs) for i in range(len(groups)) if i not in kept)
    lines = [line for i in sorted(kept) for line in whole[i]]
    return [*lines, (indent(theme), Span(f"{theme.glyphs.ellipsis} {amount(hidden, 'more job')}", Tone.DIM))]


def _group(
    group: GroupView, columns: int, theme: Theme, tails: Mapping[str, tuple[str, ...]], *, last: bool, detailed: bool
) -> list[Line]:
    glyphs = theme.glyphs
    bullet = Span(f"{glyphs.group} ", Tone.BRAND) if group.touched else Span(f"{glyphs.group_untouched} ", Tone.DIM)
    lines: list[Line] = [(indent(theme), bullet, Span(group.component, bold=group.touched))]
    trunk = " " * width(glyphs.trunk) if last else glyphs.trunk
    for job in group.jobs:
        final = job is group.jobs[-1]
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


def job_lines(job: JobView, lead: str, below: str, columns: int, theme: Theme) -> list[Line]:
    """The row of a job; its reason stands behind it, or below it when there is no room."""
    row = (Span(lead, Tone.BORDER), *job_spans(job, theme))
    if not job.reason or job.mark in (Mark.SUCCEEDED, Mark.RUNNING):
        return [row]
    reason = Span(job.reason, Tone.DIM if job.mark in (Mark.SKIPPED, Mark.RESUMED) else tone(job.mark))
    if line_width((*row, Span("  "), reason)) <= columns:
        return [(*row, Span("  "), reason)]
    inner = f"{below}  "
    cut = clip(reason.text, columns - width(inner), theme.glyphs.ellipsis)
    return [row, (Span(inner, Tone.BORDER), Span(cut, reason.tone))]


def job_spans(job: JobView, theme: Theme) -> Line:
    """Glyph, label, state unless the glyph says it all, duration, attempt, and the step that runs."""
    spans = [Span(theme.glyph(job.mark), tone(job.mark)), Span(f" {job.label}")]
    if job.mark is not Mark.SUCCEEDED:
        spans.append(Span(f" {job.state}", tone(job.mark)))
    if job.duration is not None:
        spans.append(Span(f" {theme.duration(job.duration)}", Tone.DIM))
    if job.attempt > 1:
        spans.append(Span(f" {theme.glyphs.resumed} {job.attempt}", Tone.WARNING))
    if job.step and job.mark is Mark.RUNNING:
        spans.append(Span(f" {theme.glyphs.separator} {job.step}", Tone.DIM))
    return tuple(spans)


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


def footer(run: RunView, columns: int, theme: Theme) -> list[Line]:
    """Links and the commands worth typing next."""
    lines: list[Line] = []
    if run.links:
        lines += [BLANK, *((indent(theme), Span(f"{label} ", Tone.DIM), Span(url)) for label, url in run.links)]
    if run.hints:
        arrow = Span(f"{theme.glyphs.arrow} ", Tone.BRAND)
        hints = (clip(hint, columns - 4, theme.glyphs.ellipsis) for hint in run.hints)
        lines += [BLANK, *((indent(theme), arrow, Span(hint, Tone.DIM)) for hint in hints)]
    if not run.counts.total:
        lines += [(indent(theme), Span("This run has no jobs.", Tone.DIM))]
    return lines


def changes(before: RunView | None, after: RunView, theme: Theme) -> Iterator[Line]:
    """One line per job whose mark changed, and one for the run: what `--watch` prints on a pipe."""
    known = {job.id: job.mark for job in before.jobs} if before else {}
    for job in after.jobs:
        if known.get(job.id, Mark.PENDING) is not job.mark:
            yield (theme.pill(job.mark, job.id), *_told(job, theme))
    if before is None or before.mark is not after.mark:
        yield (theme.pill(after.mark, f"run {after.exec_id} {after.state}"), *_lasted(after.duration, theme))


def _told(job: JobView, theme: Theme) -> Iterable[Span]:
    reason = [Span(f" ({job.reason})", Tone.DIM)] if job.reason else []
    lasted = _lasted(job.duration, theme) if job.mark is not Mark.RUNNING else []
    return (Span(f" {job.state}", tone(job.mark)), *lasted, *reason)


def _lasted(duration: float | None, theme: Theme) -> list[Span]:
    return [Span(f" {theme.duration(duration)}", Tone.DIM)] if duration is not None else []


def indent(theme: Theme) -> Span:
    """The margin of a frame."""
    return Span(" " * theme.geometry.indent)


def amount(number: int, noun: str) -> str:
    """`1 job`, `3 jobs`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
