"""The logs surface: what the steps of one run print, as it comes."""

from __future__ import annotations

import shlex
import subprocess
import tempfile
from typing import TYPE_CHECKING

from orun_core.spec.amount import amount
from textual import on, work
from textual.widgets import Input

from orun_cockpit.cells import Span, Tone, clip_middle
from orun_cockpit.log_window import LogWindow, Scope
from orun_cockpit.pages import run_page
from orun_cockpit.tui.actions import Place, bindings
from orun_cockpit.tui.frame_text import FrameText
from orun_cockpit.tui.lines import CAP, Lines
from orun_cockpit.tui.log_pane import LogPane
from orun_cockpit.tui.messages import Failed, LinesRead, LogsWanted, ReportWanted
from orun_cockpit.tui.surface import Surface

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from orun_cockpit.bridge import Bridge
    from orun_cockpit.cells import Frame
    from orun_cockpit.style import Theme
    from orun_cockpit.view import RunView


LONG = 4 << 20
"""Bytes of a log that take a moment to read."""


class LogSurface(Surface):
    """Follows a window on logs; errors only, search, copy, pager. The last lines are kept, all of them are on disk."""

    place = Place.LOGS
    BINDINGS = bindings(Place.LOGS)

    def __init__(self, bridge: Bridge, look: Theme) -> None:
        super().__init__(bridge, look)
        self.window: LogWindow | None = None
        self.run: RunView | None = None
        self._lines = Lines(look.glyphs.rule)
        self._at = -1
        """Which match is shown, from the first line on."""

    def compose(self) -> ComposeResult:
        """A title, the lines, the search."""
        yield FrameText(self.look, "log-title", "title")
        yield LogPane(self.look, "log", keep=2 * CAP)
        yield Input(placeholder="search", id="log-find", classes="find")

    def on_mount(self) -> None:
        """Nothing is searched for at first."""
        self._find.display = False
        self._title()

    @property
    def _log(self) -> LogPane:
        return self.query_one(LogPane)

    @property
    def _find(self) -> Input:
        return self.query_one("#log-find", Input)

    def attend(self) -> None:
        """The lines take the focus."""
        self.screen.set_focus(self._log)

    def open(self, scope: Scope) -> LogWindow:
        """Show the logs of a scope; returns the window to follow."""
        if self.window is None or self.window.scope != scope:
            if self.run and self.run.exec_id != scope.exec_id:
                self.run = None
            self.window = self.bridge.window(scope)
            self._lines.clear()
            self._log.replace(())
            self._log.set_follow(follow=True)
            self._title()
            self.ran("follow", scope=scope.words)
        return self.window

    def show_run(self, run: RunView) -> None:
        """The run of the window is another one than before."""
        if self.window is not None and self.window.scope.exec_id == run.exec_id:
            self.run = run
            self._title()

    def lines_read(self, message: LinesRead) -> None:
        """Lines came into the window."""
        if message.window is not self.window:
            return
        if message.before:
            before = len(self._log.lines)
            self._lines.put_before(message.lines)
            self._draw()
            self._log.show_line(len(self._log.lines) - before)
        elif texts := self._lines.add(message.lines):
            self._log.append(texts)
        self._title()

    def back(self) -> bool:
        """End the search."""
        if not self._find.display:
            return False
        self._find.display = False
        self._find.value = ""
        self.attend()
        return True

    def page(self, columns: int) -> Frame:
        """Everything about the run."""
        return run_page(self.run, columns, self.look, brief=True) if self.run else super().page(columns)

    def band(self, columns: int) -> Frame:
        """Counts and progress of the run."""
        return self.progress(self.run, columns) if self.run else super().band(columns)

    def action_follow(self) -> None:
        """Stay at the last line, or stop there."""
        self._log.set_follow(follow=not self._log.follow)

    @on(LogPane.Moved)
    def _moved(self) -> None:
        self._title()

    def action_top(self) -> None:
        """The first line that is at hand."""
        self._log.scroll_home(animate=False)

    def action_bottom(self) -> None:
        """The last line."""
        self._log.set_follow(follow=True)

    def action_errors(self) -> None:
        """Only lines that speak of errors, or all."""
        self._lines.errors = not self._lines.errors
        self._draw()

    def action_find(self) -> None:
        """Open the search."""
        self._find.display = True
        self.screen.set_focus(self._find)

    @on(Input.Changed, "#log-find")
    def _search(self, event: Input.Changed) -> None:
        self._log.search(event.value)
        self._at = -1
        if event.value:
            self.action_previous_match()
        self._title()

    @on(Input.Submitted, "#log-find")
    def _keep(self) -> None:
        self.attend()

    def action_next_match(self) -> None:
        """The next line that is searched for."""
        self._go(1)

    def action_previous_match(self) -> None:
        """The line before that is searched for."""
        self._go(-1)

    def _go(self, way: int) -> None:
        matches = self._log.matches()
        if matches:
            self._at = (max(self._at, 0) + way) % len(matches) if self._at >= 0 or way > 0 else len(matches) - 1
            self._log.show_line(matches[self._at])
        self._title()

    def action_next_step(self) -> None:
        """The next step."""
        self._step(1)

    def action_previous_step(self) -> None:
        """The step before."""
        self._step(-1)

    def _step(self, way: int) -> None:
        if self.run is None or self.window is None:
            return
        scope = self.window.scope
        scopes = [Scope(scope.exec_id)]
        scopes += [Scope(scope.exec_id, job.id, step.id) for job in self.run.jobs for step in job.steps if step.logs]
        here = scopes.index(scope) if scope in scopes else 0
        self.post_message(LogsWanted(scopes[(here + way) % len(scopes)]))

    def action_everything(self) -> None:
        """The whole run."""
        if self.window is not None:
            self.post_message(LogsWanted(Scope(self.window.scope.exec_id)))

    def action_older(self) -> None:
        """The lines before the first one."""
        if self.window is None or self._lines.full or self._lines.dropped or self.window.at_start:
            whole = self.window is None or (self.window.at_start and not self._lines.dropped)
            self.notify("That is the first line." if whole else "The window is full: p opens the whole log.")
            return
        self._log.set_follow(follow=False)
        self._read_older(self.window)

    @work(thread=True, group="older", exclusive=True)
    def _read_older(self, window: LogWindow) -> None:
        self.post_message(LinesRead(window, window.older(), before=True))

    def action_copy(self) -> None:
        """Copy what is marked, or all that is shown."""
        marked = self.screen.get_selected_text()
        copied = marked or "\n".join(self._log.lines)
        self.app.copy_to_clipboard(copied)
        self.notify(f"Copied {amount(len(copied.splitlines()), 'line')}.")

    def action_pager(self) -> None:
        """Open the whole log, cleaned, in $PAGER."""
        if self.window is not None:
            self.ran("pager", scope=self.window.scope.words)
            if self.bridge.log_size(self.window.scope) > LONG:
                self.notify("Reading the whole log.")
            self._page_through(self.window.scope)

    @work(thread=True, group="pager", exclusive=True)
    def _page_through(self, scope: Scope) -> None:
        with tempfile.NamedTemporaryFile("w", prefix="orun-", suffix=".log", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in self.bridge.whole_log(scope))
            file.flush()
            self.app.call_from_thread(self._open_pager, file.name)

    def _open_pager(self, path: str) -> None:
        command = [*shlex.split(self.bridge.environ.get("PAGER") or "less"), path]
        try:
            with self.app.suspend():
                subprocess.run(command, check=False)
        except OSError as error:
            self.post_message(Failed("open the pager", error))

    def action_report(self) -> None:
        """Write the report of the run."""
        if self.window is not None:
            self.post_message(ReportWanted(self.window.scope.exec_id))

    def _draw(self) -> None:
        self._log.replace(self._lines.texts())
        self._title()

    def _title(self) -> None:
        """Whose logs, whether they are followed, and what is left out."""
        if self.window is None:
            line = self.said(Span("Logs", bold=True), Span("  No run is chosen: open one in Activity (3).", Tone.DIM))
            self.query_one("#log-title", FrameText).show((line,))
            return
        scope, glyphs = self.window.scope, self.look.glyphs
        live = self.run is not None and self.run.live
        state = ("live" if self._log.follow else "paused") if live else "ended"
        about = [state, amount(len(self._lines), "line")]
        about += ["errors only"] if self._lines.errors else []
        if self._log.wanted:
            matches = self._log.matches()
            about.append(f"{self._at + 1 if matches else 0}/{len(matches)} matches")
        tail = self.look.inline(*about)
        room = max(self.size.width - len(tail) - 6, 12)
        whose = clip_middle(self.look.inline(scope.exec_id, scope.job, scope.step), room, glyphs.ellipsis)
        tone = Tone.RUNNING if state == "live" else Tone.WARNING if state == "paused" else Tone.DIM
        line = self.said(Span(whose, bold=True), Span("  "), Span(tail, tone))
        self.query_one("#log-title", FrameText).show((line,))
        self.changed()
