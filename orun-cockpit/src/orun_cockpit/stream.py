"""One polling stream for what shows a run as it goes: `--watch`, `--follow`, the TUI, the display of `orun run`.

It asks the store for new events, which costs next to nothing when there are none, and only then reads the run again.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from orun_cockpit.project import Projector

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orun_core.spec.plan import Plan
    from orun_core.spec.run import RunState
    from orun_core.spec.store import StateStore

    from orun_cockpit.view import RunView

LIVENESS = 5.0
"""Seconds after which a silent run is read again: its owner may have died without an event."""
PACE = 0.25
"""Seconds between two looks at a run, at the least."""
SLOWEST = 1.0
"""Seconds after which a run is looked at again, however much work showing it is."""
CHUNK = 1 << 20
"""Bytes of one log that are read in one go, at the most."""


def utc_now() -> datetime:
    """The wall clock, in UTC."""
    return datetime.now(UTC)


class RunStream:
    """One run as it goes: `look` reads what is new, iteration yields a view per look until the run ended."""

    def __init__(self, store: StateStore, exec_id: str, plan: Plan | None = None, pace: float = PACE) -> None:
        self.store = store
        self.exec_id = exec_id
        self.state: RunState = store.run(exec_id)
        self._projector = Projector(plan)
        self._pace = pace
        self._read_at = time.monotonic()

    @property
    def live(self) -> bool:
        """True while more will happen."""
        return self.state.alive and not self.state.status.ended

    def look(self) -> bool:
        """Read what is new; True when the state is another one."""
        silent = time.monotonic() - self._read_at
        if not (silent > LIVENESS or self.store.events(self.exec_id, after=self.state.last_seq)):
            return False
        before = self.state
        self.state = self.store.run(self.exec_id)
        self._read_at = time.monotonic()
        return (before.last_seq, before.alive) != (self.state.last_seq, self.state.alive)

    def view(self) -> RunView:
        """The run now: durations of what is running grow between two events."""
        return self._projector.view(self.state, utc_now())

    def __iter__(self) -> Iterator[RunView]:
        """A view at once, then one per look at the run; ends with the view of a run that ended or lost its owner."""
        for _ in self._looks():
            yield self.view()

    def changed(self) -> Iterator[RunView]:
        """As iteration, without the views that differ in durations only."""
        for new in self._looks():
            if new:
                yield self.view()

    def _looks(self) -> Iterator[bool]:
        """True at once, then per look whether the run changed."""
        yield True
        ticks = paced(self.store.watch(self.exec_id), self._pace)
        while self.live:
            next(ticks)
            yield self.look()


def paced(ticks: Iterator[None], pace: float, share: float = 0.0) -> Iterator[None]:
    """The ticks of a store, at most one per `pace` seconds: a busy run writes far more often than anybody reads.

    With `share`, this process rests that many times as long as it worked since the last tick, but `SLOWEST` at the most.
    """
    last, spent = 0.0, time.process_time()
    for _ in ticks:
        while (rest := last + max(pace, min(share * (time.process_time() - spent), SLOWEST)) - time.monotonic()) > 0:
            time.sleep(rest)
        last, spent = time.monotonic(), time.process_time()
        yield
