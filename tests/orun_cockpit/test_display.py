"""The live display: drawn in place, the last lines of what failed below it, the terminal given back."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from cockpit_samples import FAILED, NOW, RUNNING, Desk, with_logs
from orun_cockpit.cells import Span
from orun_cockpit.display import LiveDisplay, PipeDisplay, run_display
from orun_cockpit.frame import run_frame
from orun_cockpit.project import run_view
from orun_cockpit.style import Theme
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


def on_a_pipe(*states):
    out = io.StringIO()
    store = with_logs(states[0])
    store.later = list(states[1:])
    desk = Desk(store, {})
    display = PipeDisplay(desk, Terminal(desk.environ, out))
    display.begin(None, states[0].exec_id)
    display.event(None)
    display.end()
    return out.getvalue()


def test_a_pipe_gets_a_line_per_job_then_the_frame_of_status(monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr("orun_cockpit.stream.utc_now", lambda: NOW)
    text = on_a_pipe(FAILED)
    lines, frame = text.split("\n\n▲ orun ", 1)
    assert lines.splitlines()[:2] == [
        "✓ api.stage.deploy succeeded 12.0s",
        "↷ api.stage.verify skipped (the run failed before it could start)",
    ]
    assert "  db.prod.migrate │ apply line 30" in lines.splitlines()
    assert "\x1b" not in text
    assert f"\n▲ orun {frame}" == Theme().paint_frame(run_frame(run_view(FAILED, NOW), 100, Theme()))


def test_a_pipe_gets_what_often_helps():
    timed_out = replace(
        FAILED,
        jobs=tuple(
            replace(job, steps=tuple(replace(step, reason="timed out after 1m") for step in job.steps))
            for job in FAILED.jobs
        ),
    )
    assert "  db.prod.migrate │ → raise the timeout of the step or the job\n" in on_a_pipe(timed_out)


def test_what_was_said_is_not_said_again():
    text = on_a_pipe(FAILED)
    assert text.count("✗ db.prod.migrate failed 3m25s") == 1


def test_a_dumb_terminal_and_ci_get_lines(monkeypatch):
    monkeypatch.setattr("sys.stdout", Screen())
    for environ, kind in (({}, LiveDisplay), ({"TERM": "dumb"}, PipeDisplay), ({"CI": "true"}, PipeDisplay)):
        assert type(run_display(Desk(with_logs(RUNNING), environ))) is kind


class FullDisk(io.StringIO):
    def write(self, text):
        raise OSError(28, "No space left on device")


def test_what_ends_the_thread_that_draws_is_told_at_the_next_event():
    desk = Desk(with_logs(RUNNING), {})
    display = PipeDisplay(desk, Terminal(desk.environ, FullDisk()))
    display.begin(None, RUNNING.exec_id)
    display.event(None)
    display._thread.join()
    with pytest.raises(OSError, match="No space left"):
        display.event(None)


@pytest.mark.parametrize("columns", ["0", "-5", "wide", "9" * 5000])
def test_a_size_that_is_none_is_not_taken(monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setenv("LINES", columns)
    terminal = Terminal({}, io.StringIO())
    assert (terminal.columns, terminal.rows) == (120, 40)


@pytest.mark.parametrize(("environ", "line"), [({"GITHUB_ACTIONS": "true"}, "  : :error::x\n"), ({}, "  ::error::x\n")])
def test_a_frame_in_a_step_of_actions_gives_no_commands(environ, line):
    out = io.StringIO()
    Terminal(environ, out).show(((Span("  ::error::x"),),))
    assert out.getvalue() == line
