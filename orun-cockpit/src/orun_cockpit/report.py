"""One run as one HTML page that needs no network and no script: frame, graph, timeline, logs. Everything in it is escaped."""

from __future__ import annotations

from html import escape
from importlib.resources import files
from itertools import groupby
from string import Template
from typing import TYPE_CHECKING

from orun_cockpit import svg
from orun_cockpit.cells import Tone
from orun_cockpit.frame import run_frame
from orun_cockpit.log_frame import entry_lines
from orun_cockpit.marks import BAD
from orun_cockpit.style import DARK, LIGHT

if TYPE_CHECKING:
    from orun_cockpit.cells import Frame, Line
    from orun_cockpit.style import Palette, Theme
    from orun_cockpit.view import LogEntry, LogView

COLUMNS = 110
TAIL = 500
"""Last lines of each step that the page holds."""


def page(view: LogView, theme: Theme) -> str:
    """The page of a run with its logs."""
    run = view.run
    about = theme.inline(run.exec_id, run.state, run.started_at, theme.duration(run.duration), run.backend, run.user)
    return Template(files("orun_cockpit").joinpath("report.html").read_text("utf-8")).substitute(
        title=escape(theme.inline(run.plan, run.exec_id)),
        light=_variables(LIGHT if theme.dark else theme.palette),
        dark=_variables(theme.palette if theme.dark else DARK),
        wedge=escape(theme.glyphs.brand),
        plan=escape(run.plan),
        about=escape(about),
        frame=_html(run_frame(run, COLUMNS, theme)[2:]),
        sections="\n".join(
            [
                _section("Graph", _card(svg.graph(run, theme))),
                _section("Timeline", _card(svg.timeline(run, theme))),
                _section("Logs", _logs(view, theme)),
            ]
        ),
    )


def _variables(palette: Palette) -> str:
    """The colours of the palette as CSS variables."""
    return " ".join(f"--{tone.value}: {palette.color(tone)};" for tone in Tone)


def _section(title: str, body: str) -> str:
    return f"<h2>{title}</h2>\n{body}" if body else ""


def _card(picture: str) -> str:
    return f'<div class="card">{picture}</div>' if picture else ""


def _logs(view: LogView, theme: Theme) -> str:
    return "\n".join(
        _entry(entry, theme, job) for job, entries in groupby(view.entries, key=lambda e: e.job) for entry in entries
    )


def _entry(entry: LogEntry, theme: Theme, job: str) -> str:
    """A step's output below its row; open when it went wrong."""
    row, *output = entry_lines(entry, theme)
    shown = _html(tuple(line[1:] for line in output)) if output else '<span class="dim">no output</span>'
    opened = " open" if entry.mark in BAD else ""
    return f"<details{opened}><summary>{escape(job)} {_line(row[1:])}</summary><pre>{shown}</pre></details>"


def _html(frame: Frame) -> str:
    return "\n".join(_line(line) for line in frame)


def _line(line: Line) -> str:
    return "".join(
        escape(span.text) if span.tone is Tone.FG and not span.bold else _span(span.text, span.tone, bold=span.bold)
        for span in line
    )


def _span(text: str, tone: Tone, *, bold: bool) -> str:
    weight = ' style="font-weight:600"' if bold else ""
    return f'<span class="{tone.value}"{weight}>{escape(text)}</span>'
