"""A window on some logs of a run: their last lines, new lines as they come, and older ones on demand."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from shlex import quote
from typing import TYPE_CHECKING

from orun_core.spec.frozen import frozen

from orun_cockpit.cells import log_text
from orun_cockpit.logs import lines_before
from orun_cockpit.stream import CHUNK
from orun_cockpit.view import LogLine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orun_core.spec.store import StateStore

    from orun_cockpit.view import RunView

PAGE = 1000
"""Lines that are read at once."""


@frozen
class Scope:
    """Which logs of a run: all, those of a job, or those of one step of it."""

    exec_id: str
    job: str = ""
    step: str = ""

    @property
    def words(self) -> str:
        """What follows `orun logs` to show them."""
        named = (("exec-id", self.exec_id), ("job", self.job), ("step", self.step))
        return " ".join(f"--{option} {quote(value)}" for option, value in named if value)


@dataclass(slots=True)
class _Log:
    """One attempt of a step; `first` and `next` are where the read lines start and end."""

    job: str
    step: str
    attempt: int
    name: str
    over: bool
    first: int
    next: int

    def line(self, text: bytes) -> LogLine:
        return LogLine(self.job, self.step, self.attempt, log_text(text), "")


class LogWindow:
    """Reads from the end of the logs; safe from several threads. Nothing that was read is kept."""

    def __init__(self, store: StateStore, scope: Scope, page: int = PAGE) -> None:
        self.scope = scope
        self._store = store
        self._page = page
        self._logs: dict[str, _Log] | None = None
        self._lock = threading.Lock()

    @property
    def at_start(self) -> bool:
        """True when nothing stands before what was read."""
        return not any(log.first for log in (self._logs or {}).values())

    def newer(self, run: RunView) -> tuple[LogLine, ...]:
        """At first the last page, then complete lines that came since. A log that grows faster than it is read is skipped through."""
        with self._lock:
            if self._logs is None:
                self._logs = {log.name: log for log in self._found(run)}
                return self._before()
            known = self._logs
            for found in self._found(run):
                log = known.setdefault(found.name, found)
                if log is found:
                    log.first = log.next = 0
                log.over = found.over
            return tuple(line for log in known.values() for line in self._after(log))

    def older(self) -> tuple[LogLine, ...]:
        """The page before what was read; empty at the start."""
        with self._lock:
            return self._before()

    def _found(self, run: RunView) -> Iterator[_Log]:
        """The logs of the scope in the order in which their steps began, nothing of them read."""
        steps = [
            (job, step)
            for job in run.jobs
            for step in job.steps
            if step.logs and self.scope.job in ("", job.id) and self.scope.step in ("", step.id)
        ]
        known = self._logs or {}
        for job, step in sorted(steps, key=lambda pair: pair[1].started_at):
            for attempt, name in enumerate(step.logs, start=1):
                over = attempt < len(step.logs) or bool(step.finished_at) or not run.live
                size = 0 if name in known else self._store.log_size(self.scope.exec_id, name)
                yield _Log(job.id, step.id, attempt, name, over, size, size)

    def _before(self) -> tuple[LogLine, ...]:
        """A page of lines before `first` of the last log that is not read to its start, and of those before it."""
        lines: list[LogLine] = []
        for log in reversed((self._logs or {}).values()):
            if log.first and len(lines) < self._page:
                lines[:0] = self._page_of(log, self._page - len(lines))
        return tuple(lines)

    def _page_of(self, log: _Log, count: int) -> list[LogLine]:
        fresh = log.first == log.next
        texts, start = lines_before(self._store, self.scope.exec_id, log.name, log.first, count)
        if fresh and not log.over and texts and not self._ended(log):
            log.next -= len(texts.pop())
        log.first = start
        return [log.line(text) for text in texts]

    def _ended(self, log: _Log) -> bool:
        """True when the log ends with a line end."""
        return self._store.log(self.scope.exec_id, log.name, log.next - 1, 1) == b"\n"

    def _after(self, log: _Log) -> list[LogLine]:
        size = self._store.log_size(self.scope.exec_id, log.name)
        if size - log.next > CHUNK:
            log.next = size - CHUNK
        data = self._store.log(self.scope.exec_id, log.name, log.next, CHUNK) if size > log.next else b""
        whole, end, rest = data.rpartition(b"\n")
        if log.over and rest and log.next + len(data) == size:
            whole, end, rest = data, b"", b""
        log.next += len(whole) + len(end)
        return [log.line(text) for text in whole.split(b"\n")] if whole or end else []
