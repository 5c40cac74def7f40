"""From views to text frames: (view, width, theme) → lines. Pure: no clock, no terminal, no store."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from orun_core.spec.amount import amount

from orun_cockpit.cells import Span, Tone, clip, clip_line, clip_middle, line_width, width
from orun_cockpit.style import tone
from orun_cockpit.tree import forgiven, indent, tree
from orun_cockpit.view import Mark

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from orun_cockpit.cells import Frame, Line
    from orun_cockpit.style import Theme
    from orun_cockpit.view import Counts, JobView, RunView

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
    foot = footer(run, columns, theme) if height is None or not run.live else []
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


def footer(run: RunView, columns: int, theme: Theme) -> list[Line]:
    """Links and the commands worth typing next."""
    lines: list[Line] = []
    if run.links:
        lines += [
            BLANK,
            *((indent(theme), Span(label and f"{label} ", Tone.DIM), Span(url)) for label, url in run.links),
        ]
    if run.hints:
        lines += [BLANK, *(_hint(hint, columns, theme) for hint in run.hints)]
    if not run.counts.total:
        lines += [(indent(theme), Span("This run has no jobs.", Tone.DIM))]
    return lines


def farewell(runs: Sequence[RunView], columns: int, rows: int, theme: Theme) -> Frame:
    """What stays of runs that were looked at: the last one as a frame that fits, the others as a line each."""
    lines: list[Line] = [(indent(theme), _run_pill(run, theme), *_lasted(run.duration, theme)) for run in runs[:-1]]
    for run in runs[-1:]:
        lines += run_frame(run, columns, theme, height=rows - len(lines) - 3)
    live = [run for run in runs if run.live]
    lines += [BLANK] if live else []
    lines += [_hint(f"orun status {shlex.quote(run.exec_id)} --watch", columns, theme) for run in live]
    return tuple(lines)


def changes(before: RunView | None, after: RunView, theme: Theme) -> Iterator[Line]:
    """One line per job whose mark changed, and one for the run: what `--watch` prints on a pipe."""
    known = {job.id: job.mark for job in before.jobs} if before else {}
    for job in after.jobs:
        if known.get(job.id, Mark.PENDING) is not job.mark:
            yield (theme.pill(job.mark, job.id), *_told(job, theme))
    if before is None or before.mark is not after.mark:
        yield (_run_pill(after, theme), *_lasted(after.duration, theme))


def _run_pill(run: RunView, theme: Theme) -> Span:
    return theme.pill(run.mark, f"run {run.exec_id} {run.state}")


def _hint(command: str, columns: int, theme: Theme) -> Line:
    """A command worth typing."""
    arrow = Span(f"{theme.glyphs.arrow} ", Tone.BRAND)
    return (indent(theme), arrow, Span(clip(command, columns - 4, theme.glyphs.ellipsis), Tone.DIM))


def _told(job: JobView, theme: Theme) -> Iterable[Span]:
    reason = [Span(f" ({job.reason})", Tone.DIM)] if job.reason else []
    lasted = _lasted(job.duration, theme) if job.mark is not Mark.RUNNING else []
    return (Span(f" {job.state}", tone(job.mark)), *lasted, *forgiven(job), *reason)


def _lasted(duration: float | None, theme: Theme) -> list[Span]:
    return [Span(f" {theme.duration(duration)}", Tone.DIM)] if duration is not None else []
