"""What steps printed, read from the store: the last lines of each step, in the order in which the steps ran."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING

from orun_core.spec.failure import failure_hint
from orun_core.spec.frozen import frozen

from orun_cockpit.cells import log_text
from orun_cockpit.lookup import matching
from orun_cockpit.marks import BAD
from orun_cockpit.view import LogEntry, LogLine, LogView

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from orun_core.spec.store import StateStore

    from orun_cockpit.view import JobView, RunView, StepView

BLOCK = 1 << 16
TAIL = 8
TAIL_FAILED = 20


@frozen
class Selection:
    """Which logs, and how much of each. `job` and `step` are names or parts of them; without `tail`, the usual lines."""

    job: str = ""
    step: str = ""
    failed: bool = False
    tail: int | None = None

    def of(self, run: RunView) -> Callable[[JobView, StepView], bool]:
        """What it takes of a run; raises `UsageError` (`usage/unknown-name`) when a name matches nothing."""
        ids = tuple(job.id for job in run.jobs)
        jobs = frozenset(matching("job", self.job, ids) if self.job else ids)
        names = tuple(dict.fromkeys(step.id for job in run.jobs if job.id in jobs for step in job.steps))
        steps = frozenset(matching("step", self.step, names) if self.step else names)

        def takes(job: JobView, step: StepView) -> bool:
            return job.id in jobs and step.id in steps and (not self.failed or step.mark in BAD)

        return takes


def log_view(store: StateStore, run: RunView, selection: Selection) -> LogView:
    """The logs of a run: jobs in the order in which they began, steps in theirs."""
    entries = (_entries(store, run.exec_id, job, step, selection.tail) for job, step in chosen(run, selection))
    return LogView(run, tuple(chain.from_iterable(entries)))


def chosen(run: RunView, selection: Selection) -> Iterator[tuple[JobView, StepView]]:
    """The steps that a selection takes, in the order in which they ran."""
    takes = selection.of(run)
    for job in sorted(run.jobs, key=lambda job: (job.offset is None, job.offset)):
        yield from ((job, step) for step in job.steps if takes(job, step))


def raw_blocks(store: StateStore, exec_id: str, name: str) -> Iterator[bytes]:
    """A whole log, block by block."""
    offset = 0
    while block := store.log(exec_id, name, offset, BLOCK * 16):
        yield block
        offset += len(block)


def log_lines(store: StateStore, run: RunView, selection: Selection) -> Iterator[LogLine]:
    """Every line of the logs that a selection takes, or the last ones of each."""
    for job, step in chosen(run, selection):
        for attempt, name in enumerate(step.logs, start=1):
            lines: Iterable[bytes] = raw_lines(store, run.exec_id, name)
            if selection.tail is not None:
                size = store.log_size(run.exec_id, name)
                lines, _ = lines_before(store, run.exec_id, name, size, selection.tail)
            yield from (LogLine(job.id, step.id, attempt, log_text(line), "") for line in lines)


def raw_lines(store: StateStore, exec_id: str, name: str) -> Iterator[bytes]:
    """A whole log, line by line, without line ends."""
    rest = b""
    for block in raw_blocks(store, exec_id, name):
        *whole, rest = (rest + block).split(b"\n")
        yield from whole
    if rest:
        yield rest


def _entries(store: StateStore, exec_id: str, job: JobView, step: StepView, tail: int | None) -> Iterator[LogEntry]:
    """One entry per attempt of a step that began."""
    lines_wanted = tail if tail is not None else TAIL_FAILED if step.mark in BAD else TAIL
    earlier = {attempt.log: attempt for attempt in step.earlier}
    for number, name in enumerate(step.logs, start=1):
        went = earlier.get(name, step)
        lines, elided = last_lines(store, exec_id, name, lines_wanted)
        yield LogEntry(
            job=job.id,
            component=job.component,
            environment=job.environment,
            name=job.name,
            step=step.id,
            number=step.number,
            phase=step.phase,
            attempt=number,
            attempts=len(step.logs),
            mark=went.mark,
            state=went.state,
            duration=went.duration,
            exit_code=went.exit_code,
            reason=went.reason,
            started_at=went.started_at,
            finished_at=went.finished_at,
            lines=lines,
            elided=elided,
            hint=failure_hint(went.reason, "\n".join(lines)) if went.mark in BAD else "",
        )


def last_lines(store: StateStore, exec_id: str, name: str, count: int) -> tuple[tuple[str, ...], int]:
    """The last lines of a log, cleaned, and how many stand before them."""
    lines, start = lines_before(store, exec_id, name, store.log_size(exec_id, name), count)
    return tuple(log_text(line) for line in lines), sum(_newlines(store, exec_id, name, start))


def lines_before(store: StateStore, exec_id: str, name: str, end: int, count: int) -> tuple[list[bytes], int]:
    """Up to `count` lines of a log that end at `end`, and where the first of them starts."""
    start, found = end, 0
    blocks: list[bytes] = []
    while start > 0 and found <= count:
        begin = max(start - BLOCK, 0)
        blocks.append(store.log(exec_id, name, begin, start - begin))
        found += blocks[-1].count(b"\n")
        start = begin
    data = b"".join(reversed(blocks))
    lines = re.findall(rb"[^\n]*\n|[^\n]+", data)
    kept = lines[max(len(lines) - count, 0) :]
    first = start + len(data) - sum(map(len, kept))
    return [line.removesuffix(b"\n") for line in kept], first


def _newlines(store: StateStore, exec_id: str, name: str, end: int) -> Iterator[int]:
    """Line ends in the first `end` bytes of a log, block by block."""
    for offset in range(0, end, BLOCK * 16):
        yield store.log(exec_id, name, offset, min(BLOCK * 16, end - offset)).count(b"\n")
