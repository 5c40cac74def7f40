"""How `orun run` looks while it runs: on a terminal the frame of the run, drawn in place; on a pipe a line per change."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from orun_cockpit.cells import Span, Tone
from orun_cockpit.frame import changes, run_frame
from orun_cockpit.log_frame import shown
from orun_cockpit.logs import Selection, log_view
from orun_cockpit.marks import BAD
from orun_cockpit.stream import RunStream
from orun_cockpit.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orun_core.spec.host import Host
    from orun_core.spec.plan import Plan
    from orun_core.spec.run import Event, Output

    from orun_cockpit.cells import Line
    from orun_cockpit.view import RunView

PACE = 0.125
"""Seconds between two frames, at the least."""
SHARE = 10
"""A frame that took long to draw is followed by a rest this many times as long."""
IDLE = 0.5
"""Seconds after which durations are drawn again though nothing happened."""
TAIL = 3
TAIL_AT_END = 15


def run_display(host: Host) -> LiveDisplay:
    """The display that suits standard output."""
    terminal = Terminal(host.environ)
    return LiveDisplay(host, terminal) if terminal.interactive else PipeDisplay(host, terminal)


class LiveDisplay:
    """Draws the run that it is told of, as the store tells it; a thread of its own draws, so that steps never wait for it."""

    wants_output = False

    def __init__(self, host: Host, terminal: Terminal | None = None) -> None:
        self._store = host.store
        self._terminal = terminal or Terminal(host.environ)
        self._exec_id = ""
        self._recorded = False
        self._stream: RunStream | None = None
        self._tails: dict[str, tuple[str, ...]] = {}
        self._happened = threading.Event()
        self._over = threading.Event()
        self._broken: Exception | None = None
        self._thread = threading.Thread(target=self._draw, name="orun-display", daemon=True)

    def begin(self, plan: Plan, exec_id: str) -> None:  # noqa: ARG002 - the store knows the plan's jobs
        """Start to draw."""
        self._exec_id = exec_id
        self._enter()
        self._thread.start()

    def event(self, event: Event) -> None:  # noqa: ARG002 - the store has recorded it
        """Have the next frame show it; raises what ended the thread that draws."""
        if self._broken:
            raise self._broken
        self._recorded = True
        self._happened.set()

    def output(self, output: Output) -> None:
        """Nothing: the frame shows the last lines of what went wrong, and reads them from the logs."""

    def end(self) -> None:
        """Draw the last frame, with the last lines of what went wrong, and give the terminal back."""
        self._over.set()
        self._happened.set()
        if self._thread.is_alive():
            self._thread.join()
        try:
            view = self._view()
            if view is not None:
                self._finish(view)
        finally:
            self._leave()

    def _draw(self) -> None:
        try:
            self._draw_until_over()
        except Exception as error:  # noqa: BLE001 - it is raised where somebody can report it
            self._broken = error

    def _draw_until_over(self) -> None:
        while not self._over.is_set():
            self._happened.wait(IDLE)
            self._happened.clear()
            began = time.monotonic()
            view = self._view()
            if view is not None:
                self._show(view)
            self._over.wait(max(PACE, SHARE * (time.monotonic() - began)))

    def _enter(self) -> None:
        self._terminal.hide_cursor()

    def _show(self, view: RunView) -> None:
        """The run as it is while it goes on."""
        terminal, tails = self._terminal, self._failures(view, TAIL)
        frame = run_frame(view, terminal.columns, terminal.theme, height=terminal.rows - 1, tails=tails)
        terminal.redraw_in_place(frame)

    def _finish(self, view: RunView) -> None:
        """The run as it ended."""
        tails = self._failures(view, TAIL_AT_END)
        self._terminal.finish(run_frame(view, self._terminal.columns, self._terminal.theme, tails=tails))

    def _leave(self) -> None:
        self._terminal.show_cursor()

    def _view(self) -> RunView | None:
        """The run now; None while nothing is recorded."""
        if self._stream is None:
            if not self._recorded:
                return None
            self._stream = RunStream(self._store, self._exec_id)
        self._stream.look()
        return self._stream.view()

    def _failures(self, view: RunView, tail: int) -> Mapping[str, tuple[str, ...]]:
        """Job → last lines of its step that went wrong; read once per job and length."""
        bad = {job.id for job in view.jobs if job.mark in BAD}
        if set(self._tails) != bad or tail != TAIL:
            entries = log_view(self._store, view, Selection(failed=True, tail=tail)).entries
            self._tails = dict.fromkeys(bad, ()) | {
                e.job: shown(e, self._terminal.theme) for e in entries if e.job in bad
            }
        return self._tails


class PipeDisplay(LiveDisplay):
    """A line per job that changed, the last lines of what failed, and at the end the frame that `orun status` shows."""

    _before: RunView | None = None

    def _enter(self) -> None:
        """A pipe has no cursor."""

    _leave = _enter

    def _show(self, view: RunView) -> None:
        theme, known = self._terminal.theme, self._before
        notes = view.notes[len(known.notes) if known else 0 :]
        lines: list[Line] = [(Span(theme.inline(note.job, note.message), Tone.DIM),) for note in notes]
        ended = {job.id for job in known.jobs if job.mark in BAD} if known else set()
        tails = self._failures(view, TAIL_AT_END)
        lines += changes(known, view, theme)
        for job in view.jobs:
            if job.mark in BAD and job.id not in ended:
                whose = Span(f"  {job.id} {theme.glyphs.trunk} ", Tone.DIM)
                lines += [(whose, Span(text)) for text in tails.get(job.id, ())]
        self._before = view
        self._terminal.show(tuple(lines))

    def _finish(self, view: RunView) -> None:
        self._show(view)
        self._terminal.show(run_frame(view, self._terminal.columns, self._terminal.theme))
