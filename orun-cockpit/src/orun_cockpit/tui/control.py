"""Runs that are started, stopped and continued from the cockpit, and what leaving it means for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orun_core.spec.amount import amount
from orun_core.spec.errors import OrunError
from textual import on, work
from textual.app import App

from orun_cockpit.marks import BAD
from orun_cockpit.tui import messages as told
from orun_cockpit.tui.actions import Place, action
from orun_cockpit.tui.dialogs import Confirm
from orun_cockpit.view import RunListView

if TYPE_CHECKING:
    from orun_cockpit.bridge import Bridge
    from orun_cockpit.style import Theme
    from orun_cockpit.view import RunRow, RunView


class RunControl(App[None]):
    """An app that knows which runs are its own."""

    def __init__(self, bridge: Bridge, look: Theme) -> None:
        super().__init__()
        self.bridge = bridge
        self.look = look
        self.run_list = RunListView(())
        self.run_at_hand: RunView | None = None
        self.started: set[str] = set()
        """Runs that were started from here."""
        self.looked_at = ""
        """The run that was opened last."""
        self.crash: Exception | None = None
        """A bug that ended the app."""

    def left_behind(self) -> tuple[RunView, ...]:
        """The runs that were started here, and the one that was opened last, as they are now."""
        others = sorted(self.started - {self.looked_at})
        return tuple(self.bridge.run(exec_id) for exec_id in (*others, self.looked_at) if exec_id)

    def _handle_exception(self, error: Exception) -> None:
        self.crash = self.crash or error
        super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """Leave; the command reports the crash as it reports every other, without the values of variables."""
        self.exit(return_code=1)

    @property
    def own_live(self) -> list[str]:
        """Runs that were started from here and are not known to be over."""
        known: list[RunRow | RunView] = [*self.run_list.runs, *([self.run_at_hand] if self.run_at_hand else [])]
        return sorted(self.started - {run.exec_id for run in known if not run.live})

    async def action_quit(self) -> None:
        """Leave as every other key does that quits."""
        self.action_leave()

    def action_leave(self) -> None:
        """Quit; ask first when a run that was started here is live."""
        live = self.own_live
        if not live:
            self.exit()
            return

        def answered(answer: str | None) -> None:
            if answer == "d":
                self.exit()
            elif answer == "c":
                self._stop(tuple(live), leave=True)

        question = f"{amount(len(live), 'run')} started here {'is' if len(live) == 1 else 'are'} live."
        facts = [("Live", exec_id) for exec_id in live]
        answers = {"d": "Detach: it goes on", "c": "Cancel it"}
        self.push_screen(Confirm(self.look, question, facts, answers), answered)

    @on(told.Started)
    def _run_started(self, message: told.Started) -> None:
        self.started.add(message.exec_id)
        self.run_list = RunListView(tuple(run for run in self.run_list.runs if run.exec_id != message.exec_id))
        self.run_at_hand = None
        self.notify(f"Started {message.exec_id}", markup=False)
        self.post_message(told.RunWanted(message.exec_id))

    @on(told.Failed)
    def _failed(self, message: told.Failed) -> None:
        """Say it, but for a project that does not compile: the components surface says that."""
        if message.doing != "compile":
            self.notify(message.said, title=f"Could not {message.doing}", severity="error", timeout=15, markup=False)

    @on(told.CancelWanted)
    def _cancel_wanted(self, message: told.CancelWanted) -> None:
        run = self.run_at_hand
        if run is None or run.exec_id != message.exec_id or not run.live:
            self.notify("That run is over.")
            return

        def answered(answer: str | None) -> None:
            if answer:
                self._stop((message.exec_id,), leave=False)

        facts = [("Run", run.exec_id), ("Plan", run.plan), ("Done", f"{run.counts.ended} of {run.counts.total} jobs")]
        question = "Cancel this run? Post steps still run."
        self.push_screen(Confirm(self.look, question, facts, {"y": "Cancel it"}), answered)

    @on(told.ReportWanted)
    def _report_wanted(self, message: told.ReportWanted) -> None:
        self.post_message(told.Ran(action(Place.ACTIVITY, "report").command.format(run=message.exec_id)))
        self._report(message.exec_id)

    @on(told.ResumeWanted)
    def _resume_wanted(self, message: told.ResumeWanted) -> None:
        run = self.run_at_hand
        if run is None or run.exec_id != message.exec_id or run.mark not in BAD:
            self.notify("Only a run that went wrong can be resumed.")
            return
        command = action(Place.ACTIVITY, "resume").command.format(run=run.exec_id)
        if not run.hints[-1].startswith("orun run --resume"):
            self.notify(f"It ran elsewhere and is only recorded here. Try it again with: {run.hints[-1]}", markup=False)
            return
        self.post_message(told.Ran(command))
        self._resume(run)

    @work(thread=True, group="stop")
    def _stop(self, exec_ids: tuple[str, ...], *, leave: bool) -> None:
        for exec_id in exec_ids:
            self.post_message(told.Ran(action(Place.ACTIVITY, "cancel").command.format(run=exec_id)))
            try:
                self.bridge.stop(exec_id)
            except OrunError as error:
                self.post_message(told.Failed("cancel", error))
                return
        if leave:
            self.call_from_thread(self.exit)

    @work(thread=True, group="start")
    def _resume(self, run: RunView) -> None:
        try:
            self.post_message(told.Started(self.bridge.start(run.checksum, run.exec_id)))
        except OrunError as error:
            self.post_message(told.Failed("resume", error))

    @work(thread=True, group="report")
    def _report(self, exec_id: str) -> None:
        try:
            path = self.bridge.report(exec_id, self.look)
        except (OrunError, OSError) as error:
            self.post_message(told.Failed("write the report", error))
        else:
            self.notify(f"Wrote {path}", markup=False)
