"""From logs to text frames. Lines of output are never cut: they are there to be copied."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from orun_core.spec.amount import amount

from orun_cockpit.cells import Span, Tone, clip_line
from orun_cockpit.frame import BLANK, header, tally
from orun_cockpit.style import tone
from orun_cockpit.tree import indent
from orun_cockpit.view import Mark

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orun_cockpit.cells import Frame, Line
    from orun_cockpit.style import Theme
    from orun_cockpit.view import LogEntry, LogLine, LogView


def log_frame(view: LogView, columns: int, theme: Theme, *, timestamps: bool = False) -> Frame:
    """The run's head, then each step's last lines below its job."""
    head = [BLANK, *header(view.run, columns, theme), *tally(view.run.counts, columns, theme)[:1]]
    lines = [clip_line(line, columns, theme.glyphs.ellipsis) for line in head]
    if not view.entries:
        return (*lines, BLANK, (indent(theme), Span("Nothing was printed.", Tone.DIM)))
    for _, entries in groupby(view.entries, key=lambda entry: entry.job):
        lines.append(BLANK)
        for position, entry in enumerate(entries):
            if position == 0:
                lines.append(_job_line(entry, theme))
            lines += entry_lines(entry, theme, timestamps=timestamps)
    return tuple(lines)


def _job_line(entry: LogEntry, theme: Theme) -> Line:
    gap = Span(f" {theme.glyphs.separator} ", Tone.MUTED)
    parts = [Span(part, bold=True) for part in (entry.component, entry.environment, entry.name) if part]
    spaced = [piece for part in parts for piece in (gap, part)][1:]
    return (indent(theme), Span(f"{theme.glyphs.group} ", Tone.BRAND), *spaced)


def entry_lines(entry: LogEntry, theme: Theme, *, timestamps: bool = False) -> Iterator[Line]:
    """The row of a step, how many lines stand above, and its last lines."""
    margin = indent(theme).text
    row = [Span(margin * 2), theme.pill(entry.mark, entry.step)]
    if entry.phase != "main":
        row.append(Span(f" [{entry.phase}]", Tone.DIM))
    if entry.mark is not Mark.SUCCEEDED:
        row.append(Span(f" {entry.state}", tone(entry.mark)))
    if entry.attempt == entry.attempts and entry.duration is not None:
        row.append(Span(f" {theme.duration(entry.duration)}", Tone.DIM))
    if entry.attempts > 1:
        row.append(Span(f" {theme.glyphs.resumed} {entry.attempt}/{entry.attempts}", Tone.WARNING))
    if entry.exit_code:
        row.append(Span(f" exit {entry.exit_code}", tone(entry.mark)))
    if timestamps:
        row.append(Span(f" {_clock(entry.started_at)} {theme.glyphs.arrow} {_clock(entry.finished_at)}", Tone.DIM))
    yield tuple(row)
    if entry.elided:
        above = f"{theme.glyphs.ellipsis} {amount(entry.elided, 'line')} above"
        yield (Span(margin * 3), Span(above, Tone.DIM))
    for line in shown(entry, theme):
        yield (Span(margin * 3), Span(line))


def shown(entry: LogEntry, theme: Theme) -> tuple[str, ...]:
    """The last lines of a step, and what often helps when it failed like this."""
    return (*entry.lines, f"{theme.glyphs.arrow} {entry.hint}") if entry.hint else entry.lines


def followed(line: LogLine, theme: Theme, *, timestamps: bool = False) -> Line:
    """A line of a run that is followed: whose it is, and what it says."""
    clock = [Span(f"{_clock(line.at)} ", Tone.DIM)] if timestamps else []
    whose = Span(f"{line.job} {theme.glyphs.separator} {line.step} ", Tone.BRAND)
    return (*clock, whose, Span(f"{theme.glyphs.trunk} ", Tone.BORDER), Span(line.text))


def _clock(at: str) -> str:
    """`10:00:12` of a recorded time."""
    return at[11:19]
