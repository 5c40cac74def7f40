"""Records what a job backend reports: its steps, its output, its end, with orun's own logs and masking."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from orun_core.runtime.attempt import StepLog, within
from orun_core.runtime.duration import parse_duration
from orun_core.runtime.stepwise import JobResult, log_name
from orun_core.spec.duration import show_duration
from orun_core.spec.run import JobFinished, Output, Status, StepFinished, StepStarted

if TYPE_CHECKING:
    from orun_core.runtime.stepwise import JobOrder, RunTools
    from orun_core.spec.backend import JobSession
    from orun_core.spec.run import Happening


class JobScribe:
    """Writes the journal and the logs of one job whose steps run elsewhere."""

    def __init__(self, job: str, tries: dict[str, int], tools: RunTools) -> None:
        self._job = job
        self._tries = tries
        self._tools = tools
        self._logs: dict[str, StepLog] = {}
        self._names: dict[str, str] = {}
        self._open: dict[str, StepStarted] = {}
        self.result: JobResult | None = None
        self._links: dict[str, str] = {}

    def take(self, what: Happening | Output) -> None:
        """One thing that the backend reported."""
        if isinstance(what, Output):
            log = self._logs.get(what.step) or self._late(what.step)
            log.write(what.text.encode("utf-8", "surrogateescape") + b"\n")
        elif isinstance(what, StepStarted):
            self._started(what)
        elif isinstance(what, StepFinished):
            self._finished(what)
        elif isinstance(what, JobFinished):
            self.result = JobResult(
                what.status, what.reason, what.allowed_failure, dict(what.outputs), what.summary, dict(what.links)
            )
        else:
            self._tools.recorder.record(what)

    def _started(self, what: StepStarted) -> StepLog:
        recorder = self._tools.recorder
        number = self._tries[what.step] = self._tries.get(what.step, 0) + 1
        name = log_name(self._job, what.index, what.step, number)
        started = replace(what, job=self._job, attempt=number, log=name)
        log = self._log(what.step, name)
        if what.index:
            recorder.record(started)
            self._open[what.step] = started
        return log

    def _late(self, step: str) -> StepLog:
        """The log for what a step printed and the backend only tells after its end, or without ever having begun it."""
        name = self._names.get(step)
        return self._log(step, name) if name else self._started(StepStarted(self._job, step, 0, 1))

    def _log(self, step: str, name: str) -> StepLog:
        recorder = self._tools.recorder
        show = partial(recorder.output, self._job, step)
        self._names[step] = name
        self._logs[step] = StepLog(recorder, self._tools.masker, name, show, self._links)
        return self._logs[step]

    def _finished(self, what: StepFinished) -> None:
        log = self._logs.pop(what.step, None)
        if log is not None:
            log.close()
        self._open.pop(what.step, None)
        self._tools.recorder.record(replace(what, job=self._job, attempt=self._tries.get(what.step, 0)))

    def whole_log(self, data: bytes) -> None:
        """Keep the raw log of a job that reported no output line by line."""
        log = StepLog(self._tools.recorder, self._tools.masker, log_name(self._job, 0, "job", 1), lambda _: None, {})
        log.write(data)
        log.close()

    def close(self) -> JobResult:
        """Close what is open; a backend that never said how the job ended failed."""
        for log in self._logs.values():
            log.close()
        result = self.result or JobResult(Status.FAILED, "the backend ended without a result")
        for step in self._open.values():
            self._tools.recorder.record(
                StepFinished(self._job, step.step, step.index, step.attempt, Status.CANCELLED, reason=result.reason)
            )
        result.links = {**self._links, **result.links}
        return result


def run_job(session: JobSession, order: JobOrder, tools: RunTools) -> JobResult:
    """Follow one job to its end; it is cancelled when the run stops or its budget is used up."""
    scribe = JobScribe(order.job.id, order.tries, tools)
    seconds = parse_duration(order.job.timeout, f"job {order.job.id}")
    limit = within(seconds, f"job timed out after {show_duration(seconds or 0)}")
    late: list[str] = []

    def expire(reason: str) -> None:
        late.append(reason)
        session.cancel()

    deadline = tools.halt.at(limit.when, lambda: expire(limit.reason)) if limit is not None else None
    try:
        with tools.halt.on_ask(session.cancel):
            for what in session.events():
                scribe.take(what)
    finally:
        if deadline is not None:
            deadline.cancel()
        result = scribe.close()
    if late and result.status.bad:
        result.status, result.reason = Status.TIMED_OUT, late[0]
    return result
