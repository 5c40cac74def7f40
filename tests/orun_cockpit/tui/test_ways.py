"""Ways through the cockpit: rows, what went wrong, hints, reports, and out again."""

from __future__ import annotations

import pytest
from cockpit_driver import cockpit, desk, drive
from orun_cockpit.tui.dialogs import Confirm
from orun_cockpit.view import Mark
from textual.events import Key
from textual.widgets import Input


def hints(at) -> str:
    """The last line of the screen."""
    return at.screen.splitlines()[-1]


async def opened(at, exec_id):
    """Open a run in Activity."""
    await at.press("3")
    await at.until(lambda: exec_id in at.grid("run-grid")._keys)
    at.grid("run-grid").select(exec_id)
    await at.pilot.pause()
    await at.press("enter")
    await at.until(lambda: at.activity.inside and at.activity.run.exec_id == exec_id)


def test_letters_move_as_arrows_do(tmp_path):
    made = desk(tmp_path)

    async def scenario():
        async with cockpit(made) as at:
            first = at.components.selected.name
            await at.press("j", "j")
            assert at.grid("components-grid").cursor_row == 2
            await at.press("k", "k")
            assert at.components.selected.name == first

    drive(scenario)


def test_what_went_wrong_is_a_key_away(tmp_path):
    made = desk(tmp_path)
    made.ran("api")
    broken = made.ran("broken", "web", "api")
    made.ran("api")

    async def scenario():
        async with cockpit(made) as at:
            await at.press("3")
            await at.until(lambda: at.grid("run-grid").row_count == 3)
            await at.press("e")
            assert at.grid("run-grid").selected == broken
            await at.press("enter")
            await at.until(lambda: at.activity.inside)
            tree = at.tree("run-tree")
            await at.until(lambda: tree.selected == "broken.dev.deploy", "the job that went wrong is selected")
            await at.shows("command exited with code 3")
            await at.press("home", "e")
            await at.until(lambda: tree.selected == "broken.dev.deploy")
            await at.press("escape", "escape")

    drive(scenario)


def test_nothing_went_wrong_is_said(tmp_path):
    made = desk(tmp_path)
    exec_id = made.ran("api")

    async def scenario():
        async with cockpit(made) as at:
            await opened(at, exec_id)
            await at.press("e")
            await at.shows("Nothing went wrong.")

    drive(scenario)


def test_jobs_of_a_run_are_found(tmp_path):
    made = desk(tmp_path)
    exec_id = made.ran("broken", "web", "api")

    async def scenario():
        async with cockpit(made) as at:
            await opened(at, exec_id)
            await at.press("slash", *"web")
            await at.until(lambda: groups(at) == ["web"])
            await at.press("enter", "escape")
            await at.until(lambda: len(groups(at)) == 3)
            assert at.activity.inside
            await at.press("slash", *"exited", "enter")
            await at.until(lambda: groups(at) == ["broken"])

    def groups(at):
        return [node.data.strip() for node in at.tree("run-tree").root.children]

    drive(scenario)


def test_names_are_copied(tmp_path):
    made = desk(tmp_path)
    exec_id = made.ran("api")

    async def scenario():
        async with cockpit(made) as at:
            await at.press("down", "y")
            assert at.app.clipboard == "broken"
            await at.press("5")
            await at.until(lambda: at.grid("history-grid").row_count == 1)
            await at.press("y")
            assert at.app.clipboard == exec_id
            await opened(at, exec_id)
            await at.press("down", "y")
            assert at.app.clipboard == "api.dev.deploy"

    drive(scenario)


def test_who_types_fast_finds_too(tmp_path):
    made = desk(tmp_path)
    exec_id = made.ran("broken", "web", "api")

    async def scenario():
        async with cockpit(made) as at:
            await opened(at, exec_id)
            for key in ("slash", "w", "e", "b", "x"):
                at.app.post_message(Key(key, "/" if key == "slash" else key))
            await at.until(lambda: at.activity.query_one(Input).value == "webx")
            assert at.app.screen is at.app.screen_stack[0]
            assert at.app.commands[-1].startswith("orun status")

    drive(scenario)


def test_while_somebody_types_letters_are_no_keys_and_no_hints(tmp_path):
    made = desk(tmp_path)

    async def scenario():
        async with cockpit(made) as at:
            await at.until(lambda: "g Compose" in hints(at))
            await at.press("slash")
            await at.until(lambda: hints(at) == " enter Keep  esc End")
            await at.press(*"web")
            assert hints(at) == " enter Keep  esc End"
            await at.press("enter")
            await at.until(lambda: "g Compose" in hints(at) and "End" not in hints(at))

    drive(scenario)


