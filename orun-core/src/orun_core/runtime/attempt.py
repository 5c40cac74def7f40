"""One attempt of one step: start the process, stream its masked output to log and display, end it in time."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, BinaryIO

from orun_core.runtime.lines import LineSplitter
from orun_core.runtime.redact import MaskedStream
from orun_core.spec.frozen import frozen
from orun_core.state.durable import unwritable

if TYPE_CHECKING:
    from collections.abc import Callable

    from orun_core.runtime.halt import Halt
    from orun_core.runtime.recorder import Recorder
    from orun_core.runtime.redact import Masker
    from orun_core.spec.backend import StepCommand, StepProcess, StepSession

CHUNK = 1 << 16


@frozen
class Ended:
    """How a process ended. `late`: the reason of the deadline that ended it, empty when none did."""

    exit_code: int
    late: str = ""


class StepLog:
    """Where the output of one attempt goes: the log file, and live subscribers."""

    def __init__(
        self, recorder: Recorder, masker: Masker, name: str, show: Callable[[str], None], links: dict[str, str]
    ) -> None:
        self._name = name
        self._file: BinaryIO = recorder.open_log(name)
        self._stream = MaskedStream(masker)
        self._lines = LineSplitter(show if recorder.wants_output else None, links)

    def write(self, data: bytes) -> None:
        """Raw bytes as they arrive."""
        self._emit(self._stream.feed(data))

    def say(self, text: str) -> None:
        """A line of orun's own about this attempt."""
        self.write(f"orun: {text}\n".encode("utf-8", "replace"))

    def close(self) -> None:
        """The attempt ended."""
        self._emit(self._stream.finish())
        self._lines.finish()
        self._file.close()

    def _emit(self, masked: bytes) -> None:
        if masked:
            self._store(masked)
            self._lines.feed(masked)

    def _store(self, masked: bytes) -> None:
        rest = memoryview(masked)
        try:
            while rest:
                rest = rest[self._file.write(rest) :]
            self._file.flush()
        except OSError as error:
            raise unwritable(self._name, error) from error


@frozen
class Limit:
    """A time of `time.monotonic` after which a process is ended, and the reason to give."""

    when: float
    reason: str


def attempt(
    session: StepSession, command: StepCommand, log: StepLog, halt: Halt, limit: Limit | None, *, spare: bool
) -> Ended:
    """Run one command to its end. `spare`: a soft stop of the run leaves it alone. Raises `RunError` when it cannot start."""
    process = session.start(command)
    late = threading.Event()
    with halt.process(process, spare=spare):
        deadline = None
        if limit is not None:
            deadline = halt.at(limit.when, lambda: _expire(process, halt, late))
        try:
            while data := process.read(CHUNK):
                log.write(data)
            code = process.wait()
        except BaseException:
            process.kill()
            raise
        finally:
            if deadline is not None:
                deadline.cancel()
    return Ended(code, limit.reason if limit is not None and late.is_set() else "")


def _expire(process: StepProcess, halt: Halt, late: threading.Event) -> None:
    late.set()
    halt.end(process)


def sooner(*limits: Limit | None) -> Limit | None:
    """The limit that comes first."""
    return min((limit for limit in limits if limit is not None), key=lambda limit: limit.when, default=None)


def within(seconds: float | None, reason: str) -> Limit | None:
    """The limit that many seconds from now."""
    return None if seconds is None else Limit(time.monotonic() + seconds, reason)
