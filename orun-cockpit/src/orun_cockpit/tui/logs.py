"""The logs surface: what the steps of one run print, as it comes."""

from __future__ import annotations

import shlex
import subprocess
import tempfile
from typing import TYPE_CHECKING

from rich.highlighter import Highlighter
from textual import on, work
from textual.widgets import Input, Log, Static

from orun_cockpit.cells import Span, Tone, clean, clip_middle, log_text
from orun_cockpit.log_window import LogWindow, Scope
from orun_cockpit.pages import run_page
from orun_cockpit.tree import amount
from orun_cockpit.tui.actions import Place, bindings
from orun_cockpit.tui.lines import CAP, ERROR, Lines
from orun_cockpit.tui.messages import Failed, LinesRead, LogsWanted, Selected
from orun_cockpit.tui.skin import style, text
from orun_cockpit.tui.surface import Surface

if TYPE_CHECKING:
    from rich.text import Text
    from textual.app import ComposeResult

    from orun_cockpit.bridge import Bridge
    from orun_cockpit.cells import Frame
    from orun_cockpit.style import Theme
    from orun_cockpit.view import RunView


class Emphasis(Highlighter):
    """Colours headings, errors and what is searched for."""

    def __init__(self, look: Theme) -> None:
        self.look = look
        self.wanted = ""

    def highlight(self, text: Text) -> None:
        """Style one line."""
        rule = self.look.glyphs.rule
        if text.plain.startswith(rule * 2):
            text.stylize(style(Tone.BRAND, self.look))
        elif ERROR.search(text.plain):
            text.stylize(style(Tone.ERROR, self.look))
        if self.wanted:
            text.highlight_words([self.wanted], f"reverse {style(Tone.WARNING, self.look)}", case_sensitive=False)


class LogSurface(Surface):
    """Follows a window on logs; errors only, search, copy, pager. The last lines are kept, all of them are on disk."""

    place = Place.LOGS
    BINDINGS = bindings(Place.LOGS)

    def __init__(self, bridge: Bridge, look: Theme) -> None:
        super().__init__(bridge, look)
        self.window: LogWindow | None = None
        self.run: RunView | None = None
        self._lines = Lines(look.glyphs.rule)
        self._emphasis = Emphasis(look)
        self._at = -1
        """Which match is shown, from the first line on."""

    def compose(self) -> ComposeResult:
        """A title, the lines, the search."""
        yield Static(id="log-title", classes="title")
        log = Log(highlight=True, max_lines=2 * CAP, id="log")
        log.highlighter = self._emphasis
        yield log
        yield Input(placeholder="search", id="log-find", classes="find")

    def on_mount(self) -> None:
        """Nothing is searched for at first."""
        self._find.display = False
        self._title()

    @property
    def _log(self) -> Log:
        return self.query_one("#log", Log)

    @property
    def _find(self) -> Input:
        return self.query_one("#log-find", Input)

    def attend(self) -> None:
        """The lines take the focus."""
        self.screen.set_focus(self._log)

    def open(self, scope: Scope) -> LogWindow:
        """Show the logs of a scope; returns the window to follow."""
        if self.window is None or self.window.scope != scope:
            self.window = self.bridge.window(scope)
            self._lines.clear()
            self._log.clear()
            self._log.auto_scroll = True
            self._title()
            self.ran("follow", scope=scope.words)
        return self.window

    def show_run(self, run: RunView) -> None:
        """The run of the window is another one than before."""
        self.run = run
        self._title()

    def lines_read(self, message: LinesRead) -> None:
        """Lines came into the window."""
        if message.window is not self.window:
            return
        if message.before:
            self._lines.put_before(message.lines)
            self._draw()
            self._log.scroll_home(animate=False)
        elif texts := self._lines.add(message.lines):
            self._log.write_lines(texts)
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
        self._log.auto_scroll = not self._log.auto_scroll
        if self._log.auto_scroll:
            self._log.scroll_end(animate=False)
        self._title()

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
        self._emphasis.wanted = event.value
        self._at = -1
        self._log.notify_style_update()
        self._log.refresh()
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

    def _matches(self) -> list[int]:
        wanted = self._emphasis.wanted.lower()
        return [number for number, line in enumerate(self._log.lines) if wanted in line.lower()] if wanted else []

    def _go(self, way: int) -> None:
        matches = self._matches()
        if matches:
            self._at = (max(self._at, 0) + way) % len(matches) if self._at >= 0 or way > 0 else len(matches) - 1
            self._log.auto_scroll = False
            self._log.scroll_to(y=max(matches[self._at] - self._log.size.height // 2, 0), animate=False)
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
        self._log.auto_scroll = False
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
        if self.window is None:
            return
        scope = self.window.scope
        with tempfile.NamedTemporaryFile("w", prefix="orun-", suffix=".log", encoding="utf-8") as file:
            for block in self.bridge.whole_log(scope):
                file.writelines(f"{log_text(line)}\n" for line in block.removesuffix(b"\n").split(b"\n"))
            file.flush()
            self.ran("pager", scope=scope.words)
            command = [*shlex.split(self.bridge.environ.get("PAGER") or "less"), file.name]
            try:
                with self.app.suspend():
                    subprocess.run(command, check=False)
            except OSError as error:
                self.post_message(Failed("open the pager", clean(str(error))))

    def _draw(self) -> None:
        self._log.clear()
        self._log.write_lines(self._lines.texts(), scroll_end=self._log.auto_scroll)
        self._title()

    def _title(self) -> None:
        """Whose logs, whether they are followed, and what is left out."""
        if self.window is None:
            line = self.said(Span("Logs", bold=True), Span("  No run is chosen: open one in Activity.", Tone.DIM))
            self.query_one("#log-title", Static).update(text(line, self.look))
            return
        scope, glyphs = self.window.scope, self.look.glyphs
        live = self.run is not None and self.run.live
        state = ("paused" if not self._log.auto_scroll else "live") if live else "ended"
        about = [state, amount(len(self._lines), "line")]
        about += ["errors only"] if self._lines.errors else []
        if self._emphasis.wanted:
            matches = self._matches()
            about.append(f"{self._at + 1 if matches else 0}/{len(matches)} matches")
        tail = self.look.inline(*about)
        room = max(self.size.width - len(tail) - 6, 12)
        whose = clip_middle(self.look.inline(scope.exec_id, scope.job, scope.step), room, glyphs.ellipsis)
        tone = Tone.RUNNING if state == "live" else Tone.WARNING if state == "paused" else Tone.DIM
        line = self.said(Span(whose, bold=True), Span("  "), Span(tail, tone))
        self.query_one("#log-title", Static).update(text(line, self.look))
        self.post_message(Selected())
