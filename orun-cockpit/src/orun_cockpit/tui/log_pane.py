"""The lines of a log on the screen: coloured when they are drawn, searched, followed while the end is in view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from orun_cockpit.cells import Tone
from orun_cockpit.tui.lines import ERROR
from orun_cockpit.tui.textual_theme import style

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.style import Style
    from textual import events
    from textual.selection import Selection

    from orun_cockpit.style import Theme


class LogPane(ScrollView, can_focus=True):
    """Shows lines, none of them broken. New ones are scrolled to while `follow`; that ends when somebody scrolls back."""

    class Moved(Message):
        """Lines are followed that were not, or the other way round."""

    def __init__(self, look: Theme, id: str, keep: int) -> None:  # noqa: A002 - Textual's name
        """`keep`: how many lines are shown at the most; the first ones go."""
        super().__init__(id=id)
        self.look = look
        self.lines: list[str] = []
        self.wanted = ""
        self.follow = True
        self._keep = keep
        self._widest = 0
        self._drawn: dict[int, Strip] = {}

    @property
    def allow_select(self) -> bool:
        """Lines can be marked with the mouse."""
        return True

    def replace(self, lines: Sequence[str]) -> None:
        """Show other lines; the view stays at the end when it is followed."""
        self.lines, self._widest = [], 0
        self.append(lines)
        self.redraw()

    def append(self, lines: Sequence[str]) -> None:
        """Show more lines below the others."""
        self.lines += lines
        self._widest = max(self._widest, max(map(cell_len, lines), default=0))
        gone = max(len(self.lines) - self._keep, 0)
        if gone:
            del self.lines[:gone]
            self._drawn.clear()
        self.virtual_size = Size(self._widest, len(self.lines))
        if self.follow:
            self._to_end()
        elif gone:
            self.scroll_to(y=self.scroll_offset.y - gone, animate=False, immediate=True)
        self.refresh_lines(len(self.lines) - len(lines), len(lines))

    def search(self, wanted: str) -> None:
        """Mark a text wherever it stands, in any case; none for an empty one."""
        self.wanted = wanted
        self.redraw()

    def matches(self) -> list[int]:
        """Numbers of the lines that hold what is searched for."""
        wanted = self.wanted.lower()
        return [number for number, line in enumerate(self.lines) if wanted in line.lower()] if wanted else []

    def show_line(self, number: int) -> None:
        """Bring a line into the middle."""
        self.set_follow(follow=False)
        self.scroll_to(y=max(number - self.size.height // 2, 0), animate=False, immediate=True)

    def set_follow(self, *, follow: bool) -> None:
        """Stay at the last line, or where the view is."""
        if follow != self.follow:
            self.follow = follow
            self.post_message(self.Moved())
        if follow:
            self._to_end()

    def _to_end(self) -> None:
        self.scroll_end(animate=False, immediate=True, force=True, x_axis=False)

    def on_resize(self, _: events.Resize) -> None:
        """The end stays in view."""
        if self.follow:
            self._to_end()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Somebody who scrolls back wants to read; who comes to the end wants what is new."""
        super().watch_scroll_y(old_value, new_value)
        if new_value < old_value or self.is_vertical_scroll_end:
            self.set_follow(follow=self.is_vertical_scroll_end)

    def get_selection(self, selection: Selection) -> tuple[str, str]:
        """The marked text."""
        return selection.extract("\n".join(self.lines)), "\n"

    def selection_updated(self, selection: Selection | None) -> None:  # noqa: ARG002 - any line may be marked
        """Draw what is marked."""
        self.redraw()

    def notify_style_update(self) -> None:
        """Draw with other colours."""
        super().notify_style_update()
        self.redraw()

    def redraw(self) -> None:
        """Draw every line again."""
        self._drawn.clear()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One row of the view."""
        left, top = self.scroll_offset
        number, base, width = top + y, self.rich_style, self.size.width
        if number >= len(self.lines):
            return Strip.blank(width, base)
        strip = self._drawn.get(number)
        if strip is None:
            strip = self._drawn[number] = self._strip(number, base)
        return strip.crop_extend(left, left + width, base).apply_offsets(left, number)

    def _strip(self, number: int, base: Style) -> Strip:
        """A line with its colours: headings, errors, what is searched for, what is marked."""
        line = self.lines[number]
        shown = Text(line, no_wrap=True, end="")
        shown.stylize(base)
        if line.startswith(self.look.glyphs.rule * 2):
            shown.stylize(style(Tone.BRAND, self.look))
        elif ERROR.search(line):
            shown.stylize(style(Tone.ERROR, self.look))
        if self.wanted:
            shown.highlight_words([self.wanted], f"reverse {style(Tone.WARNING, self.look)}", case_sensitive=False)
        marked = self.text_selection.get_span(number) if self.text_selection else None
        if marked is not None:
            start, end = marked
            selected = self.screen.get_component_rich_style("screen--selection")
            shown.stylize(selected, start, len(line) if end < 0 else end)
        return Strip(shown.render(self.app.console), cell_len(line))
