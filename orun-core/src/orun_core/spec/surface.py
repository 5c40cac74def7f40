"""How a plugin adds commands, and how `orun run` is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from orun_core.spec.plan import Plan
    from orun_core.spec.run import Event, Output


class RunDisplay(Protocol):
    """Shows a run while it happens. Called from one thread at a time.

    A display with an attribute `wants_output` that is False is spared the lines of output.
    """

    def begin(self, plan: Plan, exec_id: str) -> None:
        """Before the first event."""

    def event(self, event: Event) -> None:
        """After each recorded event."""

    def output(self, output: Output) -> None:
        """For each line of output; masked."""

    def end(self) -> None:
        """After the last event, also after an interruption: restore the terminal."""
