"""Starts a run: checks everything that can be checked, takes the execution, records what is planned, runs, seals."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from orun_core.runtime import environment, gates, secrets
from orun_core.runtime.backends import JobDriver
from orun_core.runtime.duration import parse_duration
from orun_core.runtime.environment import EnvPolicy, RunFacts
from orun_core.runtime.halt import Halt
from orun_core.runtime.isolation import Isolation, IsolationMode, staged_jobs
from orun_core.runtime.orphans import end_orphans
from orun_core.runtime.planwise import PlanRunner
from orun_core.runtime.recorder import Recorder
from orun_core.runtime.redact import Masker
from orun_core.runtime.retry import Backoff
from orun_core.runtime.run_folders import run_folders
from orun_core.runtime.runner import Course, Runner
from orun_core.runtime.scheduler import Limits, OnFailure
from orun_core.runtime.stepwise import RunTools, ordered
from orun_core.spec.backend import PlanBackend, PlanContext
from orun_core.spec.errors import Diagnostic, ExitCode, OrunError, RunError, UsageError
from orun_core.spec.frozen import frozen
from orun_core.spec.ids import plan_id
from orun_core.spec.run import SCHEMA_VERSION, Noted, PlannedJob, PlannedStep, RunFinished, RunStarted, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from orun_core.runtime.gates import Consent, Revision
    from orun_core.runtime.resume import Earlier
    from orun_core.spec.backend import Backend, JobBackend, StepBackend
    from orun_core.spec.plan import Job, Plan
    from orun_core.spec.run import Event
    from orun_core.spec.store import StateStore
    from orun_core.spec.surface import RunDisplay

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Launch:
    """Everything a run needs, decided by the caller.

    `jobs`: the selection in plan order. `satisfied`: ids outside it that count as succeeded. `concurrency` 0: the plan's own.
    `grace`: seconds between SIGTERM and SIGKILL.
    """

    plan: Plan
    jobs: Sequence[Job]
    exec_id: str
    runner: str
    backend: Backend
    root: Path
    environ: Mapping[str, str]
    earlier: Earlier
    consent: Consent
    satisfied: frozenset[str] = frozenset()
    notes: tuple[Noted, ...] = ()
    concurrency: int = 0
    component_concurrency: int = 0
    on_failure: OnFailure = OnFailure.STOP
    isolation: IsolationMode = IsolationMode.AUTO
    keep_workspaces: bool = False
    env_policy: EnvPolicy = EnvPolicy.INHERIT
    workdir: Path | None = None
    argv: tuple[str, ...] = ()
    grace: float = 10.0
    backoff: Backoff = field(default_factory=Backoff)

    @property
    def slots(self) -> int:
        """Jobs at once: what was asked, else the plan's number, as far as the backend can."""
        asked = self.concurrency or self.plan.execution.concurrency or 1
        most = self.backend.capabilities.max_parallel
        return max(1, asked if most is None else min(asked, most))


def check(launch: Launch) -> None:
    """Refuse what cannot work before anything is recorded."""
    environment.check_names(launch.jobs)
    for job in launch.jobs:
        parse_duration(job.timeout, f"job {job.id}")
        for step in job.steps:
            parse_duration(step.timeout, f"step {step.id} of job {job.id}")
    can = launch.backend.capabilities
    if not can.supports_uses:
        _refuse_uses(launch)
    if not can.supports_services and any(job.services for job in launch.jobs):
        names = ", ".join(job.id for job in launch.jobs if job.services)
        hint = "choose another with --runner, for example --runner docker"
        message = f"runner {launch.runner} starts no services, which {names} need"
        raise UsageError(Diagnostic("run/no-services", message, hint=hint))
    if launch.workdir is not None:
        forced = staged_jobs(launch.jobs, IsolationMode.NONE, concurrent=False)
        if forced:
            message = f"--workdir contradicts the isolation that a policy asks of {', '.join(sorted(forced))}"
            raise UsageError(Diagnostic("usage/conflict", message))


def secret_values(launch: Launch) -> dict[str, dict[str, str]]:
    """The secrets by job and variable; a plan that runs elsewhere finds its secrets there. Raises `RunError` for those without a value."""
    elsewhere = launch.backend.capabilities.granularity == "plan"
    return {} if elsewhere else secrets.resolve(launch.jobs, launch.environ)


def missing_secrets(launch: Launch) -> list[Diagnostic]:
    """What `secret_values` would refuse, as warnings."""
    elsewhere = launch.backend.capabilities.granularity == "plan"
    return [] if elsewhere else [problem.warning() for problem in secrets.missing(launch.jobs, launch.environ)]


def _refuse_uses(launch: Launch) -> None:
    found = [
        Diagnostic(
            "run/no-uses",
            f"step {step.id} of job {job.id} uses {step.use}, which the runner {launch.runner} cannot run",
            hint="rerun with --runner github-actions",
        )
        for job in launch.jobs
        for step in job.steps
        if step.use
    ]
    if found:
        raise UsageError(found)


@frozen
class Outcome:
    """How a run ended, for the caller. `signal`: the signal that stopped it, 0 for none."""

    status: Status
    signal: int = 0

    @property
    def exit_code(self) -> int:
        """Exit status of the command."""
        if self.signal:
            return ExitCode.INTERRUPTED if self.signal == signal.SIGINT else ExitCode.TERMINATED
        return ExitCode.FAILED if self.status.bad else ExitCode.OK


