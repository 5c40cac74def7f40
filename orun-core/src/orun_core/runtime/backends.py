"""Drives a backend job by job, whichever granularity it has: a `StepBackend` through `stepwise`, a `JobBackend` by its events."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from orun_core.runtime import environment
from orun_core.runtime.jobwise import run_job
from orun_core.runtime.run_folders import remove_folder
from orun_core.runtime.stepwise import JobOrder, JobResult, StepwiseJob
from orun_core.spec.backend import JobContext
from orun_core.spec.errors import OrunError
from orun_core.spec.run import Noted, Status
from orun_core.state.owner import is_gone, owner_name

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from orun_core.runtime.environment import RunFacts
    from orun_core.runtime.isolation import Isolation, Place
    from orun_core.runtime.stepwise import RunTools
    from orun_core.spec.backend import JobBackend, StepBackend, StepSession
    from orun_core.spec.plan import Job


@dataclass(frozen=True)
class JobDriver:
    """Runs one attempt of any job on `backend`.

    `inherited`: environment below the jobs' own; `secrets`: values by job and variable; `scratch`: folder for scripts and file
    commands; `done` and `tries`: steps that need not run again, and attempts so far by step, by job; `owner`: name of this process.
    """

    backend: StepBackend | JobBackend
    tools: RunTools
    facts: RunFacts
    inherited: Mapping[str, str]
    secrets: Mapping[str, Mapping[str, str]]
    isolation: Isolation
    scratch: Path
    done: Mapping[str, frozenset[str]] = field(default_factory=dict)
    tries: dict[str, dict[str, int]] = field(default_factory=dict)
    owner: str = field(default_factory=owner_name)

    def __call__(self, job: Job, attempt: int, needs: Mapping[str, Mapping[str, str]]) -> JobResult:
        """One attempt; the job's scratch folder and staged copy are gone afterwards. Raises `RunError`."""
        scratch = self.scratch / f"{job.uid}.{attempt}"
        scratch.mkdir()
        try:
            with self.isolation.workspace(job) as place:
                order = self._order(job, attempt, needs, place, scratch)
                result = self._run(order, attempt)
                if result.status is Status.SUCCEEDED:
                    self.isolation.give_back(job, place)
                return result
        finally:
            remove_folder(scratch)

    def _order(
        self, job: Job, attempt: int, needs: Mapping[str, Mapping[str, str]], place: Place, scratch: Path
    ) -> JobOrder:
        return JobOrder(
            job=job,
            base=self.inherited if self.backend.capabilities.inherits else {},
            facts=environment.of_job(self.facts, job, attempt),
            secrets=self.secrets.get(job.id, {}),
            needs=needs,
            workspace=place.root,
            folder=place.folder,
            scratch=scratch,
            confined=place.confined,
            local=self.backend.capabilities.local,
            done=self.done.get(job.id, frozenset()),
            tries=self.tries.setdefault(job.id, {}),
        )

    def _run(self, order: JobOrder, attempt: int) -> JobResult:
        job = order.job
        jobwise = self.backend.capabilities.granularity == "job"
        context = JobContext(
            exec_id=self.facts.exec_id,
            workspace=order.workspace,
            scratch=order.scratch,
            environment={
                **order.base,
                **environment.plain(job.env),
                **environment.of_needs(job, order.needs),
                **order.facts,
                **({"ORUN_WORKSPACE": str(order.workspace)} if jobwise else {}),
            },
            secrets=order.secrets,
            attempt=attempt,
            note=lambda kind, message, data: self.tools.recorder.record(Noted(kind, message, job.id, dict(data))),
            mask=self.tools.masker.add,
            owner=self.owner,
            gone=is_gone,
        )
        if jobwise:
            return run_job(cast("JobBackend", self.backend).open(job, context), order, self.tools)
        session = cast("StepBackend", self.backend).open(job, context)
        result = JobResult()
        try:
            result = StepwiseJob(order, session, self.tools).run()
        finally:
            self._close(session, job, result)
        return result

    def _close(self, session: StepSession, job: Job, result: JobResult) -> None:
        """Close it; what fails there is the reason of a job that had none."""
        try:
            session.close()
        except OrunError as error:
            result.blame(Status.FAILED, str(error))
            self.tools.recorder.advise(job.id, error)
