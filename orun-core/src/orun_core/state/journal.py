"""The journal of an execution: one event per line of `events.ndjson`, durable before `append` returns.

A last line that was being written when the machine stopped is no event: readers ignore it, the next writer cuts it off.
Anything else that cannot be read is a fault, and nothing is ever appended behind one.
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from orun_core.spec.errors import Diagnostic, RunError
from orun_core.spec.frozen import frozen
from orun_core.spec.run import EVENT_TYPES, SCHEMA_VERSION, Event
from orun_core.spec.tree import ShapeError, build, document
from orun_core.state.durable import sync_folder, take_lock, unwritable, write_all

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from orun_core.spec.run import Happening

_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
TYPE_NAMES = {cls: name for name, cls in EVENT_TYPES.items()}


def now() -> str:
    """The time as RFC 3339, UTC, with milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def encode(event: Event) -> bytes:
    """The line of an event, with its end."""
    tree = {"seq": event.seq, "at": event.at, "type": TYPE_NAMES[type(event.what)], **document(event.what)}
    return _JSON.encode(tree).encode("utf-8", "replace") + b"\n"


class BadLineError(ValueError):
    """A line of a journal is no event."""


class GarbledLineError(BadLineError):
    """A line of a journal is not even JSON, as a line is that was being written when the machine stopped."""


class ForeignVersionError(ValueError):
    """A run was recorded by an orun whose records this one cannot read."""


def decode(line: bytes, expected: int) -> tuple[int, Event | None]:
    """Number and event of a line; the event is None when its type is of a newer minor version.

    Raises `BadLineError`, and `ForeignVersionError` for a journal of another version.
    """
    try:
        tree: Any = json.loads(line)
    except ValueError as error:
        raise GarbledLineError("it is not JSON") from error
    except RecursionError as error:
        raise BadLineError("it is nested too deep") from error
    if not isinstance(tree, dict):
        raise BadLineError("it is no object")
    seq, at, kind = (tree.pop(key, None) for key in ("seq", "at", "type"))
    if type(seq) is not int or not isinstance(at, str) or not isinstance(kind, str):
        raise BadLineError("it has no seq, at and type")
    if seq != expected:
        raise BadLineError(f"its number is {seq} and not {expected}")
    if not _is_time(at):
        raise BadLineError(f"its time is {at!r}")
    if kind == "run.started":
        version = str(tree.get("schemaVersion", ""))
        if version != SCHEMA_VERSION and not version.startswith(SCHEMA_VERSION + "."):
            raise ForeignVersionError(version)
    if kind not in EVENT_TYPES:
        return seq, None
    try:
        return seq, Event(seq, at, build(EVENT_TYPES[kind], tree, closed=False))
    except ShapeError as error:
        raise BadLineError(str(error)) from error


