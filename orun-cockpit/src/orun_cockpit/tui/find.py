"""A surface with a filter for its rows: `/` opens the field, enter keeps what was typed, esc removes the filter."""

from __future__ import annotations

from textual import on
from textual.widgets import Input

from orun_cockpit.tui.surface import Surface


class FindSurface(Surface):
    """Holds a field that its `compose` yields, and draws again whenever its text is another one."""

    wanted = ""
    """What is looked for, in lower case."""

    def field(self) -> Input:
        """The field, hidden at first."""
        field = Input(placeholder="find", id=f"{self.place}-find", classes="find")
        field.display = False
        return field

    def draw(self) -> None:
        """Draw what fits."""
        raise NotImplementedError

    def fits(self, *texts: str) -> bool:
        """True when one of these texts holds what is looked for."""
        return any(self.wanted in text.lower() for text in texts)

    def end_find(self) -> bool:
        """Look for nothing any more; False when nothing was looked for."""
        field = self.query_one(Input)
        if not field.display and not self.wanted:
            return False
        field.display = False
        field.value = self.wanted = ""
        return True

    def back(self) -> bool:
        """End the search."""
        if not self.end_find():
            return False
        self.draw()
        self.attend()
        return True

    def action_find(self) -> None:
        """Open the field."""
        field = self.query_one(Input)
        field.display = True
        self.screen.set_focus(field)

    @on(Input.Changed)
    def _wanted_changed(self, event: Input.Changed) -> None:
        self.wanted = event.value.lower()
        self.draw()

    @on(Input.Submitted)
    def _wanted_kept(self) -> None:
        self.attend()
