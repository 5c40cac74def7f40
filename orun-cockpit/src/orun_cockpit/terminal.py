"""The terminal that a command writes to: its size, its theme, and an alternate screen that is always left again."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

from orun_core.spec.errors import ExitCode
from orun_core.spec.workflow_text import in_actions, without_commands

from orun_cockpit.style import Theme, theme

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import TextIO

    from orun_cockpit.cells import Frame

PIPE_COLUMNS = 120
PIPE_ROWS = 40
"""Size of a frame that goes to a pipe or a file."""
LONGEST_SIZE = 4
"""Digits of a size that is believed."""

_ENTER, _LEAVE = "\x1b[?1049h", "\x1b[?1049l"
_HIDE, _SHOW = "\x1b[?25l", "\x1b[?25h"
_HOME, _END_LINE, _BELOW = "\x1b[H", "\x1b[K", "\x1b[J"


def _number(variable: str) -> int:
    """A size that the environment says; 0 when it says none."""
    text = os.environ.get(variable, "")
    return int(text) if text.isdecimal() and len(text) <= LONGEST_SIZE else 0


def _terminated(_signal: int, _frame: object) -> NoReturn:
    sys.exit(ExitCode.TERMINATED)


class Terminal:
    """Standard output as frames see it. `interactive` is False on a pipe, in a file, on a dumb terminal and in CI."""

    def __init__(self, environ: Mapping[str, str], out: TextIO | None = None) -> None:
        self.out = out or sys.stdout
        self.interactive = self.out.isatty() and environ.get("TERM") != "dumb" and not environ.get("CI")
        self.theme: Theme = theme(environ, terminal=self.out.isatty(), encoding=self.out.encoding or "utf-8")
        self._drawn = 0
        self._in_step = in_actions(environ)

    @property
    def columns(self) -> int:
        """Columns now: `COLUMNS`, else the terminal's, else those of a pipe."""
        return self._size()[0]

    @property
    def rows(self) -> int:
        """Rows now: `LINES`, else the terminal's, else those of a pipe."""
        return self._size()[1]

    def _size(self) -> tuple[int, int]:
        if self.out.isatty():
            return shutil.get_terminal_size((PIPE_COLUMNS, PIPE_ROWS))
        return _number("COLUMNS") or PIPE_COLUMNS, _number("LINES") or PIPE_ROWS

    def show(self, frame: Frame) -> None:
        """Write a frame."""
        self.write(self.painted(frame))

    def painted(self, frame: Frame) -> str:
        """The text of a frame; in a step of GitHub Actions no line of it is a command."""
        text = self.theme.paint_frame(frame)
        return without_commands(text) if self._in_step else text

    def write(self, text: str) -> None:
        """Write text as it is, at once."""
        self.out.write(text)
        self.out.flush()

    def stream(self, texts: Iterable[str]) -> None:
        """Write many texts as they come, and see the last one through."""
        self.out.writelines(texts)
        self.out.flush()

    @contextmanager
    def alternate(self) -> Iterator[None]:
        """The alternate screen without a cursor, left again on every way out, SIGTERM included (exit 143)."""
        before = signal.signal(signal.SIGTERM, _terminated)
        self.write(_ENTER + _HIDE)
        try:
            yield
        finally:
            self.write(_SHOW + _LEAVE)
            signal.signal(signal.SIGTERM, before)

    def redraw(self, frame: Frame) -> None:
        """Draw a frame over the one before, without flicker."""
        lines = [self.theme.paint(line) + _END_LINE for line in frame[: self.rows]]
        self.write(_HOME + "\r\n".join(lines) + _BELOW)

    def redraw_in_place(self, frame: Frame) -> None:
        """Draw a frame over the one that was drawn here before, on the normal screen; it must fit into the rows."""
        up = f"\x1b[{self._drawn}A" if self._drawn else ""
        lines = [self.theme.paint(line) + _END_LINE + "\r\n" for line in frame]
        self.write("\r" + up + "".join(lines) + _BELOW)
        self._drawn = len(frame)

    def finish(self, frame: Frame) -> None:
        """Replace what was drawn in place by a last frame of any length."""
        self.redraw_in_place(frame)
        self._drawn = 0

    def hide_cursor(self) -> None:
        """No cursor while frames are drawn in place."""
        self.write(_HIDE)

    def show_cursor(self) -> None:
        """The cursor again."""
        self.write(_SHOW)
