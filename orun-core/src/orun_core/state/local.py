"""Runs and plans of a workspace in its `.orun` folder."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, BinaryIO

from orun_core.spec.errors import Diagnostic, RunError, UsageError
from orun_core.spec.nearest import did_you_mean
from orun_core.spec.run import SCHEMA_VERSION, RunStarted, RunState
from orun_core.spec.tree import build, document
from orun_core.state.durable import write_whole
from orun_core.state.fold import Folder, fold, summarize
from orun_core.state.journal import JournalReader, JournalWriter
from orun_core.state.layout import LATEST, Layout, RunFolder, checked_name
from orun_core.state.owner import RunLock, is_live
from orun_core.state.plans import PlanShelf
from orun_core.state.watch import changes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from orun_core.spec.plan import Plan
    from orun_core.spec.run import Event, Happening, RunSummary


@dataclass(frozen=True, slots=True)
class RunRequest:
    """Content of `run.json`: what was asked for when the run started last."""

    schema_version: str
    exec_id: str
    plan_checksum: str
    plan_name: str
    backend: str
    trigger: str
    user: str
    requested_at: str
    argv: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Content of `state.json`: the state that the first `journal_bytes` bytes of the journal fold to."""

    schema_version: str
    journal_bytes: int
    run: RunState


@dataclass(slots=True)
class _Tail:
    """What this store has read of one journal."""

    reader: JournalReader
    inode: int
    folder: Folder = field(default_factory=Folder)


class LocalStore(PlanShelf):
    """Runs and plans of one workspace; implements `StateStore`. `read_plan` reads and verifies a stored plan."""

    def __init__(self, root: Path, read_plan: Callable[[Path], Plan]) -> None:
        super().__init__(Layout(root), read_plan)
        self._tails: dict[str, _Tail] = {}
        self._lock = threading.Lock()

    def runs(self) -> tuple[RunSummary, ...]:
        """All runs, newest first."""
        states = (self._glance(exec_id) for exec_id in self.layout.run_ids())
        found = [summarize(state) for state in states if state]
        return tuple(sorted(found, key=lambda run: (run.started_at, run.exec_id), reverse=True))

    def run(self, reference: str = "") -> RunState:
        """One run by id or unique prefix; without a reference the newest live run, else the newest."""
        exec_id = self._resolve(reference) if reference else self._newest()
        with self._lock:
            tail = self._advance(exec_id)
            if not tail.folder.started:
                raise self._unknown(exec_id)
            state = tail.folder.freeze()
        return self._with_life(state)

    def events(self, exec_id: str, after: int = 0) -> tuple[Event, ...]:
        """Events with `seq > after`."""
        exec_id = self._resolve(exec_id)
        with self._lock:
            events = self._advance(exec_id).reader.events
            return tuple(event for event in events[max(0, min(after, len(events)) - 1) :] if event.seq > after)

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
        try:
            return self.layout.run(self._resolve(exec_id)).log(name).stat().st_size
        except FileNotFoundError:
            return 0

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
        inode = path.stat().st_ino
        tail = self._tails.get(exec_id)
        if tail is None or tail.inode != inode:
            tail = self._tails[exec_id] = _Tail(JournalReader(path), inode)
        for event in tail.reader.advance():
            tail.folder.feed(event)
        return tail

    def _glance(self, exec_id: str) -> RunState | None:
        """The state for a list: from `state.json` while that is true, else from as much of the journal as can be read."""
        folder = self.layout.run(exec_id)
        snapshot = read_snapshot(folder)
        if snapshot and snapshot.journal_bytes == folder.journal.stat().st_size:
            return self._with_life(snapshot.run)
        with self._lock:
            try:
                fold = self._advance(exec_id).folder
            except RunError:
                fold = self._tails[exec_id].folder
            return self._with_life(fold.freeze()) if fold.started else None

    def _with_life(self, state: RunState) -> RunState:
        if state.status.ended:
            return state
        return replace(state, alive=is_live(self.layout.run(state.exec_id)))

    def _newest(self) -> str:
        runs = self.runs()
        if not runs:
            raise UsageError(
                Diagnostic("state/unknown-run", "no run is recorded here", hint="start one with `orun run`")
            )
        return next((run.exec_id for run in runs if run.alive), runs[0].exec_id)

    def _resolve(self, reference: str) -> str:
        known = self.layout.run_ids()
        if reference in known:
            return reference
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
        hint = did_you_mean(reference, self.layout.run_ids())
        return UsageError(Diagnostic("state/unknown-run", f'no run "{reference}" is recorded here', hint=hint))


class LocalRunWriter:
    """The single writer of one execution; implements `RunWriter`."""

    def __init__(self, exec_id: str, layout: Layout, lock: RunLock, journal: JournalWriter) -> None:
        self.exec_id = exec_id
        self._layout = layout
        self._folder = layout.run(exec_id)
        self._run_lock = lock
        self._journal = journal

    def append(self, what: Happening) -> Event:
        """Record durably, then return the event. Safe from several threads."""
        event = self._journal.append(what)
        if isinstance(what, RunStarted):
            write_whole(self._folder.request, _json(_request(what, event.at)))
            write_whole(self._layout.latest_run, f"{self.exec_id}\n".encode())
        return event

    def open_log(self, name: str) -> BinaryIO:
        """A log below the run's folder for raw bytes, already masked by the caller; what it holds already is kept."""
        path = self._folder.log(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("ab", buffering=0)

    def close(self) -> None:
        """Write the folded state and give the lock back."""
        try:
            self._journal.close()
            write_snapshot(self._folder)
        finally:
            self._run_lock.release()


def read_snapshot(folder: RunFolder) -> Snapshot | None:
    """The content of `state.json`; None when there is none that this version can use."""
    try:
        return build(Snapshot, json.loads(folder.state.read_bytes()), closed=False)
    except (FileNotFoundError, ValueError):
        return None


def write_snapshot(folder: RunFolder) -> None:
    """Write `state.json` from the journal; raises `RunError` (`state/journal`) when that is damaged."""
    reader = JournalReader(folder.journal)
    events = reader.advance()
    if events:
        write_whole(folder.state, _json(Snapshot(SCHEMA_VERSION, reader.size, fold(events))))


def _request(started: RunStarted, at: str) -> RunRequest:
    return RunRequest(
        schema_version=started.schema_version,
        exec_id=started.exec_id,
        plan_checksum=started.plan_checksum,
        plan_name=started.plan_name,
        backend=started.backend,
        trigger=started.trigger,
        user=started.user,
        requested_at=at,
        argv=started.argv,
    )


def _json(value: Any) -> bytes:
    return (json.dumps(document(value), indent=1, ensure_ascii=False) + "\n").encode("utf-8", "replace")
