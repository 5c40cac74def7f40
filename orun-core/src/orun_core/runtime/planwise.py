"""Records a plan that runs elsewhere: a `PlanBackend` does the whole DAG, core keeps the journal and the logs."""

from __future__ import annotations

import threading
from queue import SimpleQueue
from typing import TYPE_CHECKING

from orun_core.runtime.jobwise import JobScribe
from orun_core.runtime.mailbox import take
from orun_core.spec.run import JobFinished, JobStarted, Output, RunFinished, Status

if TYPE_CHECKING:
    from orun_core.runtime.stepwise import RunTools
    from orun_core.spec.backend import PlanBackend, PlanContext, PlanSession
    from orun_core.spec.plan import Plan
    from orun_core.spec.run import Happening


class PlanRunner:
    """One pass of a whole plan on a plan backend; the counterpart of `Runner`."""

    def __init__(self, plan: Plan, backend: PlanBackend, context: PlanContext, tools: RunTools) -> None:
        self._plan = plan
        self._backend = backend
        self._context = context
        self._tools = tools
        self._mailbox: SimpleQueue[int | BaseException | None] = SimpleQueue()
        self._status = Status.SUCCEEDED
        self._reason = ""
        self._scribes: dict[str, JobScribe] = {}
        self._quiet: set[str] = set()
        self.signal = 0

    def interrupt(self, number: int) -> None:
        """A signal arrived; safe to call from a signal handler."""
        self._mailbox.put(number)

    def run(self) -> Status:
        """Follow the remote run to its end and record it; raises `RunError` when it cannot start."""
        session = self._backend.open(self._plan, self._context)
        with self._tools.halt.on_ask(session.cancel):
            worker = threading.Thread(target=self._follow, args=(session,), name="orun-plan", daemon=True)
            worker.start()
            while (message := take(self._mailbox)) is not None:
                if isinstance(message, BaseException):
                    raise message
                if self.signal:
                    break
                self.signal = message
                self._status, self._reason = Status.CANCELLED, "interrupted" if message == 2 else "terminated"
                self._tools.halt.ask()
        self._tools.recorder.record(RunFinished(self._status, self._reason))
        return self._status

    def _follow(self, session: PlanSession) -> None:
        try:
            for what in session.events():
                self._take(what, session)
        except BaseException as error:  # noqa: BLE001 - the calling thread re-raises it
            self._mailbox.put(error)
        else:
            self._mailbox.put(None)

    def _take(self, what: Happening | Output, session: PlanSession) -> None:
        recorder = self._tools.recorder
        if isinstance(what, RunFinished):
            if self._status is Status.SUCCEEDED and what.status.bad:
                self._status, self._reason = what.status, what.reason
            return
        if isinstance(what, JobStarted):
            self._scribes[what.job] = JobScribe(what.job, {}, self._tools)
            self._quiet.add(what.job)
            recorder.record(what)
            return
        scribe = self._scribes.get(getattr(what, "job", ""))
        if isinstance(what, Output):
            self._quiet.discard(what.job)
        elif scribe is None:
            recorder.record(what)
        if scribe is None:
            return
        scribe.take(what)
        if isinstance(what, JobFinished):
            self._finished(what, scribe, session)

    def _finished(self, what: JobFinished, scribe: JobScribe, session: PlanSession) -> None:
        if what.job in self._quiet:
            scribe.whole_log(session.log(what.job))
        scribe.close()
        self._tools.recorder.record(what)
        if what.status.bad and self._status is Status.SUCCEEDED:
            self._status, self._reason = Status.FAILED, f"job {what.job}: {what.reason}"
