"""One state on every surface: each row has the same glyph, label, state, duration and place, each count the same number."""

from __future__ import annotations

import asyncio
import io
import json
import re
from contextlib import suppress
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import pytest
from click.testing import CliRunner
from cockpit_samples import NOW, STATES, Desk, MemoryStore, summary
from orun_cockpit.bridge import Bridge
from orun_cockpit.cells import plain
from orun_cockpit.commands.status import command as status
from orun_cockpit.display import LiveDisplay
from orun_cockpit.frame import farewell
from orun_cockpit.project import run_list, run_view
from orun_cockpit.report import page
from orun_cockpit.style import Theme
from orun_cockpit.terminal import Terminal
from orun_cockpit.tui.app import Cockpit
from orun_cockpit.view import LogView, Mark, RunView
from orun_cockpit.watch import watch_run
from orun_core.spec.errors import Diagnostic, UsageError
from orun_core.spec.run import RunState

THEME = Theme()
ROW = re.compile(r"(?:├─|└─) (\S) (\S+)((?: (?!\d)[a-z,]+)*)(?: (\d[\dms.h]*))?")
COUNT = re.compile(r"(\S) (\d+) (succeeded|running|queued|failed|allowed|skipped|cancelled|interrupted)")


@dataclass(frozen=True)
class Shown:
    """What a surface says of a run."""

    rows: tuple[tuple[str, str, str, str], ...]
    counts: tuple[tuple[str, str, str], ...]


def read_text(text: str) -> Shown:
    """What is read off a frame."""
    rows = [(glyph, label, state.strip(), lasted or "") for glyph, label, state, lasted in ROW.findall(text)]
    return Shown(tuple(rows), tuple((glyph, number, word) for glyph, number, word in COUNT.findall(text)))


def read_view(run: RunView) -> Shown:
    """What the view-model decided."""
    rows = tuple(
        (
            THEME.glyph(job.mark),
            job.label,
            "" if job.mark is Mark.SUCCEEDED else job.state,
            "" if job.duration is None else THEME.duration(job.duration),
        )
        for job in run.jobs
    )
    return Shown(rows, _counts({name: getattr(run.counts, name) for name in run.counts.__slots__}))


def read_json(text: str) -> Shown:
    """What a machine reads."""
    tree = json.loads(text)
    rows = tuple(
        (
            THEME.glyph(Mark(job["mark"])),
            job["label"],
            "" if job["mark"] == "succeeded" else job["state"],
            "" if job["duration"] is None else THEME.duration(job["duration"]),
        )
        for group in tree["groups"]
        for job in group["jobs"]
    )
    return Shown(rows, _counts(tree["counts"]))


def _counts(counts: dict[str, int]) -> tuple[tuple[str, str, str], ...]:
    words = {
        "succeeded": Mark.SUCCEEDED, "running": Mark.RUNNING, "queued": Mark.QUEUED, "failed": Mark.FAILED,
        "allowed": Mark.ALLOWED, "skipped": Mark.SKIPPED, "cancelled": Mark.CANCELLED, "interrupted": Mark.INTERRUPTED,
    }  # fmt: skip
    always = ("succeeded", "running", "queued", "failed")
    return tuple(
        (THEME.glyph(mark), str(counts[word]), word)
        for word, mark in words.items()
        if counts["total"] and (counts[word] or word in always)
    )


class Screen(io.StringIO):
    """A terminal that keeps what it was sent."""

    def isatty(self) -> bool:
        return True


def drawn_by_watch(state: RunState) -> str:
    """What `status --watch` shows on a terminal until it is interrupted, or until the run ends."""
    screen = Screen()
    terminal = Terminal({"NO_COLOR": "1", "TERM": "xterm"}, screen)
    with suppress(KeyboardInterrupt):
        watch_run(MemoryStore(state, ticks=0), state.exec_id, terminal, 0.1, detailed=False, as_json=False)  # type: ignore[arg-type]
    return screen.getvalue().split("\x1b[H")[1].split("\x1b[J")[0].replace("\x1b[K", "").replace("\r", "")


