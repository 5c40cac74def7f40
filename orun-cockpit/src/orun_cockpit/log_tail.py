"""Reads what was added to the logs of a run since the last look, for `orun logs --follow`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orun_cockpit.cells import log_text
from orun_cockpit.logs import lines_before
from orun_cockpit.stream import CHUNK, utc_now
from orun_cockpit.view import LogLine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from orun_core.spec.store import StateStore

    from orun_cockpit.view import JobView, RunView, StepView


class LogTail:
    """The lines of a run's logs that were not read yet."""

    def __init__(self, store: StateStore, wanted: Callable[[JobView, StepView], bool]) -> None:
        self._store = store
        self._wanted = wanted
        self._offsets: dict[str, int] = {}
        self._rest: dict[str, bytes] = {}
        self._closed: set[str] = set()

    def skip(self, run: RunView, tail: int) -> None:
        """Leave out all but the last lines of each step so far; those of earlier attempts count as well."""
        for _, step in self._steps(run):
            left = tail
            for name in reversed(step.logs):
                size = self._store.log_size(run.exec_id, name)
                lines, self._offsets[name] = lines_before(self._store, run.exec_id, name, size, left)
                left -= len(lines)

    def _steps(self, run: RunView) -> list[tuple[JobView, StepView]]:
        """The wanted steps, in the order in which they began."""
        steps = [(job, step) for job in run.jobs for step in job.steps if step.logs and self._wanted(job, step)]
        return sorted(steps, key=lambda pair: pair[1].started_at)

    def read(self, run: RunView) -> tuple[LogLine, ...]:
        """New lines of all wanted steps, in the order in which the steps began; a line comes when it is complete."""
        now = utc_now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        lines: list[LogLine] = []
        for job, step in self._steps(run):
            for attempt, name in enumerate(step.logs, start=1):
                if name not in self._closed:
                    over = attempt < len(step.logs) or bool(step.finished_at) or not run.live
                    texts = self._new(run.exec_id, name, over=over)
                    lines += [LogLine(job.id, step.id, attempt, text, now) for text in texts]
        return tuple(lines)

    def read_all(self, run: RunView) -> Iterator[LogLine]:
        """As `read`, again and again until nothing is left."""
        while lines := self.read(run):
            yield from lines

    def _new(self, exec_id: str, name: str, *, over: bool) -> list[str]:
        """Complete lines of a log that were not read yet; the last, unended one too when the log is `over`."""
        offset = self._offsets.get(name, 0)
        data = self._store.log(exec_id, name, offset, CHUNK)
        self._offsets[name] = offset + len(data)
        *whole, rest = (self._rest.pop(name, b"") + data).split(b"\n")
        if over and len(data) < CHUNK:
            self._closed.add(name)
            whole += [rest] if rest else []
        elif rest:
            self._rest[name] = rest
        return [log_text(line) for line in whole]
