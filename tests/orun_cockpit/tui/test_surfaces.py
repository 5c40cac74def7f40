"""Every surface, driven by keys, at several sizes: what is shown is what the project and its runs are."""

from __future__ import annotations

import pytest
from cockpit_driver import INTENT, cockpit, desk, drive
from orun_cockpit.tui.actions import Place

SIZES = [(60, 20), (80, 24), (120, 40)]


@pytest.mark.parametrize("size", SIZES)
def test_every_surface_is_drawn_at_every_size(tmp_path, size):
    made = desk(tmp_path)
    made.ran("api")

    async def scenario():
        async with cockpit(made, size) as at:
            await at.shows("slow")
            assert all(name in at.screen for name in ("Components", "Plan", "Activity", "Logs", "History"))
            await at.press("2")
            await at.shows("press g to compile this draft")
            await at.press("3")
            await at.shows("1/1")
            await at.press("4")
            await at.until(lambda: "building" in at.lines)
            await at.shows("checked")
            await at.press("5")
            await at.shows("1 run")
            assert max(len(line) for line in at.screen.splitlines()) <= size[0]
            assert len(at.screen.splitlines()) == size[1]

    drive(scenario)


def test_the_inspector_stands_beside_or_covers(tmp_path):
    made = desk(tmp_path)

    async def beside():
        async with cockpit(made, (120, 40)) as at:
            await at.shows("Enabled")
            await at.press("i")
            assert "Enabled" not in at.screen
            await at.press("i")
            await at.shows("Enabled")

    async def covering():
        async with cockpit(made, (80, 24)) as at:
            await at.shows("broken")
            assert "Enabled" not in at.screen
            await at.press("enter")
            await at.shows("Enabled")
            assert "COMPONENT" not in at.screen
            await at.press("escape")
            await at.shows("COMPONENT")

    drive(beside)
    drive(covering)


def test_components_are_found_and_composed(tmp_path):
    made = desk(tmp_path)

    async def scenario():
        async with cockpit(made) as at:
            await at.press("slash", "w", "e", "b", "enter")
            assert [one.name for one in at.components._shown()] == ["web"]
            await at.press("g")
            await at.until(lambda: at.studio.plan is not None)
            assert at.app.here is Place.PLAN
            assert at.studio.draft.components == ("web",)
            await at.press("escape", "escape")
            assert at.app.here is Place.COMPONENTS
            await at.shows("api")

    drive(scenario)


def test_what_changed_is_asked_for_on_demand(tmp_path):
    made = desk(tmp_path)

    async def scenario():
        async with cockpit(made) as at:
            assert all(one.changed is None for one in at.components.catalogue.components.components)
            await at.press("c")
            await at.until(lambda: not at.components._busy, "the change detection answered")
            await at.press("c")
            await at.shows("4 components")
            assert at.app.commands[-1] == "orun get components --changed"

    drive(scenario)


def test_the_plan_studio_drills_down_to_the_text_of_a_step(tmp_path):
    made = desk(tmp_path)

    async def scenario():
        async with cockpit(made) as at:
            await at.press("2", "o", "space", "enter")
            assert at.studio.draft.components == ("api",)
            await at.press("e", "space", "enter")
            assert at.studio.draft.environments == ("dev",)
            await at.press("g")
            await at.until(lambda: at.studio.plan is not None)
            assert [job.id for job in at.studio.plan.jobs] == ["api.dev.deploy"]
            assert made.host.store.plans()[0][0] == at.studio.plan.checksum
            assert at.app.commands[-1] == "orun plan --component api --env dev"
            await at.press("down", "enter", "down")
            await at.press("enter")
            await at.shows("echo building; echo built")
            await at.press("d")
            await at.shows("Preview, nothing ran")
            assert not made.host.store.runs()
            await at.press("escape", "t")
            await at.shows("nightly")
            await at.press("down", "enter")
            assert at.studio.draft.trigger == "nightly"
            await at.press("c")
            await at.shows("only what changed")
            await at.press("x")
            assert at.studio.draft.command == "orun plan"

    drive(scenario)


def test_a_project_that_does_not_compile_says_why(tmp_path):
    made = desk(tmp_path)
    (tmp_path / "intent.yaml").write_text("metadata: {name: shop}\ncomponents: [{name: a, type: nope}]\n")

    async def scenario():
        from cockpit_driver import Driver
        from orun_cockpit.bridge import Bridge
        from orun_cockpit.tui.app import Cockpit

        app = Cockpit(Bridge(made.host))
        async with app.run_test(size=(120, 40), notifications=True) as pilot:
            at = Driver(app, pilot)
            await at.shows("the intent does not compile")
            await at.shows("intent.yaml:1:1 [load/no-compositions]")
            await at.shows("q Quit")
            (tmp_path / "intent.yaml").write_text(INTENT)
            await at.press("ctrl+r")
            await at.shows("4 components")
            assert "no-compositions" not in at.screen

    drive(scenario)


def test_a_failed_run_is_read_as_list_and_graph(tmp_path):
    made = desk(tmp_path)
    exec_id = made.ran("broken", "web", "api")

    async def scenario():
        async with cockpit(made) as at:
            await at.press("3")
            await at.until(lambda: at.grid("run-grid").selected == exec_id)
            await at.press("enter")
            await at.until(lambda: at.activity.inside)
            await at.shows("✗ deploy failed")
            await at.press("v")
            await at.until(lambda: at.app.kept.graph)
            roots = [node.data for node in at.tree("run-tree").root.children]
            assert roots == ["api.dev.deploy", "broken.dev.deploy"]
            assert [node.data for node in at.tree("run-tree").root.children[0].children] == ["web.dev.deploy"]
            await at.press("v", "escape")
            assert not at.activity.inside

    drive(scenario)


def test_a_run_that_went_wrong_is_resumed_from_history(tmp_path):
    made = desk(tmp_path)
    exec_id = made.ran("broken")

    async def scenario():
        async with cockpit(made) as at:
            await at.press("5")
            await at.until(lambda: at.grid("history-grid").selected == exec_id)
            await at.until(lambda: at.app.run_at_hand is not None)
            await at.press("u")
            await at.until(lambda: at.app.started == {exec_id})
            assert f"orun run --resume {exec_id}" in at.app.commands
            await at.until(lambda: at.activity.run is not None)
            await at.until(lambda: at.activity.run.jobs[0].attempt == 2 and not at.activity.run.live)

    drive(scenario)


def test_history_is_filtered(tmp_path):
    made = desk(tmp_path)
    made.ran("api")

    async def scenario():
        async with cockpit(made) as at:
            await at.press("5")
            await at.until(lambda: at.grid("history-grid").row_count == 1)
            await at.press("slash", "z", "z")
            assert at.grid("history-grid").row_count == 0
            await at.press("escape")
            assert at.grid("history-grid").row_count == 1

    drive(scenario)
