"""A run recorded in memory, for tests of whatever runs a plan."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, BinaryIO, TypeVar

from orun_core.spec.run import Event, Output

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from orun_core.spec.plan import Plan
    from orun_core.spec.run import Happening

T = TypeVar("T")


class _Kept(io.BytesIO):
    def close(self) -> None:
        """Keep the content readable."""


class MemoryRun:
    """A `RunWriter`, a `RunDisplay` and a store of this one run. `on_line` is called with each line of output."""

    def __init__(
        self, exec_id: str = "test-run", *, wants_output: bool = True, on_line: Callable[[Output], None] | None = None
    ) -> None:
        self.exec_id = exec_id
        self._on_line = on_line
        self._writes = False
        self.wants_output = wants_output
        self.happenings: list[Happening] = []
        self.lines: list[Output] = []
        self.logs: dict[str, _Kept] = {}

    def append(self, what: Happening, at: str = "") -> Event:
        """Remember a happening."""
        self._writes = True
        self.happenings.append(what)
        return Event(len(self.happenings), at or "2026-01-01T00:00:00.000Z", what)

    def append_all(self, happenings: Sequence[Happening]) -> tuple[Event, ...]:
        """Remember several."""
        return tuple(map(self.append, happenings))

    def open_log(self, name: str) -> BinaryIO:
        """A log in memory; what it holds already is kept."""
        log = self.logs.setdefault(name, _Kept())
        log.seek(0, io.SEEK_END)
        return log

    def close(self) -> None:
        """Nothing to give back."""

    def begin(self, plan: Plan, exec_id: str) -> None:
        """Nothing to show."""

    def event(self, event: Event) -> None:
        """Remember what another store recorded; its own are in `happenings` already."""
        if not self._writes:
            self.happenings.append(event.what)

    def output(self, output: Output) -> None:
        """Remember a line."""
        self.lines.append(output)
        if self._on_line is not None:
            self._on_line(output)

    def end(self) -> None:
        """Nothing to restore."""

    def of(self, kind: type[T]) -> list[T]:
        """Happenings of one class, in order."""
        return [what for what in self.happenings if isinstance(what, kind)]

    def log(self, step: str, attempt: int = 1) -> bytes:
        """The log of a step's attempt, of whichever job; empty when it said nothing."""
        found = [log for name, log in self.logs.items() if name.endswith(f"-{step}.{attempt}.log")]
        return found[0].getvalue() if found else b""

    def text(self) -> str:
        """All lines shown, in order."""
        return "\n".join(output.text for output in self.lines)

    def begin_run(self, exec_id: str) -> MemoryRun:
        """As `StateStore.begin`."""
        self.exec_id = exec_id
        return self
