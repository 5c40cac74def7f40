"""The theme of `style` in the terms of Textual: its colours as variables, its lines as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual.scrollbar import ScrollBarRender
from textual.theme import Theme as TextualTheme

from orun_cockpit.cells import Tone

if TYPE_CHECKING:
    from collections.abc import Iterable

    from orun_cockpit.cells import Line
    from orun_cockpit.style import Theme

NAME = "orun"


class PlainBar(ScrollBarRender):
    """A scrollbar without characters of its own: whole cells only."""

    VERTICAL_BARS = HORIZONTAL_BARS = [" "] * 8


def scrollbar(look: Theme) -> type[ScrollBarRender]:
    """How scrollbars are drawn."""
    return PlainBar if look.ascii else ScrollBarRender


def textual_theme(look: Theme) -> TextualTheme:
    """Textual's theme with the colours of the palette and no others."""
    palette = look.palette
    return TextualTheme(
        name=NAME,
        primary=palette.brand,
        secondary=palette.running,
        accent=palette.brand,
        warning=palette.warning,
        error=palette.error,
        success=palette.success,
        foreground=palette.fg,
        background=palette.background,
        surface=palette.background,
        panel=palette.row_alt,
        dark=look.dark,
        variables={
            "dim": palette.dim,
            "rule": palette.border,
            "selected": palette.row_selected,
            "border": palette.brand,
            "border-blurred": palette.border,
            "block-cursor-foreground": palette.fg,
            "block-cursor-background": palette.row_selected,
            "block-cursor-text-style": "none",
            "block-cursor-blurred-foreground": palette.fg,
            "block-cursor-blurred-background": palette.row_alt,
            "block-hover-background": palette.row_alt,
            "scrollbar": palette.border,
            "scrollbar-hover": palette.dim,
            "scrollbar-active": palette.brand,
            "scrollbar-background": palette.background,
            "scrollbar-background-hover": palette.background,
            "scrollbar-background-active": palette.background,
            "scrollbar-corner-color": palette.background,
            "footer-background": palette.row_alt,
            "footer-key-foreground": palette.brand,
            "input-cursor-background": palette.fg,
            "input-cursor-foreground": palette.background,
            "input-selection-background": palette.row_selected,
        },
    )


def style(tone: Tone, look: Theme, *, bold: bool = False) -> str:
    """The tone as a style; text in the usual tone takes the colour of where it stands, a row's tone is its background."""
    color = "" if tone is Tone.FG else look.palette.color(tone)
    if tone in (Tone.ROW_ALT, Tone.ROW_SELECTED):
        color = f"on {color}"
    return f"bold {color}".strip() if bold else color


def text(line: Line, look: Theme) -> Text:
    """One line."""
    made = Text(no_wrap=True, end="")
    for span in line:
        made.append(span.text, style(span.tone, look, bold=span.bold))
    return made


def page(lines: Iterable[Line], look: Theme) -> Text:
    """Several lines."""
    return Text("\n").join(text(line, look) for line in lines)
