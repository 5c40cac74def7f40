"""Where runs are recorded and read: the only door of every surface to state."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO, Protocol

if TYPE_CHECKING:
    from orun_core.spec.plan import Plan
    from orun_core.spec.run import Event, Happening, RunState, RunSummary


class RunWriter(Protocol):
    """The single writer of one execution. Its lock is held until `close`."""

    exec_id: str

    def append(self, what: Happening, at: str = "") -> Event:
        """Record durably, then return the event. Safe from several threads. `at`: when it happened, for what happened elsewhere."""

    def open_log(self, name: str) -> BinaryIO:
        """A log below the run's folder for raw bytes, already masked by the caller; what it holds already is kept."""

    def close(self) -> None:
        """Write the folded state and give the lock back."""


class StateStore(Protocol):
    """Plans and runs of one workspace. Raises `UsageError` (code `state/unknown-run`, `state/unknown-plan`) with the nearest names."""

    def runs(self) -> tuple[RunSummary, ...]:
        """All runs, newest first."""

    def has_run(self, exec_id: str) -> bool:
        """True when an execution of exactly this id is recorded."""

    def run(self, reference: str = "") -> RunState:
        """One run by id or unique prefix; without a reference the newest live run, else the newest."""

    def events(self, exec_id: str, after: int = 0) -> tuple[Event, ...]:
        """Events with `seq > after`."""

    def log(self, exec_id: str, name: str, offset: int = 0, size: int = -1) -> bytes:
        """Bytes of a log from `offset`; `b""` when there is none yet."""

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
        """Take the execution's lock, creating it or taking it over from a dead owner. Raises `RunError` (`run/already-live`) when its owner lives."""
