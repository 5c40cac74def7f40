"""Runs the selected jobs of a plan on one backend: the scheduler decides, threads work, the journal records.

The calling thread is the only one that talks to the scheduler. It sleeps on a mailbox that worker threads and signal handlers
write to, so a signal is handled at once and never inside a journal write. The threads are daemons: one that a backend never gives
back does not keep the process alive.
"""

from __future__ import annotations

import threading
from dataclasses import field
from queue import SimpleQueue
from typing import TYPE_CHECKING, TypeAlias

from orun_core.runtime.mailbox import take
from orun_core.runtime.scheduler import Limits, OnFailure, Scheduler
from orun_core.runtime.stepwise import JobResult
from orun_core.spec.errors import OrunError
from orun_core.spec.frozen import frozen
from orun_core.spec.run import JobFinished, JobQueued, JobSkipped, JobStarted, Noted, RunFinished, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from orun_core.runtime.halt import Halt
    from orun_core.runtime.recorder import Recorder
    from orun_core.runtime.retry import Backoff
    from orun_core.runtime.scheduler import Skip
    from orun_core.spec.plan import Job

JobWork: TypeAlias = "Callable[[Job, int, Mapping[str, Mapping[str, str]]], JobResult]"
"""Runs one attempt of a job, given its number and the outputs by dependency."""


@frozen
class Course:
    """What is run, and under which rules.

    `jobs`: the selection in topological order. `resumed`: jobs of it that succeeded earlier, with the reason to show. `satisfied`:
    ids outside it that count as succeeded. `attempts`: attempts so far by job. `outputs`: of jobs that ran earlier. `left_behind`:
    a job outside the selection whose failure stays on record, so that the execution as a whole failed.
    """

    jobs: Sequence[Job]
    limits: Limits
    on_failure: OnFailure = OnFailure.STOP
    resumed: Mapping[str, str] = field(default_factory=dict)
    satisfied: frozenset[str] = frozenset()
    attempts: Mapping[str, int] = field(default_factory=dict)
    outputs: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    left_behind: str = ""


@frozen
class _Signal:
    number: int


@frozen
class _Done:
    job: str
    result: JobResult | BaseException


