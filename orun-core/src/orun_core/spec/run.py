"""What a run is made of: statuses, events, and the state that a fold of the events gives.

The journal (`.orun/runs/<exec-id>/events.ndjson`) holds one event per line; `RunState` is never stored for its own sake,
only folded (`orun_core.state.fold`). Plain dataclasses: nothing here loads pydantic. Times are RFC 3339 UTC with milliseconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from typing import Any, TypeAlias

from orun_core.spec.frozen import frozen

SCHEMA_VERSION = "orun.run/v1"


class Status(StrEnum):
    """The one vocabulary for runs, jobs and steps."""

    PENDING = "pending"
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"
    TIMED_OUT = "timed_out"

    @property
    def ended(self) -> bool:
        """True when nothing more will happen."""
        return self not in (Status.PENDING, Status.QUEUED, Status.RUNNING)

    @property
    def bad(self) -> bool:
        """True when the outcome fails a run."""
        return self in (Status.FAILED, Status.CANCELLED, Status.TIMED_OUT)


@frozen
class PlannedStep:
    """A step of a planned job, as the first event lists it."""

    id: str
    phase: str = "main"


@frozen
class PlannedJob:
    """A planned job, as the first event lists it, so that a reader never needs the plan."""

    id: str
    component: str
    environment: str
    name: str
    display_name: str
    digest: str
    depends_on: tuple[str, ...] = ()
    steps: tuple[PlannedStep, ...] = ()


@frozen
class RunStarted:
    """First event of a journal. A resumed run appends another one, with `resumed` set."""

    schema_version: str
    exec_id: str
    plan_checksum: str
    plan_name: str
    backend: str
    trigger: str
    user: str
    concurrency: int
    fail_fast: bool
    jobs: tuple[PlannedJob, ...]
    resumed: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)
    argv: tuple[str, ...] = ()


@frozen
class JobQueued:
    """The dependencies of a job succeeded; it waits for a slot."""

    job: str


@frozen
class JobStarted:
    """A job took a slot. `attempt` counts from 1 inside the execution."""

    job: str
    attempt: int


@frozen
class StepStarted:
    """A step began. `index` counts from 1 in the job; `attempt` from 1; `log` is relative to the run's folder."""

    job: str
    step: str
    index: int
    attempt: int
    log: str = ""


@frozen
class StepFinished:
    """A step ended. `exit_code` is None when there is no process behind it."""

    job: str
    step: str
    index: int
    attempt: int
    status: Status
    exit_code: int | None = None
    reason: str = ""
    allowed_failure: bool = False


@frozen
class JobFinished:
    """A job ended. `outputs` are its non-secret outputs, `summary` its Markdown, `links` label → URL."""

    job: str
    attempt: int
    status: Status
    reason: str = ""
    allowed_failure: bool = False
    outputs: Mapping[str, str] = field(default_factory=dict)
    summary: str = ""
    links: Mapping[str, str] = field(default_factory=dict)


@frozen
class JobSkipped:
    """A job will not start in this execution, and why. `resumed` marks one that an earlier attempt already did."""

    job: str
    reason: str
    resumed: bool = False


@frozen
class Noted:
    """Something an auditor wants to know: an ignored gate, an approval, an override, an image digest.

    `again` among the data of a run that is only recorded here is the command that tries it again where it ran.
    """

    kind: str
    message: str
    job: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


@frozen
class RunFinished:
    """Last event of an execution that ended by itself."""

    status: Status
    reason: str = ""


Happening: TypeAlias = (
    RunStarted | JobQueued | JobStarted | StepStarted | StepFinished | JobFinished | JobSkipped | Noted | RunFinished
)
"""What one event of the journal tells."""

EVENT_TYPES: dict[str, type[Happening]] = {
    "run.started": RunStarted,
    "job.queued": JobQueued,
    "job.started": JobStarted,
    "step.started": StepStarted,
    "step.finished": StepFinished,
    "job.finished": JobFinished,
    "job.skipped": JobSkipped,
    "note": Noted,
    "run.finished": RunFinished,
}
"""Name in the journal → class of what happened."""


@frozen
class Event:
    """One line of the journal: a sequence number from 1 without gaps, a time, and what happened."""

    seq: int
    at: str
    what: Happening


@frozen
class Output:
    """A line of output for live subscribers; never in the journal. `text` is masked and has no line end."""

    job: str
    step: str
    text: str


@frozen
class StepAttempt:
    """How an attempt of a step went that was not the last one. `log`: the name of its log."""

    log: str
    status: Status
    reason: str = ""
    exit_code: int | None = None
    allowed_failure: bool = False
    started_at: str = ""
    finished_at: str = ""


@frozen
class StepState:
    """A step as far as the journal tells. `logs`: one per attempt; `earlier`: how the attempts before the last went."""

    id: str
    index: int
    phase: str
    status: Status = Status.PENDING
    attempts: int = 0
    exit_code: int | None = None
    reason: str = ""
    allowed_failure: bool = False
    started_at: str = ""
    finished_at: str = ""
    logs: tuple[str, ...] = ()
    earlier: tuple[StepAttempt, ...] = ()


@frozen
class JobState:
    """A job as far as the journal tells."""

    id: str
    component: str
    environment: str
    name: str
    display_name: str
    digest: str
    depends_on: tuple[str, ...] = ()
    status: Status = Status.PENDING
    attempt: int = 0
    reason: str = ""
    allowed_failure: bool = False
    resumed: bool = False
    started_at: str = ""
    finished_at: str = ""
    steps: tuple[StepState, ...] = ()
    outputs: Mapping[str, str] = field(default_factory=dict)
    summary: str = ""
    links: Mapping[str, str] = field(default_factory=dict)


@frozen
class RunState:
    """A run as far as the journal tells. `alive` is False when the run has not ended and its owner is dead: interrupted."""

    exec_id: str
    plan_checksum: str
    plan_name: str
    backend: str
    trigger: str
    user: str
    concurrency: int
    fail_fast: bool
    status: Status
    started_at: str
    finished_at: str
    jobs: tuple[JobState, ...]
    reason: str = ""
    alive: bool = False
    notes: tuple[Noted, ...] = ()
    last_seq: int = 0
    schema_version: str = SCHEMA_VERSION

    @property
    def last_at(self) -> str:
        """When the run was last heard of."""
        times = [self.finished_at, self.started_at]
        times += [time for job in self.jobs for time in (job.started_at, job.finished_at)]
        times += [time for job in self.jobs for step in job.steps for time in (step.started_at, step.finished_at)]
        return max(times)

    @property
    def interrupted(self) -> bool:
        """True when the run neither ended nor lives."""
        return not self.status.ended and not self.alive


@frozen
class RunSummary:
    """One line of a list of runs. `counts`: jobs by status; `allowed`: those that failed and may; `last_at`: last heard of."""

    exec_id: str
    plan_checksum: str
    plan_name: str
    status: Status
    started_at: str
    finished_at: str
    counts: Mapping[str, int]
    alive: bool = False
    trigger: str = ""
    backend: str = ""
    allowed: int = 0
    last_at: str = ""
