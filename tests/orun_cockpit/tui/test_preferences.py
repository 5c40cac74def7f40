"""Preferences stay between two openings; a theme file changes the cockpit."""

from __future__ import annotations

import json

import pytest
from cockpit_driver import cockpit, desk, drive
from orun_cockpit.tui.actions import Place
from orun_cockpit.tui.preferences import Preferences, load, preferences_path, save


def test_they_are_written_and_read_whole(tmp_path):
    path = preferences_path({"HOME": str(tmp_path)})
    assert path == tmp_path / ".config/orun/tui.json"
    save(Preferences(surface="logs", environments=["dev"], keys={"logs.errors": "z"}), path)
    assert load(path) == Preferences(surface="logs", environments=["dev"], keys={"logs.errors": "z"})
    assert [entry.name for entry in path.parent.iterdir()] == ["tui.json"]


@pytest.mark.parametrize(
    "kept", ["", "[]", "nothing", '{"surface": 3, "band": "no", "unknown": 1}', '{"keys": {"a": 1}}']
)
def test_what_does_not_fit_is_left_out(tmp_path, kept):
    path = tmp_path / "tui.json"
    path.write_text(kept)
    assert load(path) == Preferences()


def test_the_cockpit_opens_as_it_was_left(tmp_path):
    made = desk(tmp_path)

    async def first():
        async with cockpit(made) as at:
            await at.press("2", "i", "b", "e", "space", "enter")

    async def second():
        async with cockpit(made) as at:
            assert at.app.here is Place.PLAN
            assert at.studio.draft.environments == ("dev",)
            assert not at.app.query_one("#inspector").display
            assert not at.app.query_one("#band").display

    drive(first)
    assert json.loads((tmp_path / "home/.config/orun/tui.json").read_text())["surface"] == "plan"
    drive(second)


def test_keys_can_be_changed(tmp_path):
    made = desk(tmp_path)
    save(Preferences(keys={"everywhere.history": "h"}), tmp_path / "home/.config/orun/tui.json")

    async def scenario():
        async with cockpit(made) as at:
            await at.press("h")
            assert at.app.here is Place.HISTORY
            assert "h History" in at.screen
            await at.press("question_mark", *"over")
            await at.shows("h     everywhere  History")

    drive(scenario)


def test_a_theme_file_reskins_the_cockpit(tmp_path):
    made = desk(tmp_path)
    theme = tmp_path / "home/.config/orun/theme.toml"
    theme.parent.mkdir(parents=True)
    theme.write_text('[dark]\nbrand = "#ff8800"\nbackground = "#101010"\n[glyphs]\nbrand = "@"\nsucceeded = "V"\n')
    made.ran("api")

    async def scenario():
        async with cockpit(made) as at:
            assert at.app.current_theme.primary == "#ff8800"
            assert at.app.screen.styles.background.hex == "#101010"
            await at.shows("@ orun")
            await at.shows("V ")
            assert "▲" not in at.screen
            assert "✓" not in at.screen

    drive(scenario)


def test_ascii_is_ascii(tmp_path):
    made = desk(tmp_path, ORUN_ASCII="1")
    made.ran("api")

    async def scenario():
        async with cockpit(made) as at:
            await at.press("3")
            await at.until(lambda: at.grid("run-grid").row_count == 1)
            await at.press("enter")
            await at.until(lambda: at.activity.inside)
            await at.press("down", "enter")
            await at.shows("|- + build")
            assert at.screen.isascii()
            await at.press("question_mark")
            await at.shows("arrows scroll")
            assert at.screen.isascii()
            await at.press("escape", "u", "e")
            await at.shows("Nothing went wrong.")
            assert at.screen.isascii()

    drive(scenario)
