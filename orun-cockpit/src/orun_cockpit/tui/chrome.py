"""What stands around a surface: the tabs above it, the inspector beside it, the band and the last command below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual.containers import Horizontal, VerticalScroll
from textual.message import Message
from textual.widgets import Static

from orun_cockpit.cells import Span, Tone, clip, fold_line
from orun_cockpit.tui.actions import SURFACES, Place, action
from orun_cockpit.tui.skin import style, text
from orun_cockpit.tui.words import Words

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult

    from orun_cockpit.cells import Frame
    from orun_cockpit.style import Theme


class Tab(Static):
    """The name of a surface; a click shows it."""

    class Chosen(Message):
        """A tab was clicked."""

        def __init__(self, place: Place) -> None:
            super().__init__()
            self.place = place

    def __init__(self, place: Place, look: Theme) -> None:
        self.place = place
        key = action(Place.EVERYWHERE, place.value)
        super().__init__(Text.assemble((f"{key.label} ", style(Tone.DIM, look)), key.name), id=f"tab-{place.value}")

    def on_click(self, _: events.Click) -> None:
        """Show the surface."""
        self.post_message(self.Chosen(self.place))


class Head(Horizontal):
    """Brand, workspace and tabs."""

    def __init__(self, name: str, look: Theme) -> None:
        super().__init__(id="head")
        self.look = look
        self._workspace = name

    def compose(self) -> ComposeResult:
        """The line."""
        glyphs = self.look.glyphs
        brand = (
            Span(f" {glyphs.brand} orun", Tone.BRAND, bold=True),
            Span(f" {clip(self._workspace, 24, glyphs.ellipsis)}"),
        )
        yield Static(text(brand, self.look), id="brand")
        for place in SURFACES:
            yield Tab(place, self.look)

    def mark(self, shown: Place) -> None:
        """Show which surface is shown."""
        for tab in self.query(Tab):
            tab.set_class(tab.place is shown, "shown")


class Inspector(VerticalScroll, can_focus=True):
    """Everything about what is selected."""

    def __init__(self, look: Theme) -> None:
        super().__init__(id="inspector")
        self._words = Words(look, "inspected")

    def compose(self) -> ComposeResult:
        """One text."""
        yield self._words

    @property
    def columns(self) -> int:
        """Columns of a page."""
        return max(self.size.width - 1, 30)

    def show(self, frame: Frame) -> None:
        """Show a page; lines that are too long are broken."""
        self._words.show(tuple(part for line in frame for part in fold_line(line, self.columns)))


class LastCommand(Words):
    """The command behind what was done last."""

    def tell(self, command: str) -> None:
        """Show a command."""
        self.show(((Span(f" {self.look.glyphs.caret} ", Tone.BRAND), Span(command, Tone.DIM)),))
