"""The live display: drawn in place, the last lines of what failed below it, the terminal given back."""

from __future__ import annotations

import io
import re

from cockpit_samples import FAILED, RUNNING, Desk, with_logs
from orun_cockpit.display import LiveDisplay
from orun_cockpit.terminal import Terminal


class Screen(io.StringIO):
    def isatty(self):
        return True


def shown(state, *, events=1):
    screen = Screen()
    desk = Desk(with_logs(state), {"NO_COLOR": "1", "TERM": "xterm"})
    display = LiveDisplay(desk, Terminal(desk.environ, screen))
    display.begin(None, state.exec_id)
    for _ in range(events):
        display.event(None)
    display.end()
    return screen.getvalue()


def test_the_cursor_is_hidden_while_it_draws_and_back_at_the_end():
    text = shown(RUNNING)
    assert text.startswith("\x1b[?25l")
    assert text.endswith("\x1b[?25h")
    assert "\x1b[?1049h" not in text


def test_the_last_frame_shows_the_last_lines_of_what_failed():
    last = re.split(r"\x1b\[\d+A", shown(FAILED))[-1].replace("\x1b[K", "").replace("\r", "")

    assert "  │  ├─ ✗ prod/migrate failed 3m25s  step apply: exit code 3\n  │  │    apply line 16\n" in last
    assert "  │  │    apply line 30\n  │  └─ ✗ prod/lint failed, allowed" in last
    assert "→ orun run --resume" in last


def test_a_frame_is_drawn_over_the_one_before():
    screen = Screen()
    terminal = Terminal({"NO_COLOR": "1"}, screen)
    terminal.redraw_in_place(((), ()))
    terminal.redraw_in_place(((),))
    terminal.finish(((),))

    assert screen.getvalue() == (
        "\r\x1b[K\r\n\x1b[K\r\n\x1b[J"
        "\r\x1b[2A\x1b[K\r\n\x1b[J"
        "\r\x1b[1A\x1b[K\r\n\x1b[J"
    )  # fmt: skip


def test_a_run_that_never_began_leaves_the_terminal_as_it_was():
    assert shown(RUNNING, events=0) == "\x1b[?25l\x1b[?25h"


def test_it_wants_no_lines_of_output():
    assert LiveDisplay.wants_output is False
