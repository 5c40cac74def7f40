"""The history surface: runs that are over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orun_core.spec.amount import amount
from textual import on
from textual.widgets import DataTable

from orun_cockpit.cells import Span, Tone
from orun_cockpit.frame import BLANK
from orun_cockpit.log_window import Scope
from orun_cockpit.marks import BAD
from orun_cockpit.pages import run_page
from orun_cockpit.tables import run_columns
from orun_cockpit.tui.actions import Place, bindings
from orun_cockpit.tui.find import FindSurface
from orun_cockpit.tui.frame_text import FrameText
from orun_cockpit.tui.keyed_table import KeyedTable
from orun_cockpit.tui.messages import LogsWanted, ReportWanted, ResumeWanted, RunWanted
from orun_cockpit.view import RunListView

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from orun_cockpit.bridge import Bridge
    from orun_cockpit.cells import Frame
    from orun_cockpit.style import Theme
    from orun_cockpit.view import RunRow, RunView


class HistorySurface(FindSurface):
    """All sealed runs, the newest first."""

    place = Place.HISTORY
    BINDINGS = bindings(Place.HISTORY)

    def __init__(self, bridge: Bridge, look: Theme) -> None:
        super().__init__(bridge, look)
        self._runs: tuple[RunRow, ...] = ()
        self._run: RunView | None = None

    def compose(self) -> ComposeResult:
        """A title, the table, the filter."""
        yield FrameText(self.look, "history-title", "title")
        yield KeyedTable(self.look, id="history-grid")
        yield self.field()

    def on_mount(self) -> None:
        """Nothing is read yet."""
        self.draw()

    @property
    def exec_id(self) -> str:
        """The run under the cursor."""
        return self.query_one(KeyedTable).selected

    @property
    def named(self) -> str:
        """The run under the cursor."""
        return self.exec_id

    def can(self, do: str) -> bool:
        """Only a run that went wrong is resumed."""
        if do != "resume":
            return bool(self.exec_id)
        return any(run.exec_id == self.exec_id and run.mark in BAD for run in self._runs)

    def attend(self) -> None:
        """The table takes the focus."""
        self.screen.set_focus(self.query_one(KeyedTable))

    def show_runs(self, runs: RunListView) -> None:
        """The list of runs is another one."""
        self._runs = tuple(run for run in runs.runs if not run.live)
        self.draw()

    def show_run(self, run: RunView) -> None:
        """The run at hand was read."""
        self._run = run
        self.changed()

    def page(self, columns: int) -> Frame:
        """Everything about the run."""
        known = self._run is not None and self._run.exec_id == self.exec_id
        return run_page(self._run, columns, self.look, brief=True) if self._run and known else super().page(columns)

    def band(self, columns: int) -> Frame:  # noqa: ARG002 - it is short
        """How the runs went."""
        if not self._runs:
            return (BLANK, BLANK)
        good = sum(run.mark not in BAD for run in self._runs)
        bars = [self.look.spark(run.mark) for run in reversed(self._runs[:40])]
        counts = self.look.inline(amount(len(self._runs), "run"), f"{good} went well")
        return (self.said(Span(counts)), self.said(Span("recent  ", Tone.DIM), *bars))

    @on(DataTable.RowHighlighted)
    def _moved(self) -> None:
        self.changed()

    @on(DataTable.RowSelected)
    def _opened(self) -> None:
        if self.exec_id:
            self.ran("open", run=self.exec_id)
            self.post_message(RunWanted(self.exec_id))

    def action_show_log(self) -> None:
        """The logs of the run."""
        if self.exec_id:
            scope = Scope(self.exec_id)
            self.ran("show_log", scope=scope.words)
            self.post_message(LogsWanted(scope))

    def action_resume(self) -> None:
        """Continue the run."""
        self.post_message(ResumeWanted(self.exec_id))

    def action_report(self) -> None:
        """Write the report of the run."""
        if self.exec_id:
            self.post_message(ReportWanted(self.exec_id))

    def draw(self) -> None:
        """The runs that fit."""
        shown = tuple(
            run for run in self._runs if self.fits(run.exec_id, run.plan, run.state, run.trigger, run.backend)
        )
        columns = run_columns(RunListView(shown), self.look)
        self.query_one(KeyedTable).fill(columns, [run.exec_id for run in shown])
        said = self.look.inline(amount(len(shown), "run"), self.wanted) if self._runs else "No run is over yet."
        line = self.said(Span("History", bold=True), Span(f"  {said}", Tone.DIM))
        self.query_one("#history-title", FrameText).show((line,))
        self.changed()