def run(
    launch: Launch, store: StateStore, display: RunDisplay, observe: Callable[[str, Event], None] | None = None
) -> Outcome:
    """The whole run. Raises before anything started; afterwards every way out seals the record, as far as the disk lets it."""
    check(launch)
    values = secret_values(launch)
    revision = _once(launch.root)
    notes = (*launch.notes, *gates.check(launch.jobs, launch.consent, store, revision), *secrets.unmasked(values))
    masker = Masker(secrets.all_values(launch.environ))
    halt = Halt(launch.grace)
    writer = store.begin(launch.exec_id)
    try:
        _check_current(launch, store)
        if launch.earlier.exists:
            end_orphans(launch.exec_id, launch.root)
        recorder = Recorder(writer, masker, display, observe)
        tools = RunTools(recorder, masker, halt, launch.backoff, max(launch.grace, 1.0) * 3)
        display.begin(launch.plan, launch.exec_id)
        try:
            recorder.record(_started(launch, gates.labels(revision())))
            for note in notes:
                recorder.record(note)
            return _go(launch, values, tools)
        except BaseException as error:
            with suppress(OrunError):
                recorder.record(RunFinished(Status.FAILED, f"the run broke: {str(error) or type(error).__name__}"))
            raise
        finally:
            display.end()
    finally:
        halt.close()
        writer.close()


def _check_current(launch: Launch, store: StateStore) -> None:
    """Refuse what was decided before the execution was taken when another process recorded more of it in between."""
    known = launch.earlier.events[-1].seq if launch.earlier.events else 0
    if store.events(launch.exec_id, known):
        message = f'execution "{launch.exec_id}" was run by another process just now'
        hint = f"look at it with `orun status {launch.exec_id}`; `orun run --resume {launch.exec_id}` does what is left"
        raise RunError(Diagnostic("run/overtaken", message, hint=hint))


def _once(root: Path) -> Callable[[], Revision]:
    found: list[Revision] = []

    def revision() -> Revision:
        if not found:
            found.append(gates.Revision.of(root))
        return found[0]

    return revision


def _started(launch: Launch, labels: dict[str, str]) -> RunStarted:
    wanted = {job.id for job in launch.jobs} | launch.earlier.jobs.keys()
    plan = launch.plan
    return RunStarted(
        schema_version=SCHEMA_VERSION,
        exec_id=launch.exec_id,
        plan_checksum=plan.metadata.checksum,
        plan_name=plan.metadata.name,
        backend=launch.runner,
        trigger=plan.metadata.trigger.name,
        user=launch.consent.user,
        concurrency=launch.slots,
        fail_fast=launch.on_failure is not OnFailure.KEEP_GOING,
        jobs=tuple(_planned(job) for job in plan.jobs if job.id in wanted),
        resumed=launch.earlier.exists,
        labels=labels,
        argv=launch.argv,
    )


def _planned(job: Job) -> PlannedJob:
    steps = tuple(PlannedStep(step.id, step.phase) for step in ordered(job))
    return PlannedJob(
        job.id, job.component, job.environment, job.name, job.display_name, job.digest, job.depends_on, steps
    )


def _go(launch: Launch, values: Mapping[str, Mapping[str, str]], tools: RunTools) -> Outcome:
    backend, earlier = launch.backend, launch.earlier
    if backend.capabilities.granularity == "plan":
        context = PlanContext(launch.exec_id, launch.root, tuple(job.id for job in launch.jobs), earlier.events)
        remote = PlanRunner(launch.plan, cast("PlanBackend", backend), context, tools)
        with _signals(remote.interrupt):
            return Outcome(remote.run(), remote.signal)
    staged = frozenset[str]()
    if launch.workdir is None and backend.capabilities.local and not backend.capabilities.isolated:
        staged = staged_jobs(launch.jobs, launch.isolation, concurrent=launch.slots > 1)
    with run_folders(launch.root, launch.exec_id, staging=bool(staged), keep=launch.keep_workspaces) as folders:
        driver = JobDriver(
            cast("StepBackend | JobBackend", backend),
            tools,
            RunFacts(
                launch.exec_id, plan_id(launch.plan.metadata.checksum), launch.runner, backend.capabilities.context
            ),
            environment.inherited(launch.environ, launch.env_policy),
            values,
            Isolation(launch.root, folders.stages, staged, launch.workdir, launch.keep_workspaces),
            folders.scratch,
            earlier.done_steps(launch.jobs),
            earlier.tries(),
        )
        course = Course(
            jobs=launch.jobs,
            limits=Limits(launch.slots, launch.component_concurrency or None),
            on_failure=launch.on_failure,
            resumed=earlier.resumed(launch.jobs),
            satisfied=launch.satisfied,
            attempts=earlier.attempts(),
            outputs=earlier.outputs(),
            left_behind=earlier.left_behind(launch.jobs),
        )
        runner = Runner(course, driver, tools.recorder, tools.halt, tools.backoff)
        with _signals(runner.interrupt):
            return Outcome(runner.run(), runner.signal)


@contextmanager
def _signals(interrupt: Callable[[int], None]) -> Iterator[None]:
    """Hand signals to the run while it lasts; only the main thread can. A hang-up that `nohup` ignores stays ignored."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    ignored = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    numbers = [number for number in _SIGNALS if number is not signal.SIGHUP or not ignored]
    before = {number: signal.signal(number, lambda got, _frame: interrupt(got)) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
