"""The app: five surfaces, the frame around them, and which of them follows which run."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on, work
from textual.containers import Horizontal
from textual.events import DescendantFocus, Key
from textual.scrollbar import ScrollBar
from textual.widgets import ContentSwitcher, Input

from orun_cockpit.bridge import Draft
from orun_cockpit.log_window import Scope
from orun_cockpit.style import theme
from orun_cockpit.tui import messages as told
from orun_cockpit.tui import preferences
from orun_cockpit.tui.actions import Place, action, bindings
from orun_cockpit.tui.activity import ActivitySurface
from orun_cockpit.tui.chrome import Head, Hints, Inspector, LastCommand
from orun_cockpit.tui.components import ComponentSurface
from orun_cockpit.tui.control import RunControl
from orun_cockpit.tui.dialogs import Reading
from orun_cockpit.tui.feed import Feed
from orun_cockpit.tui.frame_text import FrameText
from orun_cockpit.tui.history import HistorySurface
from orun_cockpit.tui.logs import LogSurface
from orun_cockpit.tui.reference import ActionProvider, help_texts
from orun_cockpit.tui.studio import PlanSurface
from orun_cockpit.tui.textual_theme import NAME, scrollbar, textual_theme

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult

    from orun_cockpit.bridge import Bridge
    from orun_cockpit.tui.surface import Surface
    from orun_cockpit.view import RunView

BESIDE = 100
"""From so many columns on, the inspector stands beside the surface; below, it covers it when asked for."""


class Cockpit(RunControl):
    """The cockpit of one workspace."""

    CSS_PATH = "cockpit.tcss"
    TITLE = "orun"
    BINDINGS = bindings(Place.EVERYWHERE)
    COMMANDS: ClassVar = {ActionProvider}
    COMMAND_PALETTE_BINDING = "ctrl+p"

    def __init__(self, bridge: Bridge) -> None:
        super().__init__(bridge, theme(bridge.environ, terminal=True))
        self.animation_level = "none"
        self.kept_at = preferences.preferences_path(bridge.environ)
        self.kept = preferences.load(self.kept_at)
        self.feed = Feed(bridge, self.post_message)
        self.commands: list[str] = []
        self._before: list[Place] = []
        self._entering = ""
        self._covering = False
        self.register_theme(textual_theme(self.look))
        self.theme = NAME
        self.set_keymap(self.keys)
        self.set_class(self.look.ascii, "ascii")
        ScrollBar.renderer = scrollbar(self.look)

    async def on_event(self, event: events.Event) -> None:
        """Text that was typed before the field for it had opened goes there, and is no key of the surface."""
        late = event.character if isinstance(event, Key) and event.is_forwarded and event.is_printable else None
        if late and isinstance(self.focused, Input):
            self.focused.insert_text_at_cursor(late)
        else:
            await super().on_event(event)

    def compose(self) -> ComposeResult:
        """Head, surface and inspector, band, last command, hints."""
        look, bridge = self.look, self.bridge
        yield Head(look, "head")
        with Horizontal(id="body"):
            with ContentSwitcher(initial=self._first.value, id="surfaces"):
                yield ComponentSurface(bridge, look)
                yield PlanSurface(bridge, look, Draft(tuple(self.kept.environments), (), self.kept.trigger))
                yield ActivitySurface(bridge, look, graph=self.kept.graph)
                yield LogSurface(bridge, look)
                yield HistorySurface(bridge, look)
            yield Inspector(look)
        yield FrameText(look, "band")
        yield LastCommand(look, "last")
        yield Hints(look, "hints")

    def on_mount(self) -> None:
        """Show what was shown last, and start to read."""
        self._arrange()
        self.surface.attend()
        self.call_after_refresh(self._follow)

    @property
    def _first(self) -> Place:
        return Place(self.kept.surface) if self.kept.surface in set(Place) - {"everywhere"} else Place.COMPONENTS

    @property
    def keys(self) -> dict[str, str]:
        """Keys that somebody chose, by action."""
        return self.kept.keys

    @property
    def here(self) -> Place:
        """The surface that is shown."""
        return Place(self.query_one("#surfaces", ContentSwitcher).current or Place.COMPONENTS)

    @property
    def surface(self) -> Surface:
        """The widget that is shown."""
        shown: Surface = self.query_one(f"#{self.here.value}")  # type: ignore[assignment]
        return shown

    @work(thread=True, group="feed")
    def _follow(self) -> None:
        self.feed.follow()

    def go(self, place: Place, *, remember: bool = True) -> None:
        """Show a surface."""
        if place is self.here:
            self.surface.attend()
            return
        if remember:
            self._before.append(self.here)
        self.query_one("#surfaces", ContentSwitcher).current = place.value
        self._covering = False
        self.surface.show_runs(self.run_list)
        if self.run_at_hand is not None:
            self.surface.show_run(self.run_at_hand)
        self._arrange()
        self.surface.attend()
        self._keep(surface=place.value)

    def action_components(self) -> None:
        """Show the components."""
        self._ran("components")
        self.go(Place.COMPONENTS)

    def action_plan(self) -> None:
        """Show the plan studio."""
        self.go(Place.PLAN)

    def action_activity(self) -> None:
        """Show runs."""
        self._ran("activity")
        self.go(Place.ACTIVITY)

    def action_logs(self) -> None:
        """Show logs: those of the run at hand when none are shown."""
        logs = self.query_one(LogSurface)
        exec_id = self.feed.exec_id or (self.run_list.runs[0].exec_id if self.run_list.runs else "")
        if exec_id and (logs.window is None or logs.window.scope.exec_id != exec_id):
            self._show_logs(Scope(exec_id))
        else:
            self.go(Place.LOGS)

    def action_history(self) -> None:
        """Show runs that are over."""
        self._ran("history")
        self.go(Place.HISTORY)

    def action_up(self) -> None:
        """Up a level, else to the surface before."""
        if self._covering:
            self._covering = False
            self._arrange()
            self.surface.attend()
        elif not self.surface.back() and self._before:
            self.go(self._before.pop(), remember=False)

    def action_down(self) -> None:
        """As the arrow down."""
        self.simulate_key("down")

    def action_up_a_row(self) -> None:
        """As the arrow up."""
        self.simulate_key("up")

    def action_inspector(self) -> None:
        """Show or hide the inspector."""
        if self.size.width >= BESIDE:
            self._keep(inspector=not self.kept.inspector)
        else:
            self._covering = not self._covering
        self._arrange()

    def action_band(self) -> None:
        """Show or hide the band."""
        self._keep(band=not self.kept.band)
        self._arrange()

    def action_commands(self) -> None:
        """List the commands behind what was done."""
        self.push_screen(Reading("Commands", [Text(each) for each in self.commands or ["Nothing was done yet."]]))

    def action_reload(self) -> None:
        """Compile the intent again."""
        self._ran("reload")
        self.query_one(ComponentSurface).reload()

    def action_help(self) -> None:
        """List all keys."""
        self.push_screen(Reading("Keys", help_texts(self.here, self.keys, self.look), findable=True))

    async def action_perform(self, place: str, do: str) -> None:
        """Do an action of the table, as its key would."""
        target = self if place == Place.EVERYWHERE else self.surface
        if do == "open":
            self.simulate_key("enter")
        else:
            await self.run_action(do, target)

    @on(told.RunsRead)
    def _runs_read(self, message: told.RunsRead) -> None:
        self.run_list = message.runs
        self.surface.show_runs(message.runs)

    @on(told.RunRead)
    def _run_read(self, message: told.RunRead) -> None:
        run = message.run
        if run.exec_id != self.feed.exec_id:
            return
        self.run_at_hand = run
        if self._entering == run.exec_id:
            self._enter(run)
        if self.here is Place.LOGS:
            self.looked_at = run.exec_id
        self.surface.show_run(run)

    def _enter(self, run: RunView) -> None:
        """Show the jobs of a run."""
        self._entering, self.looked_at = "", run.exec_id
        activity = self.query_one(ActivitySurface)
        activity.enter(run)
        if self.here is Place.ACTIVITY:
            activity.attend()

    @on(told.LinesRead)
    def _lines_read(self, message: told.LinesRead) -> None:
        self.query_one(LogSurface).lines_read(message)

    @on(told.Compiled)
    def _compiled(self, message: told.Compiled) -> None:
        self.query_one(PlanSurface).catalogue = message.catalogue

    @on(told.Selected)
    def _selected(self, message: told.Selected) -> None:
        if message.place is self.here:
            self._look_at_selected()
            self._refresh()

    def _look_at_selected(self) -> None:
        """The run under the cursor of a list is the one at hand."""
        activity, history = self.query_one(ActivitySurface), self.query_one(HistorySurface)
        if self.here is Place.ACTIVITY and not activity.inside and not self._entering:
            self.feed.exec_id = activity.exec_id or self.feed.exec_id
        elif self.here is Place.HISTORY and not self._entering:
            self.feed.exec_id = history.exec_id or self.feed.exec_id

    @on(told.RunWanted)
    def _run_wanted(self, message: told.RunWanted) -> None:
        self.feed.exec_id = self._entering = message.exec_id
        self.go(Place.ACTIVITY)
        if self.run_at_hand is not None and self.run_at_hand.exec_id == message.exec_id:
            self._enter(self.run_at_hand)
        else:
            self.feed.tell_again()

    @on(told.LogsWanted)
    def _logs_wanted(self, message: told.LogsWanted) -> None:
        self._show_logs(message.scope)

    def _show_logs(self, scope: Scope) -> None:
        logs = self.query_one(LogSurface)
        self.feed.exec_id = scope.exec_id
        self.feed.window = logs.open(scope)
        self.go(Place.LOGS)

    @on(told.ComposeWanted)
    def _compose_wanted(self, message: told.ComposeWanted) -> None:
        self.go(Place.PLAN)
        self.query_one(PlanSurface).compose_component(message.component, run=message.run)

    @on(told.DraftChanged)
    def _draft_changed(self, message: told.DraftChanged) -> None:
        self._keep(environments=list(message.draft.environments), trigger=message.draft.trigger)

    @on(told.GraphChosen)
    def _graph_chosen(self, message: told.GraphChosen) -> None:
        self._keep(graph=message.graph)

    @on(told.Previewed)
    def _previewed(self, message: told.Previewed) -> None:
        self.push_screen(Reading("Dry run", [Text(message.text)]))

    @on(told.Ran)
    def _has_run(self, message: told.Ran) -> None:
        if not self.commands or self.commands[-1] != message.command:
            self.commands.append(message.command)
        self.query_one(LastCommand).tell(message.command)

    @on(told.InspectorWanted)
    def _inspector_wanted(self) -> None:
        if self.size.width < BESIDE:
            self._covering = True
        elif not self.kept.inspector:
            self._keep(inspector=True)
        self._arrange()
        if self._covering:
            self.screen.set_focus(self.query_one(Inspector))

    def on_resize(self, _: events.Resize) -> None:
        """What stands beside what follows from the width."""
        self.call_after_refresh(self._arrange)

    def _arrange(self) -> None:
        """Show what the width and the preferences allow."""
        beside = self.size.width >= BESIDE
        self.query_one(Inspector).display = (beside and self.kept.inspector) or (not beside and self._covering)
        self.query_one("#surfaces").display = beside or not self._covering
        self.query_one("#band").display = self.kept.band
        self.screen.set_class(not beside, "narrow")
        self.query_one(Head).mark(self.bridge.name, self.here, self.keys, narrow=not beside)
        self._refresh()

    def _refresh(self) -> None:
        """Inspector and band of what is selected."""
        inspector = self.query_one(Inspector)
        if inspector.display:
            inspector.show(self.surface.page(inspector.columns))
        self.query_one("#band", FrameText).show(self.surface.band(self.size.width)[:2])
        self._hint()

    @on(DescendantFocus)
    def _hint(self) -> None:
        """The keys that do something where the focus is."""
        typing = isinstance(self.focused, Input)
        self.query_one(Hints).tell(self.surface, self.keys, self.size.width, typing=typing)

    def _ran(self, do: str) -> None:
        self.post_message(told.Ran(action(Place.EVERYWHERE, do).command))

    def _keep(self, **changes: object) -> None:
        """Remember a preference."""
        for name, value in changes.items():
            setattr(self.kept, name, value)
        preferences.save(self.kept, self.kept_at)
