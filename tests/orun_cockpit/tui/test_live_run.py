"""A run that is started, followed, searched, cancelled and left from the cockpit, with the real shell backend."""

from __future__ import annotations

import pytest
from cockpit_driver import cockpit, desk, drive
from orun_cockpit.tui.actions import Place
from orun_cockpit.tui.dialogs import Confirm
from orun_cockpit.tui.log_pane import LogPane
from orun_core.spec.run import Status


async def started(at, component="slow"):
    """Run a component from the components surface; returns the execution id once it is shown."""
    names = [one.name for one in at.components._shown()]
    await at.press(*["down"] * names.index(component), "r")
    await at.until(lambda: isinstance(at.app.screen, Confirm), "the question")
    await at.press("y")
    await at.until(lambda: at.app.started, "the run started")
    await at.until(lambda: at.activity.inside and at.app.here is Place.ACTIVITY)
    return next(iter(at.app.started))


def test_lines_are_seen_as_they_come(tmp_path):
    made = desk(tmp_path)

    async def scenario():
        async with cockpit(made) as at:
            exec_id = await started(at)
            assert at.app.commands[-1].startswith(("orun run sha256-", "orun status"))
            await at.press("l")
            await at.until(lambda: "tick 2" in at.lines, "the second line")
            assert "tick 12" not in at.lines
            await at.shows("1 running")
            assert made.host.store.run(exec_id).alive
            await at.shows("live")
            made.go()
            await at.until(lambda: "after" in at.lines, "the last line")
            assert [line for line in at.lines if line.startswith("tick")] == [f"tick {n}" for n in range(1, 13)]
            await at.shows("✓ 1 succeeded")
            await at.shows("ended")

    drive(scenario)


def test_a_run_is_cancelled_once_confirmed(tmp_path):
    made = desk(tmp_path)

    async def scenario():
        async with cockpit(made) as at:
            exec_id = await started(at)
            await at.press("x")
            assert exec_id in at.dialog
            await at.press("n")
            assert made.host.store.run(exec_id).alive
            await at.press("x", "y")
            await at.until(lambda: made.host.store.run(exec_id).status is Status.CANCELLED)
            await at.shows("cancelled")
            assert f"orun stop {exec_id}" in at.app.commands

    drive(scenario)


@pytest.mark.parametrize(("answer", "status"), [("d", Status.SUCCEEDED), ("c", Status.CANCELLED)])
def test_leaving_while_a_run_is_live_asks(tmp_path, answer, status):
    made = desk(tmp_path)

    async def scenario():
        async with cockpit(made) as at:
            await started(at)
            await at.until(lambda: at.app.own_live)
            await at.press("q")
            assert "1 run started here is live." in at.dialog
            await at.press("escape")
            assert at.app.is_running
            await at.press("q", answer)
            await at.until(lambda: not at.app.is_running or at.app._exit)

    drive(scenario)
    made.go()
    exec_id = made.host.store.runs()[0].exec_id
    for _ in made.host.store.watch(exec_id):
        if made.host.store.run(exec_id).status.ended:
            break
    assert made.host.store.run(exec_id).status is status


def test_leaving_without_a_live_run_does_not_ask(tmp_path):
    made = desk(tmp_path)

    async def scenario():
        async with cockpit(made) as at:
            await at.press("q")
            await at.until(lambda: at.app._exit)

    drive(scenario)


