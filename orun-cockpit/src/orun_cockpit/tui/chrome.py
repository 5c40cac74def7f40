"""What stands around a surface: tabs above it, the inspector beside it, the last command and the hints below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import VerticalScroll

from orun_cockpit.cells import Span, Tone, clip, fold_line, line_width
from orun_cockpit.tui.actions import SURFACES, Place, action, actions
from orun_cockpit.tui.frame_text import FrameText

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual import events
    from textual.app import ComposeResult

    from orun_cockpit.cells import Frame, Line
    from orun_cockpit.style import Theme
    from orun_cockpit.tui.actions import Action
    from orun_cockpit.tui.surface import Surface


class Bar(FrameText):
    """One line of pieces; a click on one does the action that stands beside it."""

    def __init__(self, look: Theme, id: str) -> None:  # noqa: A002 - Textual's name
        super().__init__(look, id)
        self._actions: list[tuple[int, str]] = []

    def show_pieces(self, pieces: Sequence[tuple[Line, str]]) -> None:
        """Show pieces, each with the action it does, empty for none."""
        self._actions, end = [], 0
        for line, call in pieces:
            end += line_width(line)
            self._actions.append((end, call))
        self.show((tuple(span for line, _ in pieces for span in line),))

    async def on_click(self, event: events.Click) -> None:
        """Do what was clicked on."""
        found = next((call for end, call in self._actions if event.x < end), "")
        if found:
            await self.app.run_action(found, self.app)


class Head(Bar):
    """Brand, workspace and tabs."""

    def mark(self, workspace: str, shown: Place, keys: Mapping[str, str], *, narrow: bool) -> None:
        """Show which surface is shown; `keys` are those that somebody chose."""
        glyphs = self.look.glyphs
        brand = [Span(f" {glyphs.brand}", Tone.BRAND, bold=True)]
        if not narrow:
            brand.append(Span(" orun", Tone.BRAND, bold=True))
            brand.append(Span(f" {clip(workspace, 24, glyphs.ellipsis)} "))
        self.show_pieces([(tuple(brand), ""), *(self._tab(place, shown, keys, narrow=narrow) for place in SURFACES)])

    def _tab(self, place: Place, shown: Place, keys: Mapping[str, str], *, narrow: bool) -> tuple[Line, str]:
        each = action(Place.EVERYWHERE, place.value)
        end = "" if narrow else " "
        if place is shown:
            return (Span(f" {each.label(keys)} {each.name}{end}", Tone.ROW_SELECTED, bold=True),), each.call
        return (Span(f" {each.label(keys)}", Tone.DIM), Span(f" {each.name}{end}")), each.call


class Hints(Bar):
    """The keys that do something now. Help and the way out are always there, unless keys are letters of a text."""

    def tell(self, surface: Surface, keys: Mapping[str, str], columns: int, *, typing: bool) -> None:
        """Show what can be done on a surface, as much of it as there is room for; `typing`: somebody writes in a field."""
        if typing:
            self.show_pieces(
                [(self._hint("enter", "Keep"), ""), (self._hint("esc", "End"), action(Place.EVERYWHERE, "up").call)]
            )
            return
        here = [self._piece(each, keys) for each in actions(surface.place) if each.shown and surface.can(each.do)]
        always = [self._piece(each, keys) for each in actions(Place.EVERYWHERE) if each.shown]
        while here and sum(line_width(line) for line, _ in (*here, *always)) > columns:
            here.pop()
        self.show_pieces([*here, *always])

    def _piece(self, each: Action, keys: Mapping[str, str]) -> tuple[Line, str]:
        return self._hint(each.label(keys), each.name), each.call

    def _hint(self, key: str, name: str) -> Line:
        return (Span(f" {key}", Tone.BRAND, bold=True), Span(f" {name} "))


class Inspector(VerticalScroll, can_focus=True):
    """Everything about what is selected."""

    def __init__(self, look: Theme) -> None:
        super().__init__(id="inspector")
        self._text = FrameText(look, "inspected")

    def compose(self) -> ComposeResult:
        """One text."""
        yield self._text

    @property
    def columns(self) -> int:
        """Columns of a page."""
        return max(self.size.width - 1, 30)

    def show(self, frame: Frame) -> None:
        """Show a page; lines that are too long are broken."""
        self._text.show(tuple(part for line in frame for part in fold_line(line, self.columns)))


class LastCommand(FrameText):
    """The command behind what was done last."""

    def tell(self, command: str) -> None:
        """Show a command."""
        self.show(((Span(f" {self.look.glyphs.caret} ", Tone.BRAND), Span(command, Tone.DIM)),))