def _is_time(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


@frozen
class Scan:
    """What the bytes of a journal hold, up to the first fault."""

    events: tuple[Event, ...]
    size: int
    """Bytes of whole lines."""
    last_seq: int
    fault: str = ""
    """Why the rest cannot be read."""


def scan(content: bytes, path: object, last_seq: int = 0) -> Scan:
    """Read the lines after event `last_seq`; a last line that is garbled or has no end is torn, which is no fault.

    Raises `RunError` (`state/version`) that names `path`.
    """
    events: list[Event] = []
    start = 0
    while end := content.find(b"\n", start) + 1:
        try:
            seq, event = decode(content[start:end], last_seq + 1)
        except ForeignVersionError as error:
            message = f'{path}: the run was recorded as "{error}"; this orun reads {SCHEMA_VERSION}'
            hint = "use the orun that recorded it, or a newer one"
            raise RunError(Diagnostic("state/version", message, hint=hint)) from error
        except BadLineError as error:
            torn = isinstance(error, GarbledLineError) and end == len(content)
            fault = "" if torn else f"the line after event {last_seq} cannot be read: {error}"
            return Scan(tuple(events), start, last_seq, fault)
        if event:
            events.append(event)
        start, last_seq = end, seq
    return Scan(tuple(events), start, last_seq)


def faulty(path: Path, fault: str) -> RunError:
    """The error for a journal that was damaged by something else than a crash."""
    hint = "`orun fsck` shows what is left; restore the file from a backup, or remove the run with `orun gc`"
    return RunError(Diagnostic("state/journal", f"{path}: {fault}", hint=hint))


class JournalWriter:
    """Appends to one journal; its caller holds the run's lock. Safe from several threads, which share an fsync when they meet."""

    def __init__(self, path: Path, clock: Callable[[], str] = now) -> None:
        """Open or create the journal and cut off a torn last line; raises `RunError` (`state/journal`) when it is damaged."""
        created = not path.exists()
        found = scan(b"" if created else path.read_bytes(), path)
        if found.fault:
            raise faulty(path, found.fault)
        self._path = path
        self._clock = clock
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
        if take_lock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB) is False:
            os.close(self._descriptor)
            hint = "its lock file is gone; wait until that process has ended, or stop it"
            raise RunError(Diagnostic("run/already-live", f"{path} is written by another process", hint=hint))
        self._file = _identity(os.fstat(self._descriptor))
        os.ftruncate(self._descriptor, found.size)
        if created:
            sync_folder(path.parent)
        self.events = found.events
        self.size = found.size
        self._written = self._durable = found.last_seq
        self._write_lock = threading.Lock()
        self._sync_lock = threading.Lock()

    def append(self, what: Happening, at: str = "") -> Event:
        """Write the next event and return it once it is durable; raises `RunError` (`state/unwritable`) when the disk refuses."""
        return self.append_all((what,), at)[0]

    def append_all(self, happenings: Sequence[Happening], at: str = "") -> tuple[Event, ...]:
        """Write the next events and return them once all are durable, with one fsync; raises as `append` does."""
        try:
            with self._write_lock:
                self._check_undisturbed()
                numbered = enumerate(happenings, self._written + 1)
                events = tuple(Event(seq, at or self._clock(), what) for seq, what in numbered)
                self._write(b"".join(map(encode, events)))
                self._written += len(events)
            with self._sync_lock:
                if events and self._durable < events[-1].seq:
                    written = self._written
                    os.fdatasync(self._descriptor)
                    self._durable = written
        except OSError as error:
            raise unwritable(self._path, error) from error
        return events

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)

    def _check_undisturbed(self) -> None:
        """Raise `RunError` when the file is not where it was, or not as it was left."""
        try:
            found = self._path.stat()
        except FileNotFoundError:
            found = None
        if found is None or _identity(found) != self._file:
            message = f"{self._path} was removed while the run went on"
            hint = (
                "a step may have done it, as `git clean -fdx` does: `git clean -fdx -e .orun` leaves the record alone"
            )
            raise RunError(Diagnostic("state/record-gone", message, hint=hint))
        if found.st_size != self.size:
            raise faulty(self._path, "something else than the run wrote to it")

    def _write(self, lines: bytes) -> None:
        try:
            write_all(self._descriptor, lines)
        except OSError:
            os.ftruncate(self._descriptor, self.size)
            raise
        self.size += len(lines)


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


class JournalReader:
    """Follows a journal that may be growing: each call of `advance` reads only what is new."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.events: list[Event] = []
        self.size = 0
        self.fault = ""
        self._last_seq = 0

    def advance(self) -> tuple[Event, ...]:
        """The events since the last call; `fault` says why there are no more. Raises `RunError` (`state/version`)."""
        with self.path.open("rb", buffering=0) as file:
            if os.fstat(file.fileno()).st_size == self.size:
                return ()
            file.seek(self.size)
            found = scan(file.readall(), self.path, self._last_seq)
        self.size += found.size
        self._last_seq = found.last_seq
        self.events.extend(found.events)
        self.fault = found.fault
        return found.events

    def read(self) -> tuple[Event, ...]:
        """All events; raises `RunError` (`state/journal`, `state/version`) when the journal cannot be read to its end."""
        self.advance()
        if self.fault:
            raise faulty(self.path, self.fault)
        return tuple(self.events)
