"""The table of actions: each key has a method, a binding, a line in the help and an entry in the palette."""

from __future__ import annotations

from collections import Counter

import pytest
from click.testing import CliRunner
from cockpit_driver import cockpit, desk, drive
from orun_cockpit.style import Theme
from orun_cockpit.tui.actions import ACTIONS, SURFACES, Place, action, actions
from orun_cockpit.tui.activity import ActivitySurface
from orun_cockpit.tui.app import Cockpit
from orun_cockpit.tui.components import ComponentSurface
from orun_cockpit.tui.dialogs import Reading
from orun_cockpit.tui.history import HistorySurface
from orun_cockpit.tui.logs import LogSurface
from orun_cockpit.tui.reference import help_texts
from orun_cockpit.tui.studio import PlanSurface
from orun_core.cli.main import orun
from orun_core.cli.report import Reporter
from textual.command import CommandPalette

OWNERS = {
    owner.place: owner for owner in (ComponentSurface, PlanSurface, ActivitySurface, LogSurface, HistorySurface)
} | {Place.EVERYWHERE: Cockpit}


@pytest.mark.parametrize("each", ACTIONS, ids=lambda each: each.id)
def test_each_action_is_bound_to_a_method(each):
    owner = OWNERS[each.place]
    if each.key != "enter":
        assert callable(getattr(owner, f"action_{each.do}"))
        assert {(bound.key, bound.action, bound.id) for bound in owner.BINDINGS} >= {(each.key, each.do, each.id)}
    assert each.help.endswith(".")


def test_no_key_means_two_things_at_once():
    for place in SURFACES:
        keys = Counter(each.key for each in (*actions(place), *actions(Place.EVERYWHERE)))
        assert not [key for key, times in keys.items() if times > 1]


def test_the_help_lists_every_key_those_of_the_surface_first():
    texts = [text.plain for text in help_texts(Place.LOGS, {}, Theme())]
    assert len(texts) == len(ACTIONS)
    for each in ACTIONS:
        assert any(each.label({}) in text and each.help in text and each.command in text for text in texts)
    assert texts[0].split()[:2] == ["f", "logs"]


@pytest.mark.parametrize("command", sorted({each.command for each in ACTIONS} - {"", "{plan}"}))
def test_the_commands_behind_actions_exist(command):
    _, name, *_ = command.format(scope="", **dict.fromkeys(("run", "job", "plan", "component"), "NAME")).split()
    assert CliRunner().invoke(orun, [name, "--help"], obj=Reporter(color=False)).exit_code == 0


def test_an_action_is_found_by_its_place_and_name():
    assert action(Place.LOGS, "errors").key == "e"
    with pytest.raises(KeyError, match=r"logs\.nothing"):
        action(Place.LOGS, "nothing")


def test_what_works_everywhere_works(tmp_path):
    made = desk(tmp_path)

    async def scenario():
        async with cockpit(made) as at:
            for key, place in zip("12345", SURFACES, strict=True):
                await at.press(key)
                assert at.app.here is place
            await at.press("escape")
            assert at.app.here is Place.LOGS
            await at.press("1")
            await at.shows("2 environments")
            await at.press("b")
            await at.until(lambda: "2 environments" not in at.screen)
            await at.press("b", "dollar_sign")
            await at.shows("orun get runs")
            await at.press("escape", "question_mark")
            assert isinstance(at.app.screen, Reading)
            await at.press(*"searched")
            await at.shows("Go to the next line that was searched for.")
            assert "Start over" not in at.screen
            await at.press("escape")
            catalogue = at.components.catalogue
            await at.press("ctrl+r")
            await at.until(lambda: at.components.catalogue is not catalogue)

    drive(scenario)


def test_the_palette_does_what_the_key_does(tmp_path):
    made = desk(tmp_path)

    async def scenario():
        async with cockpit(made) as at:
            await at.press("colon")
            await at.until(lambda: isinstance(at.app.screen, CommandPalette))
            await at.press(*"history")
            await at.shows("everywhere: History (5)")
            await at.press("down", "enter")
            await at.until(lambda: at.app.here is Place.HISTORY)

    drive(scenario)


def test_the_mouse_works(tmp_path):
    made = desk(tmp_path)

    async def scenario():
        async with cockpit(made) as at:
            for name, place in (("2 Plan", Place.PLAN), ("1 Components", Place.COMPONENTS)):
                await at.pilot.click("#head", offset=(at.screen.splitlines()[0].index(name), 0))
                await at.until(lambda place=place: at.app.here is place)
            await at.pilot.click("#hints", offset=(at.screen.splitlines()[-1].index("? Help"), 0))
            await at.until(lambda: isinstance(at.app.screen, Reading))
            await at.press("escape")
            await at.pilot.click("#components-grid", offset=(4, 2))
            await at.until(lambda: at.components.selected.name == "broken")

    drive(scenario)
