"""Where runs are recorded and read: the only door of every surface to state."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, BinaryIO, Protocol

if TYPE_CHECKING:
    from orun_core.spec.plan import Plan
    from orun_core.spec.run import Event, Happening, RunState, RunSummary


class RunWriter(Protocol):
    """The single writer of one execution. Its lock is held until `close`."""

    exec_id: str

    def append(self, what: Happening, at: str = "") -> Event:
        """Record what happened and return its event once it is on the disk. Safe from several threads.

        `at`: when it happened, for what happened elsewhere; now without it. Raises `RunError` when it cannot be recorded.
        """

    def append_all(self, happenings: Sequence[Happening]) -> tuple[Event, ...]:
        """As `append` for each, in this order; all of them wait for the disk together."""

    def open_log(self, name: str) -> BinaryIO:
        """A log of the run, open to append bytes that the caller has masked. `name` is relative to the run's folder.

        Raises `RunError` when it cannot be opened.
        """

    def close(self) -> None:
        """Write the state that the events add up to, and release the lock."""


class StateStore(Protocol):
    """Plans and runs of one workspace.

    A method that takes an id or a reference raises `UsageError` (`state/unknown-run`, `state/unknown-plan`), which names the nearest
    ones, when there is no such run or plan, unless it says what it returns then.
    """

    def runs(self) -> tuple[RunSummary, ...]:
        """All runs, newest first."""

    def has_run(self, exec_id: str) -> bool:
        """True when an execution of exactly this id is recorded."""

    def run(self, reference: str = "") -> RunState:
        """One run by id or unique prefix; without a reference the newest live run, else the newest."""

    def events(self, exec_id: str, after: int = 0) -> tuple[Event, ...]:
        """The events of a run whose `seq` is greater than `after`, in order."""

    def log(self, exec_id: str, name: str, offset: int = 0, size: int = -1) -> bytes:
        """At most `size` bytes of a log from `offset` on, all of them for -1; `b""` when there are none yet."""

    def log_size(self, exec_id: str, name: str) -> int:
        """Size of a log in bytes; 0 when there is none yet."""

    def watch(self, exec_id: str = "") -> Iterator[None]:
        """Yield whenever something may have changed, at least twice a second; endless, cheap when idle."""

    def plan(self, reference: str = "") -> Plan:
        """A stored plan by name, checksum prefix or `latest`."""

    def plans(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Checksums of stored plans, newest first, each with its names."""

    def plan_text(self, checksum: str) -> str:
        """Text of a stored plan as it was saved, not verified; empty when there is none."""

    def provenance(self, checksum: str) -> str:
        """Text of the provenance document of a stored plan, empty when there is none."""

    def save_plan(self, plan: str, checksum: str, provenance: str = "", name: str = "") -> None:
        """Store the text of a sealed plan and of its provenance, name it, and make it `latest`."""

    def begin(self, exec_id: str) -> RunWriter:
        """Take the lock of an execution, which is created when it does not exist, and taken over when its owner is dead.

        Raises `RunError` (`run/already-live`) when its owner is alive.
        """
