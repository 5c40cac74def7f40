"""Runs and plans of a workspace in its `.orun` folder."""

from __future__ import annotations

import threading
from bisect import bisect_right
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, BinaryIO

from orun_core.spec.errors import Diagnostic, OrunError, UsageError
from orun_core.spec.nearest import did_you_mean
from orun_core.spec.run import RunStarted, StepStarted
from orun_core.state.durable import size_of, unwritable, write_whole
from orun_core.state.fold import Folder, summarize
from orun_core.state.journal import JournalReader, JournalWriter, faulty
from orun_core.state.layout import LATEST, Layout, checked_name
from orun_core.state.owner import RunLock, is_live
from orun_core.state.plans import PlanShelf
from orun_core.state.snapshot import read_summary, write_request, write_snapshot
from orun_core.state.watch import changes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from orun_core.spec.plan import Plan
    from orun_core.spec.run import Event, Happening, RunState, RunSummary


@dataclass(slots=True)
class _Tail:
    """What this store has read of one journal."""

    reader: JournalReader
    inode: int
    folder: Folder = field(default_factory=Folder)


class LocalStore(PlanShelf):
    """Runs and plans in the `.orun` folder `root`; implements `StateStore`. `read_plan` reads and verifies a stored plan."""

    def __init__(self, root: Path, read_plan: Callable[[Path], Plan]) -> None:
        super().__init__(Layout(root), read_plan)
        self._tails: dict[str, _Tail] = {}
        self._ended: dict[str, tuple[tuple[int, int], RunSummary]] = {}
        """Runs that were over, with inode and size of their journals when they were."""
        self._lock = threading.Lock()

    def runs(self) -> tuple[RunSummary, ...]:
        """All runs, newest first."""
        return self._listed(self.layout.run_ids())

    def has_run(self, exec_id: str) -> bool:
        """True when an execution of exactly this id is recorded; one that was killed before its first event is not."""
        if not self.layout.has_run(exec_id):
            return False
        with self._lock:
            return self._sound(exec_id).folder.started

    def run(self, reference: str = "") -> RunState:
        """One run by id or unique prefix; without a reference the newest live run, else the newest."""
        exec_id = self._resolve(reference) if reference else self._newest()
        with self._lock:
            tail = self._sound(exec_id)
            if not tail.folder.started:
                raise self._unknown(exec_id)
            state = tail.folder.freeze()
        return self._with_life(replace(state, exec_id=exec_id))

    def events(self, exec_id: str, after: int = 0) -> tuple[Event, ...]:
        """Events with `seq > after`."""
        exec_id = self._resolve(exec_id)
        with self._lock:
            events = self._sound(exec_id).reader.events
            return tuple(events[bisect_right(events, after, key=lambda event: event.seq) :])

    def log(self, exec_id: str, name: str, offset: int = 0, size: int = -1) -> bytes:
        """Bytes of a log from `offset`; `b""` when there is none yet."""
        try:
            with self.layout.run(self._resolve(exec_id)).log(name).open("rb", buffering=0) as file:
                file.seek(offset)
                return file.readall() if size < 0 else file.read(size)
        except FileNotFoundError:
            return b""

    def log_size(self, exec_id: str, name: str) -> int:
        """Size of a log in bytes; 0 when there is none yet."""
        return size_of(self.layout.run(self._resolve(exec_id)).log(name))

    def watch(self, exec_id: str = "") -> Iterator[None]:
        """Yield whenever something may have changed, at least twice a second; endless, cheap when idle."""
        folder = self.layout.run(self._resolve(exec_id)).path if exec_id else self.layout.runs
        return changes(folder, deep=bool(exec_id))

    def begin(self, exec_id: str) -> LocalRunWriter:
        """Take the execution's lock, creating it or taking it over from a dead owner.

        Raises `RunError` (`run/already-live`) when its owner lives, `UsageError` (`state/bad-name`) for an impossible id.
        """
        checked_name("id of an execution", exec_id)
        self.layout.prepare()
        folder = self.layout.run(exec_id)
        lock = RunLock(folder, exec_id)
        try:
            journal = JournalWriter(folder.journal)
        except BaseException:
            lock.release()
            raise
        return LocalRunWriter(exec_id, self.layout, lock, journal)

    def _advance(self, exec_id: str) -> _Tail:
        path = self.layout.run(exec_id).journal
        try:
            inode = path.stat().st_ino
        except FileNotFoundError as error:
            raise self._unknown(exec_id) from error
        tail = self._tails.get(exec_id)
        if tail is None or tail.inode != inode:
            tail = self._tails[exec_id] = _Tail(JournalReader(path), inode)
        for event in tail.reader.advance():
            tail.folder.feed(event)
        return tail

    def _sound(self, exec_id: str) -> _Tail:
        tail = self._advance(exec_id)
        if tail.reader.fault:
            raise faulty(tail.reader.path, tail.reader.fault)
        return tail

    def _listed(self, exec_ids: Iterable[str]) -> tuple[RunSummary, ...]:
        found = [summary for exec_id in exec_ids if (summary := self._summary(exec_id))]
        return tuple(sorted(found, key=lambda run: (run.started_at, run.exec_id), reverse=True))

    def _summary(self, exec_id: str) -> RunSummary | None:
        """For a list: from `state.json` while that is true, else from as much of the journal as can be read."""
        folder = self.layout.run(exec_id)
        stamp = _stamp(folder.journal)
        before, known = self._ended.get(exec_id, (None, None))
        if known and before == stamp:
            return known
        found = read_summary(folder)
        if found and found.status.ended:
            summary = replace(found, exec_id=exec_id)
            self._ended[exec_id] = (stamp, summary)
            return summary
        with self._lock:
            try:
                events = self._advance(exec_id).folder
            except OrunError:
                return None
            return summarize(self._with_life(replace(events.freeze(), exec_id=exec_id))) if events.started else None

    def _with_life(self, state: RunState) -> RunState:
        if state.status.ended:
            return state
        return replace(state, alive=is_live(self.layout.run(state.exec_id)))

    def _newest(self) -> str:
        known = self.layout.run_ids()
        live = [exec_id for exec_id in known if is_live(self.layout.run(exec_id))]
        latest = self.layout.latest(self.layout.latest_run)
        if latest in known and (latest in live or not live):
            return latest
        found = self._listed(live) or self._listed(known)
        if not found:
            text = "no run is recorded here"
            raise UsageError(Diagnostic("state/unknown-run", text, hint="start one with `orun run`"))
        return found[0].exec_id

    def _resolve(self, reference: str) -> str:
        if self.layout.has_run(reference):
            return reference
        known = self.layout.run_ids()
        if reference == LATEST and known:
            return self._newest()
        matches = [exec_id for exec_id in known if exec_id.startswith(reference)]
        if len(matches) > 1:
            text = f'"{reference}" begins the ids of {len(matches)} runs: {", ".join(matches[:8])}'
            raise UsageError(Diagnostic("state/ambiguous-run", text, hint="type more of it"))
        if not matches:
            raise self._unknown(reference)
        return matches[0]

    def _unknown(self, reference: str) -> UsageError:
        if self.layout.has_run(reference):
            text = f'nothing is recorded of the run "{reference}"'
            return UsageError(
                Diagnostic("state/unknown-run", text, hint="it was killed at once, or its journal was lost")
            )
        hint = did_you_mean(reference, self.layout.run_ids())
        return UsageError(Diagnostic("state/unknown-run", f'no run "{reference}" is recorded here', hint=hint))


