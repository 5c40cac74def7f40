"""What every surface shows: frozen values in which everything is already decided.

Label, mark, order, counts, durations and progress are chosen once, in `project`; a surface only lays them out.
Durations and ages are seconds; `style` writes them. Nothing here knows of files, stores or journals.
"""

from __future__ import annotations

from enum import StrEnum

from orun_core.spec.frozen import frozen
from orun_core.spec.run import Status  # noqa: TC002 - the schemas are made from the annotations

SCHEMA_VERSION = "orun.view/v1"
"""Version of these views as documents."""


class Mark(StrEnum):
    """How a run, a job or a step is shown: a status, or what only a reader can tell about one."""

    PENDING = "pending"
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"
    TIMED_OUT = "timed_out"
    ALLOWED = "allowed_failure"
    """It failed, and the plan allows that."""
    RESUMED = "resumed"
    """An earlier attempt of this execution did it."""
    INTERRUPTED = "interrupted"
    """It ran when its owner died."""


@frozen
class Counts:
    """How many jobs are where. `succeeded` holds resumed ones, `queued` all that wait; 100 percent means all."""

    total: int
    succeeded: int
    running: int
    queued: int
    failed: int
    skipped: int
    cancelled: int
    interrupted: int
    allowed: int
    ended: int
    percent: int


@frozen
class AttemptView:
    """An attempt of a step that was not the last one. `log`: the name of its log."""

    log: str
    mark: Mark
    state: str
    duration: float | None
    exit_code: int | None
    reason: str
    started_at: str
    finished_at: str


@frozen
class StepView:
    """One step of a job."""

    id: str
    number: int
    phase: str
    status: Status
    mark: Mark
    state: str
    """The word for `mark`."""
    duration: float | None
    attempts: int
    exit_code: int | None
    reason: str
    started_at: str
    finished_at: str
    logs: tuple[str, ...]
    """Names of its logs, one per attempt."""
    earlier: tuple[AttemptView, ...] = ()
    """How the attempts before the last one went."""
    command: str = ""
    """First line of what it runs, when the plan is at hand."""


@frozen
class JobView:
    """One job of a run."""

    id: str
    component: str
    environment: str
    name: str
    title: str
    label: str
    """What its row says: the job's name, behind its environment when the run has several."""
    status: Status
    mark: Mark
    state: str
    duration: float | None
    offset: float | None
    """Seconds from the start of the run to the start of the job."""
    started_at: str
    finished_at: str
    attempt: int
    reason: str
    step: str
    """The step that runs now, or the one that failed."""
    steps: tuple[StepView, ...]
    depends_on: tuple[str, ...]
    rank: int
    """Length of the longest chain of dependencies below it."""
    critical: bool
    """On the chain that took longest."""
    links: tuple[tuple[str, str], ...] = ()
    summary: str = ""
    allowed: int = 0
    """How many of its steps failed and may."""
    hint: str = ""
    """The command that shows more, for a job that went wrong."""


@frozen
class GroupView:
    """The jobs of one component, in plan order."""

    component: str
    mark: Mark
    touched: bool
    """False while none of its jobs has started."""
    jobs: tuple[JobView, ...]


@frozen
class NoteView:
    """A fact that the journal holds for an auditor."""

    kind: str
    message: str
    job: str


@frozen
class RunView:
    """One run."""

    exec_id: str
    plan: str
    """Name of the plan."""
    checksum: str
    checksum_short: str
    status: Status
    mark: Mark
    state: str
    reason: str
    live: bool
    duration: float | None
    age: float | None
    started_at: str
    finished_at: str
    backend: str
    trigger: str
    user: str
    concurrency: int
    fail_fast: bool
    resumed: bool
    components: tuple[str, ...]
    environments: tuple[str, ...]
    counts: Counts
    groups: tuple[GroupView, ...]
    links: tuple[tuple[str, str], ...]
    notes: tuple[NoteView, ...]
    hints: tuple[str, ...]
    """Commands worth typing next; of a run that went wrong the last one tries it again."""

    @property
    def jobs(self) -> tuple[JobView, ...]:
        """Every job, in the order in which rows are shown."""
        return tuple(job for group in self.groups for job in group.jobs)


@frozen
class RunRow:
    """One line of a list of runs."""

    exec_id: str
    plan: str
    checksum: str
    status: Status
    mark: Mark
    state: str
    live: bool
    ended: int
    failed: int
    total: int
    duration: float | None
    age: float | None
    started_at: str
    trigger: str
    backend: str


@frozen
class RunListView:
    """Runs, live ones first, then the newest."""

    runs: tuple[RunRow, ...]


@frozen
class LogEntry:
    """The output of one attempt of a step: its last lines, and how many stand before them."""

    job: str
    component: str
    environment: str
    name: str
    step: str
    number: int
    phase: str
    attempt: int
    attempts: int
    mark: Mark
    """How the attempt went."""
    state: str
    duration: float | None
    exit_code: int | None
    reason: str
    started_at: str
    finished_at: str
    lines: tuple[str, ...]
    elided: int
    hint: str = ""
    """What often helps with a failure like this."""


@frozen
class LogLine:
    """One line of output. `at` is when it was read while the run was followed, empty for what is read later."""

    job: str
    step: str
    attempt: int
    text: str
    at: str


@frozen
class LogView:
    """Logs of a run, in the order in which the steps ran."""

    run: RunView
    entries: tuple[LogEntry, ...]


@frozen
class PlanStepView:
    """One step as planned."""

    id: str
    number: int
    phase: str
    run: str
    use: str
    shell: str
    timeout: str
    retry: int
    working_directory: str
    on_failure: str


@frozen
class PlanJobView:
    """One job as planned."""

    id: str
    component: str
    environment: str
    name: str
    title: str
    label: str
    composition: str
    profile: str
    path: str
    runs_on: str
    timeout: str
    retries: int
    depends_on: tuple[str, ...]
    rank: int
    steps: tuple[PlanStepView, ...]


@frozen
class PlanSourceView:
    """A composition package that the plan pins."""

    name: str
    kind: str
    digest: str


@frozen
class PlanView:
    """One plan."""

    name: str
    description: str
    checksum: str
    checksum_short: str
    trigger: str
    concurrency: int
    fail_fast: bool
    components: tuple[str, ...]
    environments: tuple[str, ...]
    sources: tuple[PlanSourceView, ...]
    jobs: tuple[PlanJobView, ...]
