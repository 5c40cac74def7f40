"""The activity surface: runs, then the jobs and steps of one, as a list or as a graph."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from orun_core.spec.amount import amount
from textual import on
from textual.widgets import ContentSwitcher, DataTable, Tree

from orun_cockpit.cells import Span, Tone
from orun_cockpit.frame import BLANK, header
from orun_cockpit.log_window import Scope
from orun_cockpit.marks import BAD
from orun_cockpit.pages import ran_page, run_page
from orun_cockpit.tables import run_columns
from orun_cockpit.tui.actions import Place, bindings
from orun_cockpit.tui.find import FindSurface
from orun_cockpit.tui.frame_text import FrameText
from orun_cockpit.tui.keyed_table import KeyedTable
from orun_cockpit.tui.keyed_tree import KeyedTree
from orun_cockpit.tui.messages import CancelWanted, GraphChosen, LogsWanted, ReportWanted, ResumeWanted, RunWanted
from orun_cockpit.tui.nodes import GROUP, STEP, RunNodes
from orun_cockpit.view import RunListView

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from orun_cockpit.bridge import Bridge
    from orun_cockpit.cells import Frame
    from orun_cockpit.style import Theme
    from orun_cockpit.view import JobView, RunRow, RunView

SHOWN = 100
"""Runs in the list: live ones and the newest. History has the others."""


class ActivitySurface(FindSurface):
    """The list of runs, or one of them."""

    place = Place.ACTIVITY
    BINDINGS = bindings(Place.ACTIVITY)

    def __init__(self, bridge: Bridge, look: Theme, *, graph: bool) -> None:
        super().__init__(bridge, look)
        self.runs: tuple[RunRow, ...] = ()
        self.run: RunView | None = None
        self.graph = graph
        self._run_nodes = RunNodes(look, graph=graph)

    def compose(self) -> ComposeResult:
        """A title above the list or the tree."""
        yield FrameText(self.look, "activity-title", "title")
        with ContentSwitcher(initial="run-grid"):
            yield KeyedTable(self.look, id="run-grid")
            yield KeyedTree(self.look, id="run-tree")
        yield self.field()

    def on_mount(self) -> None:
        """Nothing is read yet."""
        self.draw()

    def on_resize(self) -> None:
        """The title fits the width."""
        self._draw_title()

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
        return self.run.exec_id if self.inside and self.run else self.query_one(KeyedTable).selected

    @property
    def named(self) -> str:
        """The job under the cursor, else the run."""
        return self.scope.job or self.exec_id

    @property
    def _row(self) -> RunView | RunRow | None:
        """What is known of the run at hand."""
        if self.inside:
            return self.run
        return next((run for run in self.runs if run.exec_id == self.exec_id), None)

    def can(self, do: str) -> bool:
        """Only a live run is cancelled, only one that went wrong is resumed."""
        run = self._row
        match do:
            case "cancel":
                return run is not None and run.live
            case "resume":
                return run is not None and run.mark in BAD
            case "graph":
                return self.inside
            case _:
                return bool(self.exec_id)

    def attend(self) -> None:
        """The list or the tree takes the focus."""
        self.screen.set_focus(self.query_one(KeyedTree) if self.inside else self.query_one(KeyedTable))

    def show_runs(self, runs: RunListView) -> None:
        """The list of runs is another one."""
        self.runs = runs.runs[:SHOWN]
        if not self.inside:
            self.draw()

    def enter(self, run: RunView) -> None:
        """Show one run; the cursor stands at the first job that went wrong."""
        self.end_find()
        self._level.current = "run-tree"
        self.run = run
        self.draw(afresh=True)
        bad = next((job.id for job in run.jobs if job.mark in BAD), "")
        if bad:
            self.query_one(KeyedTree).reveal(bad)

    def show_run(self, run: RunView) -> None:
        """The run at hand is another one than before."""
        if not self.inside or (self.run and self.run.exec_id == run.exec_id):
            self.run = run
            self.draw()

    def back(self) -> bool:
        """End the search, else from a run to the list."""
        if super().back():
            return True
        if not self.inside:
            return False
        self._level.current = "run-grid"
        self.draw()
        if self.run:
            self.query_one(KeyedTable).select(self.run.exec_id)
        self.attend()
        return True

    def page(self, columns: int) -> Frame:
        """Everything about the job, or about the run."""
        if self.run is None or self.run.exec_id != self.exec_id:
            return super().page(columns)
        wanted = self.scope.job
        job = next((job for job in self.run.jobs if job.id == wanted), None)
        return ran_page(job, 0, self.look) if job else run_page(self.run, columns, self.look, brief=True)

    def band(self, columns: int) -> Frame:
        """Counts and progress of the run, or of all runs."""
        if self.inside and self.run:
            return self.progress(self.run, columns)
        if not self.runs:
            return (BLANK, BLANK)
        live = sum(run.live for run in self.runs)
        recent = [self.look.spark(run.mark) for run in reversed(self.runs[:40])]
        counts = self.look.inline(amount(len(self.runs), "run"), f"{live} live" if live else "")
        return (self.said(Span(counts)), self.said(Span("recent  ", Tone.DIM), *recent))

    @on(DataTable.RowHighlighted)
    @on(Tree.NodeHighlighted)
    def _moved(self) -> None:
        self.changed()

    @on(DataTable.RowSelected)
    def _open_run(self) -> None:
        if self.exec_id:
            self.ran("open", run=self.exec_id)
            self.post_message(RunWanted(self.exec_id))

    @on(Tree.NodeSelected)
    def _open_node(self) -> None:
        selected = self.query_one(KeyedTree).selected
        if STEP in selected or (self.graph and selected):
            self.action_show_log()

    def action_graph(self) -> None:
        """List or graph."""
        self.graph = not self.graph
        self._run_nodes = RunNodes(self.look, graph=self.graph)
        self.post_message(GraphChosen(graph=self.graph))
        self.draw(afresh=True)

    def action_next_bad(self) -> None:
        """To the next run or job that went wrong."""
        if self.inside and self.run:
            bad = {job.id for job in self.run.jobs if job.mark in BAD}
            found = self.query_one(KeyedTree).after(lambda key: key in bad)
            self.query_one(KeyedTree).reveal(found)
        else:
            bad = {run.exec_id for run in self.runs if run.mark in BAD}
            found = self.query_one(KeyedTable).after(lambda key: key in bad)
            self.query_one(KeyedTable).select(found)
        if not found:
            self.notify("Nothing went wrong.")

    @property
    def scope(self) -> Scope:
        """The logs of what is selected."""
        job, _, step = self.query_one(KeyedTree).selected.partition(STEP) if self.inside else ("", "", "")
        return Scope(self.exec_id, "" if job.startswith(GROUP) else job, step)

    def action_show_log(self) -> None:
        """The logs of what is selected."""
        if self.exec_id:
            self.ran("show_log", scope=self.scope.words)
            self.post_message(LogsWanted(self.scope))

    def action_cancel(self) -> None:
        """Ask, then stop the run."""
        self.post_message(CancelWanted(self.exec_id))

    def action_resume(self) -> None:
        """Continue the run."""
        self.post_message(ResumeWanted(self.exec_id))

    def action_report(self) -> None:
        """Write the report of the run."""
        if self.exec_id:
            self.post_message(ReportWanted(self.exec_id))

    def draw(self, *, afresh: bool = False) -> None:
        """The list, or the run; `afresh` draws its tree as it starts."""
        if self.inside and self.run:
            groups = ((group, tuple(job for job in group.jobs if self._fitting(job))) for group in self.run.groups)
            found = (
                tuple(replace(group, jobs=jobs) for group, jobs in groups if jobs) if self.wanted else self.run.groups
            )
            self.query_one(KeyedTree).show(self._run_nodes.of(replace(self.run, groups=found)), afresh=afresh)
        else:
            runs = tuple(run for run in self.runs if self.fits(run.exec_id, run.plan, run.state))
            self.query_one(KeyedTable).fill(run_columns(RunListView(runs), self.look), [run.exec_id for run in runs])
        self._draw_title()

    def _fitting(self, job: JobView) -> bool:
        return self.fits(job.id, job.state, job.reason)

    def _draw_title(self) -> None:
        title = self.query_one("#activity-title", FrameText)
        if self.inside and self.run:
            title.show(tuple(header(self.run, max(self.size.width - 2, 40), self.look)))
        else:
            said = self.wanted if self.runs else "No runs yet: compose a plan (2), then run it."
            title.show((self.said(Span("Runs", bold=True), Span(f"  {said}", Tone.DIM)),))
        self.changed()