def test_hints_are_what_can_be_done_now(tmp_path):
    made = desk(tmp_path)
    good, bad = made.ran("api"), made.ran("broken")

    async def scenario():
        async with cockpit(made) as at:
            assert "g Compose" in hints(at)
            await at.press("slash", *"nothing", "enter")
            await at.until(lambda: "Compose" not in hints(at))
            await at.press("escape")
            await opened(at, bad)
            await at.until(lambda: "u Resume" in hints(at) and "v Graph" in hints(at))
            assert "Cancel" not in hints(at)
            await at.press("escape")
            await at.until(lambda: "Graph" not in hints(at))
            await opened(at, good)
            await at.until(lambda: "Resume" not in hints(at))
            assert "l Logs" in hints(at)

    drive(scenario)


@pytest.mark.parametrize("keys", [("3",), ("4",), ("5",)])
def test_a_run_is_written_as_a_page(tmp_path, monkeypatch, keys):
    made = desk(tmp_path)
    exec_id = made.ran("api")
    monkeypatch.chdir(tmp_path)

    async def scenario():
        async with cockpit(made) as at:
            await at.press(*keys)
            await at.until(lambda: at.app.run_at_hand or at.app.run_list.runs)
            await at.press("w")
            await at.until(lambda: (tmp_path / f"{exec_id}.html").exists())
            assert f"orun report {exec_id}" in at.app.commands
            await at.shows("Wrote")

    drive(scenario)
    assert "echo" not in (tmp_path / f"{exec_id}.html").read_text()
    assert "building" in (tmp_path / f"{exec_id}.html").read_text()


def test_a_page_that_cannot_be_written_is_no_end(tmp_path, monkeypatch):
    made = desk(tmp_path)
    exec_id = made.ran("api")
    (tmp_path / f"{exec_id}.html").mkdir()
    monkeypatch.chdir(tmp_path)

    async def scenario():
        async with cockpit(made) as at:
            await opened(at, exec_id)
            await at.press("w")
            await at.shows("Could not write the report")

    drive(scenario)


def test_a_run_that_cannot_be_read_is_said_once(tmp_path):
    made = desk(tmp_path)
    exec_id = made.ran("api")
    folder = tmp_path / ".orun/runs" / exec_id
    lines = (folder / "events.ndjson").read_bytes().splitlines(keepends=True)
    (folder / "events.ndjson").write_bytes(b"".join([*lines[:3], b"garbage\n", *lines[3:]]))

    async def scenario():
        async with cockpit(made.again()) as at:
            assert at.components.catalogue.components.components[0].last_run is None
            await at.press("3")
            await at.until(lambda: at.grid("run-grid").row_count == 1)
            await at.shows(f"Could not read {exec_id}")
            await at.shows("fsck")
            assert at.app.is_running

    drive(scenario)


@pytest.mark.parametrize("key", ["q", "ctrl+c", "ctrl+q"])
def test_every_way_out_asks_while_a_run_is_live(tmp_path, key):
    made = desk(tmp_path)

    async def scenario():
        async with cockpit(made) as at:
            at.app.started.add("somewhere")
            await at.press(key)
            assert isinstance(at.app.screen, Confirm)
            await at.press("escape")
            at.app.started.clear()
            await at.press(key)
            await at.until(lambda: at.app._exit)

    drive(scenario)


def test_what_was_looked_at_is_left_behind(tmp_path):
    made = desk(tmp_path)
    seen, started = made.ran("broken"), made.ran("api")

    async def scenario():
        async with cockpit(made) as at:
            assert at.app.left_behind() == ()
            at.app.started.add(started)
            await opened(at, seen)
            assert [(run.exec_id, run.mark) for run in at.app.left_behind()] == [
                (started, Mark.SUCCEEDED),
                (seen, Mark.FAILED),
            ]

    drive(scenario)


def test_a_crash_is_left_to_the_command(tmp_path):
    made = desk(tmp_path)
    error = ZeroDivisionError("a bug")

    async def scenario():
        async with cockpit(made) as at:
            at.app._handle_exception(error)
            await at.until(lambda: at.app._exit)
            assert at.app.crash is error
            assert at.app.return_code == 1
            assert not at.app._exit_renderables

    with pytest.raises(ZeroDivisionError):
        drive(scenario)
