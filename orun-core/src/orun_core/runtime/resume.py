"""What an earlier pass of the same execution means for this one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from orun_core.spec.errors import Diagnostic, RunError
from orun_core.spec.run import Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from orun_core.spec.plan import Job, Plan
    from orun_core.spec.run import Event, JobState, RunState


@dataclass(frozen=True)
class Earlier:
    """The recorded jobs of an execution by id, and the events that tell of them; empty for a new one.

    `again`: jobs to run once more although they succeeded (`--retry`). `digests`: content of each planned job now: a result of
    another content does not count.
    """

    jobs: Mapping[str, JobState] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    again: frozenset[str] = frozenset()
    exists: bool = False

    @classmethod
    def of(
        cls, state: RunState, plan: Plan, events: tuple[Event, ...], *, again: frozenset[str], force: bool
    ) -> Earlier:
        """Read a recorded run; raises `RunError` when it ran another plan, unless forced."""
        if state.plan_checksum != plan.metadata.checksum and not force:
            message = (
                f"execution {state.exec_id} ran the plan {state.plan_checksum[:19]}, not {plan.metadata.checksum[:19]}"
            )
            hint = "give the execution another id, or --force-resume: jobs with changed content run again"
            raise RunError(Diagnostic("run/other-plan", message, hint=hint))
        digests = {job.id: job.digest for job in plan.jobs}
        seen = tuple(event for event in events if event.seq <= state.last_seq)
        return cls({job.id: job for job in state.jobs}, digests, seen, again, exists=True)

    def succeeded(self) -> frozenset[str]:
        """Jobs that succeeded with the content they have now."""
        return frozenset(
            job.id
            for job in self.jobs.values()
            if job.status is Status.SUCCEEDED and job.digest == self.digests.get(job.id) and job.id not in self.again
        )

    def resumed(self, jobs: Sequence[Job]) -> dict[str, str]:
        """Selected jobs that need not run, with the reason to show."""
        done = self.succeeded()
        return {job.id: f"succeeded in attempt {self.jobs[job.id].attempt}" for job in jobs if job.id in done}

    def attempts(self) -> dict[str, int]:
        """Attempts so far by job."""
        return {job.id: job.attempt for job in self.jobs.values()}

    def tries(self) -> dict[str, dict[str, int]]:
        """Attempts so far by step, by job: logs are numbered on."""
        return {job.id: {step.id: step.attempts for step in job.steps} for job in self.jobs.values()}

    def outputs(self) -> dict[str, Mapping[str, str]]:
        """Outputs of the jobs that count as succeeded."""
        return {job: self.jobs[job].outputs for job in self.succeeded()}

    def done_steps(self, jobs: Sequence[Job]) -> dict[str, frozenset[str]]:
        """Steps that succeeded in a failed attempt and say `resume: true`, by job, unless the job changed or is retried."""
        found = {}
        for job in jobs:
            before = self.jobs.get(job.id)
            if before is None or before.digest != job.digest or job.id in self.again:
                continue
            ended = {step.id for step in before.steps if step.status is Status.SUCCEEDED}
            found[job.id] = frozenset(step.id for step in job.steps if step.resume and step.id in ended)
        return found

    def left_behind(self, jobs: Sequence[Job]) -> str:
        """A job outside this selection whose failure is still on record; empty when there is none."""
        now = {job.id for job in jobs}
        return next((job.id for job in self.jobs.values() if job.id not in now and job.status.bad), "")
