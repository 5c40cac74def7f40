"""A small project with the real shell backend, and a cockpit that is driven by keys."""

from __future__ import annotations

import asyncio
import os
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from orun_cockpit.bridge import Bridge
from orun_cockpit.tui.activity import ActivitySurface
from orun_cockpit.tui.app import Cockpit
from orun_cockpit.tui.components import ComponentSurface
from orun_cockpit.tui.keyed_table import KeyedTable
from orun_cockpit.tui.keyed_tree import KeyedTree
from orun_cockpit.tui.log_pane import LogPane
from orun_cockpit.tui.logs import LogSurface
from orun_cockpit.tui.studio import PlanSurface
from orun_core.cli.main import discover
from orun_core.cli.report import Reporter
from orun_core.host import Host
from textual.widgets import Static

SLOW = "for n in $(seq 11); do echo tick $n; done; until test -e ROOT/go; do sleep 0.05; done; echo tick 12"
"""It goes on once there is a file `go` beside the intent."""
INTENT = """\
metadata: {name: shop}
compositions: {sources: [{name: local, kind: dir, path: ./stack}]}
automation: {triggerBindings: {nightly: {on: {provider: github, event: schedule}}}}
environments: {dev: {}, prod: {}}
components:
  - {name: api, type: svc, subscribe: {environments: [dev, prod]}}
  - {name: web, type: svc, subscribe: {environments: [dev]}, dependsOn: [{component: api}]}
  - {name: slow, type: slow, subscribe: {environments: [dev]}}
  - {name: broken, type: broken, subscribe: {environments: [dev]}}
"""
STEPS = {
    "svc": "[{name: build, run: 'echo building; echo built'}, {name: check, run: echo checked}]",
    "slow": f"[{{name: talk, run: '{SLOW}'}}, {{name: after, run: echo after}}]",
    "broken": "[{name: fall, run: 'echo before; echo error one thing is wrong; exit 3'}]",
}


def write_project(root: Path) -> None:
    """Four components: quick ones, one that talks until it is told to go on, one that fails."""
    for name, steps in STEPS.items():
        folder = root / "stack/compositions" / name
        folder.mkdir(parents=True)
        (folder / "composition.yaml").write_text(
            f"kind: Composition\nmetadata: {{name: {name}}}\nspec:\n  type: {name}\n  defaultJob: deploy\n"
            f"  parameterSchema: {{type: object}}\n  jobs:\n    - {{name: deploy, timeout: 5m, steps: {steps}}}\n".replace(
                "ROOT", str(root)
            )
        )
    (root / "stack/stack.yaml").write_text("kind: Stack\nmetadata: {name: local}\n")
    (root / "intent.yaml").write_text(INTENT)


@dataclass
class Desk:
    """The project and its host."""

    root: Path
    host: Host

    def again(self) -> Desk:
        """The same project for another process, which has read nothing of it."""
        return Desk(self.root, _host(self.root, self.host.environ))

    def go(self) -> None:
        """Let the slow component go on."""
        (self.root / "go").touch()

    def plan(self, *components: str):
        """Compile and store a plan of dev."""
        from orun_core.spec.stages import Request

        compiled = self.host.compile(Request(environments=("dev",), components=components))
        self.host.save(compiled)
        return compiled.plan

    def ran(self, *components: str) -> str:
        """Run a plan of these components to its end; returns the execution id."""
        exec_id = self.host.run(self.plan(*components))
        for _ in self.host.store.watch():
            if any(run.exec_id == exec_id and not run.alive for run in self.host.store.runs()):
                return exec_id
        raise AssertionError


def desk(root: Path, **environ: str) -> Desk:
    """A project below a folder, with a home of its own."""
    write_project(root)
    home = {"HOME": str(root / "home"), "ORUN_CACHE_DIR": str(root / "cache"), "TERM": "xterm-256color"}
    variables = {"PATH": os.environ["PATH"], **home, **environ}
    return Desk(root, _host(root, variables))


def _host(root: Path, variables) -> Host:
    return Host(discover(variables), variables, Reporter(color=False), given_intent=root / "intent.yaml")


class Driver:
    """Presses keys, waits for what they bring, reads what is shown."""

    def __init__(self, app: Cockpit, pilot) -> None:
        self.app = app
        self.pilot = pilot

    async def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            await self.pilot.press(key)
            await self.pilot.pause()

    async def until(self, happened, what: str = "") -> None:
        """Wait until something is true."""
        end = time.monotonic() + 40
        while not happened():
            assert time.monotonic() < end, f"{what or happened} did not happen\n{self.screen}"
            await self.pilot.pause(0.02)
        await self.pilot.pause()

    async def shows(self, text: str) -> None:
        """Wait until a text stands on the screen."""
        await self.until(lambda: text in self.screen, repr(text))

    @property
    def screen(self) -> str:
        """Every character of the screen."""
        compositor = self.app.screen._compositor
        return "\n".join("".join(segment.text for segment in line).rstrip() for line in compositor.render_strips())

    @property
    def components(self) -> ComponentSurface:
        return self.app.query_one(ComponentSurface)

    @property
    def studio(self) -> PlanSurface:
        return self.app.query_one(PlanSurface)

    @property
    def activity(self) -> ActivitySurface:
        return self.app.query_one(ActivitySurface)

    @property
    def logs(self) -> LogSurface:
        return self.app.query_one(LogSurface)

    @property
    def lines(self) -> list[str]:
        """The lines of the log."""
        return list(self.app.query_one(LogPane).lines)

    @property
    def dialog(self) -> str:
        """The texts of the dialog above."""
        return "\n".join(str(one.render()) for one in self.app.screen.query(Static))

    def grid(self, name: str) -> KeyedTable:
        """A table of rows."""
        return self.app.query_one(f"#{name}", KeyedTable)

    def tree(self, name: str) -> KeyedTree:
        """A tree of nodes."""
        return self.app.query_one(f"#{name}", KeyedTree)


@asynccontextmanager
async def cockpit(made: Desk, size: tuple[int, int] = (120, 40)):
    """The cockpit of a project, its intent compiled."""
    app = Cockpit(Bridge(made.host))
    async with app.run_test(size=size, notifications=True) as pilot:
        driver = Driver(app, pilot)
        await driver.until(lambda: driver.components.catalogue is not None, "the intent is compiled")
        yield driver


def drive(scenario) -> None:
    """Run a scenario to its end."""
    asyncio.run(scenario())