def test_logs_are_searched_filtered_paged_and_copied(tmp_path):
    made = desk(tmp_path)
    made.go()
    exec_id = made.ran("broken", "slow", "api")

    async def scenario():
        async with cockpit(made, (80, 24)) as at:
            await at.press("4")
            await at.until(lambda: "tick 12" in at.lines)
            await at.press("e")
            assert [line for line in at.lines if not line.startswith("──")] == ["error one thing is wrong"]
            await at.press("e", "slash", *"tick")
            await at.shows("12/12 matches")
            await at.press("enter", "n")
            await at.shows("1/12 matches")
            await at.press("N")
            await at.shows("12/12 matches")
            await at.press("escape")
            assert not at.app.query_one(LogPane).wanted
            await at.press("right_square_bracket")
            await at.until(lambda: at.logs.window.scope.step)
            await at.until(lambda: at.lines)
            assert len({line for line in at.lines if line.startswith("──")}) == 1
            await at.press("left_square_bracket")
            await at.until(lambda: not at.logs.window.scope.step)
            await at.until(lambda: "tick 12" in at.lines)
            await at.press("y")
            assert "tick 7" in at.app.clipboard
            await at.press("o")
            await at.shows("That is the first line.")
            await at.press("right_square_bracket", "a")
            assert at.logs.window.scope.exec_id == exec_id

    drive(scenario)


def test_following_stops_and_goes_on(tmp_path):
    made = desk(tmp_path)
    made.ran("api")

    async def scenario():
        async with cockpit(made) as at:
            await at.press("4")
            await at.until(lambda: at.lines)
            log = at.app.query_one(LogPane)
            assert log.follow
            await at.press("f")
            assert not log.follow
            await at.press("f")
            assert log.follow

    drive(scenario)


def test_who_scrolls_back_reads_and_who_comes_to_the_end_follows(tmp_path):
    made = desk(tmp_path)

    async def scenario():
        async with cockpit(made, (80, 16)) as at:
            await started(at)
            await at.press("l")
            await at.until(lambda: "tick 11" in at.lines)
            await at.shows("live")
            await at.press("up")
            await at.shows("paused")
            made.go()
            await at.until(lambda: "after" in at.lines)
            assert not at.app.query_one(LogPane).is_vertical_scroll_end
            await at.press("g")
            assert at.app.query_one(LogPane).scroll_offset.y == 0
            await at.press("G")
            assert at.app.query_one(LogPane).is_vertical_scroll_end
            assert at.app.query_one(LogPane).follow

    drive(scenario)


def test_blank_lines_and_lines_that_are_wide_are_kept(tmp_path):
    made = desk(tmp_path)
    stack = tmp_path / "stack/compositions/svc/composition.yaml"
    stack.write_text(stack.read_text().replace("echo building; echo built", "echo one; echo; echo; echo 表 two"))
    made.ran("api")

    async def scenario():
        async with cockpit(made) as at:
            await at.press("4")
            await at.until(lambda: "checked" in at.lines)
            assert at.lines[1:5] == ["one", "", "", "表 two"]
            await at.shows("表 two")

    drive(scenario)


def test_a_long_log_is_read_from_its_end_and_paged_back(tmp_path):
    made = desk(tmp_path)
    stack = tmp_path / "stack/compositions/svc/composition.yaml"
    stack.write_text(stack.read_text().replace("echo building; echo built", "seq 1 5000"))
    made.ran("api")

    async def scenario():
        async with cockpit(made) as at:
            await at.press("4")
            await at.until(lambda: "checked" in at.lines)
            assert "4500" in at.lines
            assert "100" not in at.lines
            await at.press("o")
            await at.until(lambda: "3500" in at.lines, "the page before")
            for _ in range(4):
                before = len(at.lines)
                await at.press("o")
                await at.until(lambda: len(at.lines) > before or at.logs.window.at_start)  # noqa: B023
            assert [line for line in at.lines if line.isdigit()] == [str(n) for n in range(1, 5001)]

    drive(scenario)


def test_the_pager_gets_the_whole_log(tmp_path, monkeypatch):
    made = desk(tmp_path, PAGER=f"cp -t {tmp_path}/home")
    (tmp_path / "home").mkdir()
    made.ran("api")

    async def scenario():
        async with cockpit(made) as at:
            await at.press("4")
            await at.until(lambda: "checked" in at.lines)
            from contextlib import nullcontext

            monkeypatch.setattr(at.app, "suspend", nullcontext)
            await at.press("p")
            await at.shows("--raw")
            await at.until(lambda: [file.read_text() for file in copies()] == ["building\nbuilt\nchecked\n"])

    def copies():
        return (tmp_path / "home").glob("*.log")

    drive(scenario)
