"""The live display of `orun run` on a terminal: the frame of the run, drawn in place, and left standing at the end."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from orun_cockpit.frame import run_frame
from orun_cockpit.logs import Selection, log_view
from orun_cockpit.project import BAD
from orun_cockpit.stream import RunStream
from orun_cockpit.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orun_core.spec.host import Host
    from orun_core.spec.plan import Plan
    from orun_core.spec.run import Event, Output

    from orun_cockpit.view import RunView

PACE = 0.125
"""Seconds between two frames, at the least."""
SHARE = 10
"""A frame that took long to draw is followed by a rest this many times as long."""
IDLE = 0.5
"""Seconds after which durations are drawn again though nothing happened."""
TAIL = 3
TAIL_AT_END = 15


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
        self._thread = threading.Thread(target=self._draw, name="orun-display", daemon=True)

    def begin(self, plan: Plan, exec_id: str) -> None:  # noqa: ARG002 - the store knows the plan's jobs
        """Start to draw."""
        self._exec_id = exec_id
        self._terminal.hide_cursor()
        self._thread.start()

    def event(self, event: Event) -> None:  # noqa: ARG002 - the store has recorded it
        """Have the next frame show it."""
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
        view = self._view()
        if view is not None:
            tails = self._failures(view, TAIL_AT_END)
            self._terminal.finish(run_frame(view, self._terminal.columns, self._terminal.theme, tails=tails))
        self._terminal.show_cursor()

    def _draw(self) -> None:
        while not self._over.is_set():
            self._happened.wait(IDLE)
            self._happened.clear()
            began = time.monotonic()
            view = self._view()
            if view is not None:
                tails = self._failures(view, TAIL)
                terminal = self._terminal
                frame = run_frame(view, terminal.columns, terminal.theme, height=terminal.rows - 1, tails=tails)
                terminal.redraw_in_place(frame)
            self._over.wait(max(PACE, SHARE * (time.monotonic() - began)))

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
            self._tails = dict.fromkeys(bad, ()) | {entry.job: entry.lines for entry in entries if entry.job in bad}
        return self._tails
