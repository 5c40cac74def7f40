"""What the five surfaces have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.containers import Vertical

from orun_cockpit.cells import Span, Tone
from orun_cockpit.frame import BLANK, tally
from orun_cockpit.tree import indent
from orun_cockpit.tui.actions import Place, action
from orun_cockpit.tui.messages import Ran, Selected

if TYPE_CHECKING:
    from orun_cockpit.bridge import Bridge
    from orun_cockpit.cells import Frame, Line
    from orun_cockpit.style import Theme
    from orun_cockpit.view import RunListView, RunView


class Surface(Vertical):
    """One of the five full pictures; `page` and `band` are what the inspector and the bottom show beside it."""

    place: ClassVar[Place]

    def __init__(self, bridge: Bridge, look: Theme) -> None:
        super().__init__(id=self.place.value)
        self.bridge = bridge
        self.look = look

    @property
    def named(self) -> str:
        """Name of what is selected, as commands take it; empty for nothing."""
        return ""

    def attend(self) -> None:
        """Take the focus."""

    def show_runs(self, runs: RunListView) -> None:
        """The list of runs, at first and whenever it is another one, while the surface is shown."""

    def show_run(self, run: RunView) -> None:
        """The run at hand, at first and whenever it is another one, while the surface is shown."""

    def can(self, do: str) -> bool:  # noqa: ARG002 - surfaces know
        """True when an action makes sense now. The others are not among the hints; their keys say why."""
        return True

    def action_copy(self) -> None:
        """Copy the name of what is selected."""
        if self.named:
            self.app.copy_to_clipboard(self.named)
            self.notify(f"Copied {self.named}", markup=False)

    def changed(self) -> None:
        """Tell that something else is shown or selected."""
        self.post_message(Selected(self.place))

    def back(self) -> bool:
        """Go up one level; False when it is the top."""
        return False

    def page(self, columns: int) -> Frame:  # noqa: ARG002 - long lines are folded
        """Everything about what is selected."""
        return (BLANK, (indent(self.look), Span("Nothing is selected.", Tone.DIM)))

    def band(self, columns: int) -> Frame:  # noqa: ARG002 - surfaces with a bar use it
        """Two lines for the bottom."""
        return (BLANK, BLANK)

    def progress(self, run: RunView, columns: int) -> Frame:
        """Counts and bar of a run on two lines, without words where there is no room for them."""
        if not run.counts.total:
            return (self.said(Span("This run has no jobs.", Tone.DIM)), BLANK)
        lines = tally(run.counts, columns, self.look)
        return tuple(lines if len(lines) == 2 else tally(run.counts, self.look.geometry.narrow - 1, self.look)[-2:])

    def ran(self, do: str, **names: str) -> None:
        """Tell the command log what stands behind an action."""
        self.post_message(Ran(action(self.place, do).command.format(**names)))

    def said(self, *spans: Span) -> Line:
        """A line with a margin."""
        return (indent(self.look), *spans)
