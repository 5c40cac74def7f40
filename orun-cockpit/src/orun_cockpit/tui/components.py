"""The components surface: what the intent compiles to."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from orun_core.spec.amount import amount
from orun_core.spec.errors import OrunError
from textual import on, work
from textual.widgets import DataTable

from orun_cockpit.cells import Span, Tone
from orun_cockpit.frame import BLANK
from orun_cockpit.pages import component_page, problem_page
from orun_cockpit.tables import component_columns
from orun_cockpit.tui.actions import Place, bindings
from orun_cockpit.tui.find import FindSurface
from orun_cockpit.tui.frame_text import FrameText
from orun_cockpit.tui.keyed_table import KeyedTable
from orun_cockpit.tui.messages import Compiled, ComposeWanted, Failed, InspectorWanted, RunWanted

if TYPE_CHECKING:
    from orun_core.spec.errors import Diagnostic
    from textual.app import ComposeResult

    from orun_cockpit.bridge import Bridge, Catalogue
    from orun_cockpit.cells import Frame
    from orun_cockpit.listing import ComponentView
    from orun_cockpit.style import Theme


class ComponentSurface(FindSurface):
    """All components with environments, last run and, when asked, whether they changed."""

    place = Place.COMPONENTS
    BINDINGS = bindings(Place.COMPONENTS)

    def __init__(self, bridge: Bridge, look: Theme) -> None:
        super().__init__(bridge, look)
        self.catalogue: Catalogue | None = None
        self._rows: dict[str, ComponentView] = {}
        self._changed_only = False
        self._busy = ""
        self._wrong: tuple[Diagnostic, ...] = ()

    def compose(self) -> ComposeResult:
        """A title, the table, the filter."""
        yield FrameText(self.look, "components-title", "title")
        yield FrameText(self.look, "components-problem")
        yield KeyedTable(self.look, id="components-grid")
        yield self.field()

    def on_mount(self) -> None:
        """Compile, once something is on the screen."""
        self.call_after_refresh(self.reload)

    @property
    def _grid(self) -> KeyedTable:
        return self.query_one(KeyedTable)

    @property
    def selected(self) -> ComponentView | None:
        """The component under the cursor."""
        return self._rows.get(self._grid.selected)

    @property
    def named(self) -> str:
        """The component under the cursor."""
        return self._grid.selected

    def can(self, do: str) -> bool:
        """Only a component that is selected is composed and run, and shown where it has run."""
        match do:
            case "open" | "compose" | "run" | "copy":
                return bool(self.named)
            case "last_run":
                return self.selected is not None and self.selected.last_run is not None
            case _:
                return True

    def attend(self) -> None:
        """The table takes the focus."""
        self.screen.set_focus(self._grid)

    def reload(self) -> None:
        """Compile the intent again."""
        self._busy = "asking what changed" if self._changed_only else "compiling the intent"
        self.draw()
        self._compile(changed=self._changed_only)

    @work(thread=True, group="compile", exclusive=True)
    def _compile(self, *, changed: bool) -> None:
        try:
            self.post_message(Compiled(self.bridge.catalogue(changed=changed)))
        except OrunError as error:
            self.post_message(Failed("compile", error))

    @on(Compiled)
    def _compiled(self, message: Compiled) -> None:
        self.catalogue = message.catalogue
        self._busy, self._wrong = "", ()
        self.draw()

    @on(Failed)
    def _failed(self, message: Failed) -> None:
        self._busy = ""
        self._wrong = message.diagnostics
        self.draw()

    def page(self, columns: int) -> Frame:
        """Everything about the component."""
        return component_page(self.selected, 0, self.look) if self.selected else super().page(columns)

    def band(self, columns: int) -> Frame:  # noqa: ARG002 - it is short
        """How many there are of what."""
        if self.catalogue is None:
            return (BLANK, BLANK)
        components, environments = self.catalogue.components.components, self.catalogue.environments.environments
        counts = [amount(len(components), "component"), amount(len(environments), "environment")]
        changed = sum(1 for one in components if one.changed)
        marks = [one.last_run for one in components if one.last_run]
        recent = [self.look.spark(last.mark) for last in marks[:40]]
        return (
            self.said(Span(self.look.inline(*counts, f"{changed} changed" if self._changed_only else ""))),
            self.said(Span("last runs  ", Tone.DIM), *recent) if recent else BLANK,
        )

    @on(DataTable.RowHighlighted)
    def _moved(self) -> None:
        self.changed()

    @on(DataTable.RowSelected)
    def _opened(self) -> None:
        if self.selected:
            self.ran("open", component=self.selected.name)
            self.post_message(InspectorWanted())

    def action_compose(self) -> None:
        """Compose a plan of the component."""
        if self.selected:
            self.post_message(ComposeWanted(self.selected.name, run=False))

    def action_run(self) -> None:
        """Plan the component and ask to run it."""
        if self.selected:
            self.ran("run", component=self.selected.name)
            self.post_message(ComposeWanted(self.selected.name, run=True))

    def action_last_run(self) -> None:
        """Show the last run."""
        last = self.selected.last_run if self.selected else None
        if last is None:
            self.notify("It has not run yet.")
            return
        self.ran("last_run", run=last.exec_id)
        self.post_message(RunWanted(last.exec_id))

    def action_changed(self) -> None:
        """Only what changed, or all."""
        self._changed_only = not self._changed_only
        if self._changed_only:
            self.ran("changed")
            self.reload()
        else:
            self.draw()

    def _shown(self) -> tuple[ComponentView, ...]:
        known = self.catalogue.components.components if self.catalogue else ()
        return tuple(
            one
            for one in known
            if (one.changed or not self._changed_only)
            and self.fits(one.name, one.type, one.domain, one.owner, *one.environments)
        )

    def draw(self) -> None:
        """The components that fit."""
        shown = self._shown()
        self._rows = {one.name: one for one in shown}
        if self.catalogue:
            columns = component_columns(replace(self.catalogue.components, components=shown), self.look)
            self._grid.fill(columns, [one.name for one in shown])
        about = [amount(len(shown), "component"), "changed only" if self._changed_only else "", self.wanted]
        said = self._busy + self.look.glyphs.ellipsis if self._busy else self.look.inline(*about)
        if self.catalogue and not shown and not self._busy:
            said = "Nothing changed: c shows all components." if self._changed_only else "No component fits."
        if self._wrong and not self._busy:
            said = "the intent does not compile: ^r tries again"
        line = self.said(Span("Components", bold=True), Span(f"  {said}", Tone.ERROR if self._wrong else Tone.DIM))
        self.query_one("#components-title", FrameText).show((line,))
        self._draw_problem()
        self.changed()

    def _draw_problem(self) -> None:
        """Why the intent does not compile, above what it compiled to before."""
        problem = self.query_one("#components-problem", FrameText)
        problem.display = bool(self._wrong)
        if self._wrong:
            problem.show(problem_page(self._wrong, max(self.size.width - 2, 30), self.look))