def _stamp(path: Path) -> tuple[int, int]:
    """Inode and size of a file; zeros when there is none."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return 0, 0
    return status.st_ino, status.st_size


class LocalRunWriter:
    """The single writer of one execution; implements `RunWriter`."""

    def __init__(self, exec_id: str, layout: Layout, lock: RunLock, journal: JournalWriter) -> None:
        self.exec_id = exec_id
        self._layout = layout
        self._folder = layout.run(exec_id)
        self._run_lock = lock
        self._journal = journal

    def append(self, what: Happening, at: str = "") -> Event:
        """Record durably, then return the event. Safe from several threads. `at`: when it happened, if not now.

        A log exists before an event refers to it. Raises `RunError` (`state/unwritable`, `state/record-gone`, `state/journal`).
        """
        return self.append_all((what,), at)[0]

    def append_all(self, happenings: Sequence[Happening], at: str = "") -> tuple[Event, ...]:
        """Record several things durably, with one fsync; otherwise as `append`."""
        for what in happenings:
            if isinstance(what, StepStarted) and what.log and not self._folder.log(what.log).exists():
                self.open_log(what.log).close()
        events = self._journal.append_all(happenings, at)
        for event in events:
            if isinstance(event.what, RunStarted):
                write_request(self._folder, event.what, event.at)
                write_whole(self._layout.latest_run, f"{self.exec_id}\n".encode())
        return events

    def open_log(self, name: str) -> BinaryIO:
        """A log below the run's folder for raw bytes, already masked by the caller; what it holds already is kept.

        Raises `RunError` (`state/unwritable`).
        """
        path = self._folder.log(name)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            return path.open("ab", buffering=0)
        except OSError as error:
            raise unwritable(name, error) from error

    def close(self) -> None:
        """Write the folded state, as far as the disk lets it, and give the lock back."""
        try:
            self._journal.close()
            with suppress(OSError):
                write_snapshot(self._folder)
        finally:
            self._run_lock.release()
