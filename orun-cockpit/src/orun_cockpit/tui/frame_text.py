"""A widget for a few lines that change often: it draws them again only when they differ, and lays out again only when their number does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import Static

from orun_cockpit.tui.textual_theme import page

if TYPE_CHECKING:
    from orun_cockpit.cells import Frame
    from orun_cockpit.style import Theme


class FrameText(Static):
    """Shows a frame. A line that is too long ends with an ellipsis: it never takes a second row."""

    def __init__(self, look: Theme, id: str, classes: str = "") -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, classes=f"frame-text {classes}".strip())
        self.look = look
        self._frame: Frame | None = None

    def show(self, frame: Frame) -> None:
        """Show these lines."""
        if frame != self._frame:
            taller = self._frame is None or len(frame) != len(self._frame)
            self._frame = frame
            self.update(page(frame, self.look), layout=taller)
