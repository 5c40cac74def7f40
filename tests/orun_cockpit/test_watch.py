"""`status --watch`: a screen on a terminal, lines on a pipe; the terminal is always given back."""

from __future__ import annotations

import io
import json
import signal
from dataclasses import replace

import pytest
from click.testing import CliRunner
from cockpit_samples import NOW, RUNNING, Desk, MemoryStore, at
from orun_cockpit.commands.status import command as status
from orun_cockpit.terminal import Terminal
from orun_cockpit.watch import watch_run
from orun_core.spec.run import Status


def ended(run, status=Status.SUCCEEDED):
    """The run some seconds later, its last jobs done."""
    jobs = tuple(
        job if job.status.ended else replace(job, status=status, started_at=at(63.8), finished_at=at(110))
        for job in run.jobs
    )
    return replace(run, jobs=jobs, status=status, alive=False, finished_at=at(110), last_seq=run.last_seq + 5)


class Screen(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture(autouse=True)
def _fixed_clock(monkeypatch):
    for module in ("orun_cockpit.commands.options", "orun_cockpit.stream"):
        monkeypatch.setattr(f"{module}.utc_now", lambda: NOW)


def test_on_a_pipe_each_change_is_one_line_without_escapes():
    store = MemoryStore(RUNNING, later=(RUNNING, ended(RUNNING)))
    result = CliRunner().invoke(status, ["--watch", "--interval", "0.1"], obj=Desk(store))

    assert result.exit_code == 0
    assert result.output == (
        "✓ api-edge-worker.production.build succeeded 4.1s\n"
        "✓ api-edge-worker.production.test succeeded 12.3s\n"
        "✓ api-edge-worker.production.verify-deploy succeeded 19.0s\n"
        "◐ database.production.apply running\n"
        "○ web-app.production.deploy queued\n"
        "◐ run gh-26563885741-1-896da6b09c29 running 1m42s\n"
        "✓ database.production.apply succeeded 46.2s\n"
        "✓ web-app.production.deploy succeeded 46.2s\n"
        "✓ run gh-26563885741-1-896da6b09c29 succeeded 1m50s\n"
    )


@pytest.mark.parametrize(
    ("end", "code"), [(Status.SUCCEEDED, 0), (Status.FAILED, 1), (Status.TIMED_OUT, 1), (Status.CANCELLED, 130)]
)
def test_exit_status_tells_how_the_watched_run_went(end, code):
    store = MemoryStore(RUNNING, later=(ended(RUNNING, end),))
    result = CliRunner().invoke(status, ["--watch", "--interval", "0.1", "--exit-status"], obj=Desk(store))
    assert result.exit_code == code


def test_json_is_one_document_per_change():
    store = MemoryStore(RUNNING, later=(RUNNING, RUNNING, ended(RUNNING)))
    result = CliRunner().invoke(status, ["--watch", "--interval", "0.1", "--json"], obj=Desk(store))
    documents = [json.loads(line) for line in result.output.splitlines()]

    assert [document["status"] for document in documents] == ["running", "succeeded"]
    assert {document["schemaVersion"] for document in documents} == {"orun.view/v1"}


def test_on_a_terminal_frames_have_a_screen_of_their_own_and_the_last_one_stays():
    screen = Screen()
    store = MemoryStore(RUNNING, later=(ended(RUNNING),))
    watch_run(store, RUNNING.exec_id, Terminal({"NO_COLOR": "1"}, screen), 0.1, detailed=False, as_json=False)
    before, _, after = screen.getvalue().partition("\x1b[?25h\x1b[?1049l")

    assert before.startswith("\x1b[?1049h\x1b[?25l\x1b[H")
    assert "State: running" in before
    assert "State: succeeded" in after
    assert "\x1b" not in after


def test_an_interrupted_watch_gives_the_terminal_back_and_leaves_the_last_frame():
    screen = Screen()
    store = MemoryStore(RUNNING, ticks=1)
    with pytest.raises(KeyboardInterrupt):
        watch_run(store, RUNNING.exec_id, Terminal({"NO_COLOR": "1"}, screen), 0.1, detailed=False, as_json=False)

    _, given_back, left = screen.getvalue().partition("\x1b[?25h\x1b[?1049l")
    assert given_back
    assert "State: running" in left
    assert "\x1b" not in left


def test_a_terminated_watch_gives_the_terminal_back():
    screen = Screen()
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit) as ended, Terminal({}, screen).alternate():
        signal.raise_signal(signal.SIGTERM)

    assert ended.value.code == 143
    assert screen.getvalue().endswith("\x1b[?25h\x1b[?1049l")
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_dumb_terminal_gets_lines():
    screen = Screen()
    store = MemoryStore(RUNNING, later=(ended(RUNNING),))
    watch_run(store, RUNNING.exec_id, Terminal({"TERM": "dumb"}, screen), 0.1, detailed=False, as_json=False)

    assert "\x1b" not in screen.getvalue()
    assert screen.getvalue().endswith("succeeded 1m50s\n")


def test_a_run_that_is_over_is_shown_once():
    result = CliRunner().invoke(status, ["--watch"], obj=Desk(MemoryStore(ended(RUNNING))))
    assert "State: succeeded" in result.output
