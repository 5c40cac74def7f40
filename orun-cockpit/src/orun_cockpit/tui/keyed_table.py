"""A table whose rows have keys: what changed is changed in place, the cursor stays where it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual.widgets import DataTable

from orun_cockpit.cells import Span, Tone, width
from orun_cockpit.tables import cut_cell, fitted
from orun_cockpit.tui.actions import OPEN
from orun_cockpit.tui.textual_theme import text

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual import events

    from orun_cockpit.style import Theme
    from orun_cockpit.tables import Column


class KeyedTable(DataTable[Text]):
    """Draws columns of `tables`: what is too wide loses columns, then the middle of its ids."""

    BINDINGS = [OPEN]

    def __init__(self, look: Theme, id: str) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, cursor_type="row", zebra_stripes=False, cell_padding=1, header_height=1)
        self.look = look
        self._columns: list[Column] = []
        self._keys: list[str] = []
        self._shape: list[tuple[str, int]] = []

    @property
    def selected(self) -> str:
        """Key of the row under the cursor; empty for none."""
        return self._keys[self.cursor_row] if 0 <= self.cursor_row < len(self._keys) else ""

    def fill(self, columns: list[Column], keys: list[str]) -> None:
        """Show these columns, one row per key."""
        self._columns = columns
        self._draw(keys)

    def select(self, key: str) -> None:
        """Move the cursor to a row, if it is there."""
        if key in self._keys:
            self.move_cursor(row=self._keys.index(key), animate=False)

    def after(self, wanted: Callable[[str], bool]) -> str:
        """Key of the next row below the cursor, from the end on at the top, that is wanted; empty for none."""
        return next_after(self.selected, self._keys, wanted)

    def on_resize(self, _: events.Resize) -> None:
        """Fit the columns again."""
        if self._columns:
            self._draw(self._keys)

    def _draw(self, keys: list[str]) -> None:
        kept = fitted(self._columns, max(self.size.width - 2, 20), self.look)
        shape = [(column.title, cells) for column, cells in kept]
        if shape != self._shape or keys != self._keys:
            self._rebuild(shape, keys, [column.cells for column, _ in kept])
        for (column, cells), (title, _) in zip(kept, shape, strict=True):
            for key, cell in zip(keys, column.cells, strict=True):
                new = text(cut_cell(cell, cells, self.look), self.look)
                if self.get_cell(key, title) != new:
                    self.update_cell(key, title, new)

    def _rebuild(self, shape: list[tuple[str, int]], keys: list[str], cells: list[list[tuple[Span, ...]]]) -> None:
        before, row, offset = self.selected, self.cursor_row, self.scroll_y
        self.clear(columns=True)
        for title, column_width in shape:
            self.add_column(
                text((Span(title.upper(), Tone.DIM),), self.look), key=title, width=max(column_width, width(title))
            )
        for number, key in enumerate(keys):
            self.add_row(
                *(
                    text(cut_cell(column[number], column_width, self.look), self.look)
                    for column, (_, column_width) in zip(cells, shape, strict=True)
                ),
                key=key,
            )
        self._shape, self._keys = shape, keys
        self.move_cursor(row=keys.index(before) if before in keys else min(row, max(len(keys) - 1, 0)), animate=False)
        self.scroll_to(y=offset, animate=False)


def next_after(here: str, keys: list[str], wanted: Callable[[str], bool]) -> str:
    """The next key behind `here`, from the end on at the start, that is wanted; empty for none."""
    start = keys.index(here) + 1 if here in keys else 0
    return next((key for key in (*keys[start:], *keys[:start]) if wanted(key)), "")