def drawn_by_display(state: RunState) -> str:
    """The last frame that the display of `orun run` leaves on the screen."""
    screen = Screen()
    desk = Desk(MemoryStore(state), {"NO_COLOR": "1", "TERM": "xterm"})
    display = LiveDisplay(desk, Terminal(desk.environ, screen))  # type: ignore[arg-type]
    display.begin(None, state.exec_id)  # type: ignore[arg-type]
    display.event(None)  # type: ignore[arg-type]
    display.end()
    return re.split(r"\x1b\[\d+A", screen.getvalue().replace("\x1b[K", "").replace("\r", ""))[-1]


def drawn_by_report(state: RunState) -> str:
    """The frame on the page that `orun report` writes."""
    _, _, rest = page(LogView(run_view(state, NOW), ()), THEME).partition("<pre>")
    return unescape(re.sub(r"<[^>]*>", "", rest.partition("</pre>")[0]))


def left_by_tui(state: RunState) -> str:
    """What stays on the terminal when the cockpit was left."""
    return plain(farewell([run_view(state, NOW)], 200, 400, THEME))


@dataclass
class Workspace(Desk):
    """As much of a host as the cockpit needs to show runs."""

    root: Path = Path("/workspace")

    def compile(self, request: object) -> None:
        raise UsageError(Diagnostic("usage/no-intent", "no intent here"))


def drawn_by_tui(state: RunState, home: Path) -> str:
    """The screen of the cockpit with the run opened."""
    app = Cockpit(Bridge(Workspace(MemoryStore(state), {"HOME": str(home)})))  # type: ignore[arg-type]

    async def scenario() -> str:
        async with app.run_test(size=(200, 300)) as pilot:
            await pilot.press("3")
            while app.query_one("#run-grid").row_count == 0:  # type: ignore[attr-defined]
                await pilot.pause(0.02)
            await pilot.press("enter")
            while not app.query_one("#activity").inside:  # type: ignore[attr-defined]
                await pilot.pause(0.02)
            await pilot.press("i")
            await pilot.pause(0.05)
            strips = app.screen._compositor.render_strips()
            return "\n".join("".join(segment.text for segment in strip) for strip in strips)

    return asyncio.run(scenario())


@pytest.fixture(autouse=True)
def _fixed_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("orun_cockpit.commands.options", "orun_cockpit.stream", "orun_cockpit.bridge"):
        monkeypatch.setattr(f"{module}.utc_now", lambda: NOW)


@pytest.mark.parametrize("name", [name for name in STATES if name != "wide-text"])
def test_every_surface_shows_the_same(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    state = STATES[name]
    expected = read_view(run_view(state, NOW))
    desk = Desk(MemoryStore(state), {"NO_COLOR": "1"})

    monkeypatch.setenv("LINES", "400")
    monkeypatch.setenv("COLUMNS", "200")
    frame = CliRunner().invoke(status, [], obj=desk)
    document = CliRunner().invoke(status, ["--json"], obj=desk)

    assert read_text(frame.output) == expected
    assert read_json(document.output) == expected
    assert read_text(drawn_by_display(state)) == expected
    assert read_text(drawn_by_watch(state)) == expected
    assert read_text(drawn_by_tui(state, tmp_path)) == expected
    assert read_text(left_by_tui(state)) == expected
    assert read_text(drawn_by_report(state)) == expected


@pytest.mark.parametrize("name", STATES)
def test_a_list_of_runs_says_of_a_run_what_its_frame_says(name: str) -> None:
    run = run_view(STATES[name], NOW)
    (row,) = run_list([summary(STATES[name])], NOW).runs

    assert (row.exec_id, row.plan, row.mark, row.state, row.live) == (
        run.exec_id, run.plan, run.mark, run.state, run.live
    )  # fmt: skip
    assert (row.ended, row.failed, row.total) == (run.counts.ended, run.counts.failed, run.counts.total)
    assert (row.duration, row.age) == (run.duration, run.age)
