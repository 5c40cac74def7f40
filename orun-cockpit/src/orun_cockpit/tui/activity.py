"""The activity surface: runs, then the jobs and steps of one, as a list or as a graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.widgets import ContentSwitcher, DataTable, Static, Tree

from orun_cockpit.cells import Span, Tone, clip_line
from orun_cockpit.frame import BLANK, header
from orun_cockpit.log_window import Scope
from orun_cockpit.pages import ran_page, run_page
from orun_cockpit.tables import run_columns
from orun_cockpit.tree import amount
from orun_cockpit.tui.actions import Place, bindings
from orun_cockpit.tui.branches import Branches
from orun_cockpit.tui.grid import Grid
from orun_cockpit.tui.messages import CancelWanted, GraphChosen, LogsWanted, ResumeWanted, RunWanted, Selected
from orun_cockpit.tui.skin import page, text
from orun_cockpit.tui.surface import Surface
from orun_cockpit.tui.twigs import GROUP, STEP, run_graph, run_list
from orun_cockpit.view import RunListView

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from orun_cockpit.bridge import Bridge
    from orun_cockpit.cells import Frame
    from orun_cockpit.style import Theme
    from orun_cockpit.view import RunView

SHOWN = 100
"""Runs in the list: live ones and the newest. History has the others."""


class ActivitySurface(Surface):
    """The list of runs, or one of them."""

    place = Place.ACTIVITY
    BINDINGS = bindings(Place.ACTIVITY)

    def __init__(self, bridge: Bridge, look: Theme, *, graph: bool) -> None:
        super().__init__(bridge, look)
        self.runs = RunListView(())
        self.run: RunView | None = None
        self.graph = graph

    def compose(self) -> ComposeResult:
        """A title above the list or the tree."""
        yield Static(id="activity-title", classes="title")
        with ContentSwitcher(initial="run-grid"):
            yield Grid(self.look, id="run-grid")
            yield Branches(self.look, id="run-tree")

    def on_mount(self) -> None:
        """Nothing is read yet."""
        self._draw()

    def on_resize(self) -> None:
        """The title fits the width."""
        self._draw()

    @property
    def _level(self) -> ContentSwitcher:
        return self.query_one(ContentSwitcher)

    @property
    def inside(self) -> bool:
        """True while one run is shown."""
        return self._level.current == "run-tree"

    @property
    def exec_id(self) -> str:
        """The run at hand: the one that is shown, or the one under the cursor."""
        return self.run.exec_id if self.inside and self.run else self.query_one(Grid).selected

    def attend(self) -> None:
        """The list or the tree takes the focus."""
        self.screen.set_focus(self.query_one(Branches) if self.inside else self.query_one(Grid))

    def show_runs(self, runs: RunListView) -> None:
        """The list of runs is another one."""
        self.runs = RunListView(runs.runs[:SHOWN])
        self.query_one(Grid).fill(run_columns(self.runs, self.look), [run.exec_id for run in self.runs.runs])
        self._draw()

    def enter(self, run: RunView) -> None:
        """Show one run."""
        self._level.current = "run-tree"
        self.show_run(run, afresh=True)

    def show_run(self, run: RunView, *, afresh: bool = False) -> None:
        """The run at hand is another one than before; `afresh` draws its tree as it starts."""
        self.run = run
        if self.inside:
            twigs = run_graph(run, self.look) if self.graph else run_list(run, self.look)
            self.query_one(Branches).grow(twigs, afresh=afresh)
        self._draw()

    def back(self) -> bool:
        """From a run to the list."""
        if not self.inside:
            return False
        self._level.current = "run-grid"
        if self.run:
            self.query_one(Grid).select(self.run.exec_id)
        self.attend()
        self._draw()
        return True

    def page(self, columns: int) -> Frame:
        """Everything about the job, or about the run."""
        if self.run is None or self.run.exec_id != self.exec_id:
            return super().page(columns)
        job = next((job for job in self.run.jobs if self.inside and job.id == self.scope.job), None)
        return ran_page(job, 0, self.look) if job else run_page(self.run, columns, self.look, brief=True)

    def band(self, columns: int) -> Frame:
        """Counts and progress of the run, or of all runs."""
        if self.inside and self.run:
            return self.progress(self.run, columns)
        runs = self.runs.runs
        if not runs:
            return (BLANK, BLANK)
        live = sum(run.live for run in runs)
        recent = [self.look.spark(run.mark) for run in reversed(runs[:40])]
        counts = self.look.inline(amount(len(runs), "run"), f"{live} live" if live else "")
        return (self.said(Span(counts)), self.said(Span("recent  ", Tone.DIM), *recent))

    @on(DataTable.RowHighlighted)
    @on(Tree.NodeHighlighted)
    def _moved(self) -> None:
        self.post_message(Selected())

    @on(DataTable.RowSelected)
    def _open_run(self) -> None:
        if self.exec_id:
            self.ran("open", run=self.exec_id)
            self.post_message(RunWanted(self.exec_id))

    @on(Tree.NodeSelected)
    def _open_node(self) -> None:
        selected = self.query_one(Branches).selected
        if STEP in selected or (self.graph and selected):
            self.action_show_log()

    def action_graph(self) -> None:
        """List or graph."""
        self.graph = not self.graph
        self.post_message(GraphChosen(graph=self.graph))
        if self.run and self.inside:
            self.show_run(self.run, afresh=True)

    @property
    def scope(self) -> Scope:
        """The logs of what is selected."""
        job, _, step = self.query_one(Branches).selected.partition(STEP) if self.inside else ("", "", "")
        return Scope(self.exec_id, "" if job.startswith(GROUP) else job, step)

    def action_show_log(self) -> None:
        """The logs of what is selected."""
        if self.exec_id:
            self.ran("show_log", scope=self.scope.words)
            self.post_message(LogsWanted(self.scope))

    def action_cancel(self) -> None:
        """Ask, then stop the run."""
        if self.exec_id:
            self.post_message(CancelWanted(self.exec_id))

    def action_resume(self) -> None:
        """Continue the run."""
        if self.exec_id:
            self.post_message(ResumeWanted(self.exec_id))

    def _draw(self) -> None:
        title = self.query_one("#activity-title", Static)
        if self.inside and self.run:
            columns = max(self.size.width - 2, 40)
            lines = [
                clip_line(line, columns, self.look.glyphs.ellipsis) for line in header(self.run, columns, self.look)
            ]
            title.update(page(lines, self.look))
        else:
            said = "" if self.runs.runs else "No runs yet: compose a plan (2), then run it."
            title.update(text(self.said(Span("Runs", bold=True), Span(f"  {said}", Tone.DIM)), self.look))
        self.post_message(Selected())