class Runner:
    """One pass over a course. `work` does one attempt of a job on a worker thread."""

    def __init__(self, course: Course, work: JobWork, recorder: Recorder, halt: Halt, backoff: Backoff) -> None:
        self._course = course
        self._work = work
        self._recorder = recorder
        self._halt = halt
        self._backoff = backoff
        self._jobs = {job.id: job for job in course.jobs}
        self._outputs = dict(course.outputs)
        self._mailbox: SimpleQueue[_Signal | _Done] = SimpleQueue()
        self._orders: SimpleQueue[Job | None] = SimpleQueue()
        self._working = 0
        self._crew: list[threading.Thread] = []
        self._status = Status.SUCCEEDED
        self._reason = ""
        self._signals = 0
        self.signal = 0

    def interrupt(self, number: int) -> None:
        """A signal arrived: the first one stops softly, the second at once, the third waits for nobody.

        Safe to call from a signal handler.
        """
        self._mailbox.put(_Signal(number))

    def run(self) -> Status:
        """Run to the end and record it; the status of the whole run."""
        course = self._course
        for job, reason in course.resumed.items():
            self._recorder.record(JobSkipped(job, reason, resumed=True))
        scheduler = Scheduler(
            [job for job in course.jobs if job.id not in course.resumed],
            limits=course.limits,
            on_failure=course.on_failure,
            satisfied=course.satisfied | course.resumed.keys(),
        )
        try:
            self._loop(scheduler)
        except BaseException:
            self._halt.force()
            self._dismiss()
            raise
        if not self._working:  # a third signal leaves jobs behind
            self._dismiss()
        self._recorder.record(self._sealed())
        return self._status

    def _sealed(self) -> RunFinished:
        if self._status is Status.SUCCEEDED and self._course.left_behind:
            return RunFinished(Status.FAILED, f"job {self._course.left_behind} failed earlier")
        return RunFinished(self._status, self._reason)

    def _loop(self, scheduler: Scheduler) -> None:
        while self._signals <= 2:
            for job in scheduler.start():
                self._begin(self._jobs[job])
            if queued := scheduler.queued():
                self._recorder.record(*map(JobQueued, queued))
            if scheduler.done:
                return
            message = take(self._mailbox)
            if isinstance(message, _Signal):
                self._stop(scheduler, message.number)
            else:
                self._ended(scheduler, message)

    def _begin(self, job: Job) -> None:
        """Give a job to an idle thread, or to a new one."""
        self._working += 1
        self._orders.put(job)
        if self._working > len(self._crew):
            thread = threading.Thread(target=self._work_off, name=f"orun-job-{self._working}", daemon=True)
            self._crew.append(thread)
            thread.start()

    def _dismiss(self) -> None:
        """End the threads, each after its job."""
        for _ in self._crew:
            self._orders.put(None)
        for thread in self._crew:
            thread.join()

    def _work_off(self) -> None:
        """On a worker thread: one job after another."""
        while (job := self._orders.get()) is not None:
            self._job(job)

    def _stop(self, scheduler: Scheduler, number: int) -> None:
        self._signals += 1
        if self._signals > 1:
            self._halt.force()
            return
        self.signal = number
        self._status, self._reason = Status.CANCELLED, "interrupted" if number == 2 else "terminated"
        self._halt.ask()
        self._skip(scheduler.stop("cancelled"))

    def _ended(self, scheduler: Scheduler, done: _Done) -> None:
        self._working -= 1
        if isinstance(done.result, BaseException):
            raise done.result
        status = done.result.status
        if status is Status.SUCCEEDED:
            self._outputs[done.job] = done.result.outputs
        elif self._status is Status.SUCCEEDED:
            self._status, self._reason = Status.FAILED, f"job {done.job}: {done.result.reason}"
        self._skip(scheduler.finished(done.job, succeeded=status is Status.SUCCEEDED))
        if status is not Status.SUCCEEDED and self._course.on_failure is OnFailure.CANCEL:
            self._halt.ask()

    def _skip(self, skips: tuple[Skip, ...]) -> None:
        if skips:
            self._recorder.record(*(JobSkipped(skip.job, skip.reason) for skip in skips))

    def _job(self, job: Job) -> None:
        """All attempts of one job. Whatever goes wrong reaches the mailbox."""
        try:
            result: JobResult | BaseException = self._attempts(job)
        except BaseException as error:  # noqa: BLE001 - the calling thread re-raises it
            result = error
        self._mailbox.put(_Done(job.id, result))

    def _attempts(self, job: Job) -> JobResult:
        first = self._course.attempts.get(job.id, 0) + 1
        needs = {need: self._outputs.get(need, {}) for need in job.depends_on}
        last = first + max(0, job.retries)
        for number in range(first, last + 1):
            self._recorder.record(JobStarted(job.id, number))
            try:
                result = self._work(job, number, needs)
            except (OrunError, OSError) as error:
                result = JobResult(Status.FAILED, str(error))
                self._recorder.advise(job.id, error)
            again = result.status in (Status.FAILED, Status.TIMED_OUT) and number < last
            if not again or not self._pause(job, number, number - first + 1, result):
                break
        self._recorder.record(
            JobFinished(
                job.id,
                number,
                result.status,
                result.reason,
                result.allowed_failure,
                result.outputs,
                result.summary,
                result.links,
            )
        )
        return result

    def _pause(self, job: Job, number: int, failures: int, result: JobResult) -> bool:
        message = f"attempt {number} failed: {result.reason}; trying again"
        self._recorder.record(Noted("job-retry", message, job.id))
        return self._halt.sleep(self._backoff.delay(failures))
