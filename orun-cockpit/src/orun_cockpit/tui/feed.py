"""The one thread that reads runs and logs while the cockpit is open, and posts what it read."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from orun_core.spec.errors import OrunError
from textual.worker import get_current_worker

from orun_cockpit.tui.messages import Failed, LinesRead, RunRead, RunsRead
from orun_cockpit.view import RunListView

if TYPE_CHECKING:
    from collections.abc import Callable

    from orun_cockpit.bridge import Bridge
    from orun_cockpit.log_window import LogWindow
    from orun_cockpit.view import RunView

LIST_PACE = 1.0
"""Seconds between two looks at the list of runs."""
AGEING = 10.0
"""Seconds after which ages are shown again though nothing happened."""


class Feed:
    """Follows the list of runs, the run at hand and the window on its logs; which ones, others set."""

    def __init__(self, bridge: Bridge, post: Callable[[Any], object]) -> None:
        self.exec_id = ""
        self.window: LogWindow | None = None
        self._bridge = bridge
        self._post = post
        self._listed_at = 0.0
        self._told_at = 0.0
        self._unreadable = ""
        """The run at hand, when that was said of it."""
        self._run: RunView | None = None
        self._runs: RunListView | None = None

    def follow(self) -> None:
        """Look until the worker is cancelled."""
        worker = get_current_worker()
        for _ in self._bridge.ticks(lambda: self.exec_id):
            if worker.is_cancelled:
                return
            self.look()

    def tell_again(self) -> None:
        """Post the run at hand once more, though nothing happened to it."""
        self._run = None

    def look(self) -> None:
        """Read once what is followed, and post what is another than before."""
        if time.monotonic() - self._listed_at > LIST_PACE:
            self._listed_at = time.monotonic()
            self._look_at_runs()
        if self.exec_id:
            self._look_at_run(self.exec_id)

    def _look_at_runs(self) -> None:
        runs = self._bridge.runs()
        ageless = RunListView(tuple(replace(row, age=None) for row in runs.runs))
        if ageless != self._runs or time.monotonic() - self._told_at > AGEING:
            self._runs, self._told_at = ageless, time.monotonic()
            self._post(RunsRead(runs))

    def _look_at_run(self, exec_id: str) -> None:
        try:
            run = self._bridge.run(exec_id)
        except OrunError as error:
            if self._unreadable != exec_id:
                self._unreadable = exec_id
                self._post(Failed(f"read {exec_id}", error))
            return
        self._unreadable = ""
        ageless = replace(run, age=None)
        if ageless != self._run:
            self._run = ageless
            self._post(RunRead(run))
        window = self.window
        if window is not None and window.scope.exec_id == exec_id:
            lines = window.newer(run)
            if lines:
                self._post(LinesRead(window, lines))
