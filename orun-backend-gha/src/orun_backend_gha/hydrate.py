"""A run on GitHub as a run of the local store: jobs and steps become events, their logs become logs."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from orun_core.spec.errors import RunError
from orun_core.spec.ids import github_exec_id, plan_id
from orun_core.spec.plan import Job, Step
from orun_core.spec.run import (
    SCHEMA_VERSION,
    JobFinished,
    JobSkipped,
    Noted,
    PlannedJob,
    PlannedStep,
    RunFinished,
    RunStarted,
    Status,
    StepFinished,
    StepStarted,
)

from orun_backend_gha.remote_jobs import RemoteJob, matched, own_name
from orun_backend_gha.remote_logs import cut
from orun_backend_gha.timestamps import stamp
from orun_backend_gha.workflow import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from orun_core.spec.plan import Plan
    from orun_core.spec.store import RunWriter, StateStore

    from orun_backend_gha.api import GitHub
    from orun_backend_gha.recorded import Execution

RUNNER_STEPS = ("Set up job", "Complete job", "Check out")
SEPARATOR = " · "


def hydrate(
    api: GitHub, run: Mapping[str, Any], plan: Plan | None, store: StateStore, execution: Execution | None
) -> str:
    """Record a run of GitHub that ended; returns the execution id. One that is here already stays as it is.

    `plan`: what it ran, if that is known. `execution`: what the run's jobs recorded and uploaded, None for what GitHub itself tells.
    """
    exec_id = execution.exec_id if execution else _exec_id(run, plan)
    if any(known.exec_id == exec_id for known in store.runs()):
        return exec_id
    begun = stamp(run.get("run_started_at") or run["created_at"])
    data = {"run": int(run["id"]), "attempt": _attempt(run), "again": f"gh run rerun {run['id']} --failed"}
    note = Noted("github-run", str(run.get("html_url") or ""), data=data)
    jobs = (
        [] if execution else _jobs(api.pages(f"/actions/runs/{run['id']}/attempts/{_attempt(run)}/jobs", "jobs"), plan)
    )
    writer = store.begin(exec_id)
    try:
        first = (
            ordered(execution.started, plan) if execution else _started(exec_id, run, [job for job, _ in jobs], plan)
        )
        writer.append(replace(first, exec_id=exec_id), begun)
        writer.append(note, begun)
        for job, state in jobs:
            _record(api, writer, job, state)
        if execution:
            _record_uploaded(writer, replace(execution, started=first), begun, stamp(run["updated_at"]))
        writer.append(_ended(run, execution), stamp(run["updated_at"]))
    finally:
        writer.close()
    return exec_id


def _attempt(run: Mapping[str, Any]) -> int:
    return int(run.get("run_attempt") or 1)


def _exec_id(run: Mapping[str, Any], plan: Plan | None) -> str:
    environ = {"GITHUB_RUN_ID": str(run["id"]), "GITHUB_RUN_ATTEMPT": str(_attempt(run))}
    return github_exec_id(plan_id(plan.metadata.checksum) if plan else str(run["head_sha"])[:12], environ)


def ordered(started: RunStarted, plan: Plan | None) -> RunStarted:
    """The beginning with all jobs of the plan, in its order, when it is the one that ran."""
    if plan is None or plan.metadata.checksum != started.plan_checksum:
        return started
    known = {job.id: job for job in started.jobs}
    return replace(started, jobs=tuple(known.get(job.id) or _planned(job) for job in plan.jobs))


def _record_uploaded(writer: RunWriter, execution: Execution, begun: str, ended: str) -> None:
    for at, what in execution.happened:
        writer.append(what, at or begun)
    for job in execution.missing:
        writer.append(JobSkipped(job, "it left no record"), ended)
    for name, text in execution.logs.items():
        with writer.open_log(name) as file:
            file.write(text)


def _ended(run: Mapping[str, Any], execution: Execution | None) -> RunFinished:
    """What GitHub says of the run; an execution of it in which a job failed did not succeed."""
    conclusion = str(run["conclusion"])
    status = {"success": Status.SUCCEEDED, "cancelled": Status.CANCELLED}.get(conclusion, Status.FAILED)
    finished = [what for _, what in execution.happened if isinstance(what, JobFinished)] if execution else []
    last = {what.job: what for what in finished}
    failed = next((what for what in last.values() if what.status.bad and not what.allowed_failure), None)
    if status is Status.SUCCEEDED and failed:
        return RunFinished(Status.FAILED, f"job {failed.job}: {failed.reason}")
    return RunFinished(status, "" if status is Status.SUCCEEDED else f"GitHub says {conclusion}")


def _jobs(seen: Iterable[Mapping[str, Any]], plan: Plan | None) -> list[tuple[Job, Mapping[str, Any]]]:
    """The jobs of a run that are the plan's, in the plan's order; without a plan all of them, as their names tell."""
    if plan is None:
        return [(job_of(state), state) for state in seen if own_name(str(state["name"])) != "orun"]
    states = {own_name(str(state["name"])): state for state in seen}
    found = [(job, states.get(job.check_name) or states.get(job.id)) for job in plan.jobs]
    return [(job, state) for job, state in found if state is not None]


def job_of(state: Mapping[str, Any]) -> Job:
    """A job as far as its name on GitHub tells: `component · environment · Name` or `component.environment.name`."""
    name = own_name(str(state["name"]))
    parts = name.split(SEPARATOR) if SEPARATOR in name else name.split(".", 2)
    component, environment, title = (
        parts if len(parts) == 3 else (str(state.get("workflow_name") or "github"), "github", name)
    )
    short = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "job"
    shown = [step for step in state.get("steps") or [] if not _of_runner(str(step["name"]))]
    return Job(
        id=f"{component}.{environment}.{short}",
        uid=f"job_github_{state['id']}",
        display_name=title,
        check_name=name,
        name=short,
        component=component,
        environment=environment,
        composition="",
        digest="",
        profile_source="legacy-none",
        dependency_mode="enforced",
        dependency_source="default",
        steps=tuple(Step(id=str(step["name"]), phase="main", name=str(step["name"])) for step in shown),
    )


def _of_runner(name: str) -> bool:
    return name in RUNNER_STEPS or name.startswith(("Post ", "Pre "))


def _started(exec_id: str, run: Mapping[str, Any], jobs: list[Job], plan: Plan | None) -> RunStarted:
    return RunStarted(
        schema_version=SCHEMA_VERSION,
        exec_id=exec_id,
        plan_checksum=plan.metadata.checksum if plan else "",
        plan_name=plan.metadata.name if plan else str(run.get("name") or ""),
        backend="github",
        trigger=str(run["event"]),
        user=str((run.get("triggering_actor") or {}).get("login") or ""),
        concurrency=0,
        fail_fast=False,
        jobs=tuple(map(_planned, jobs)),
    )


def _planned(job: Job) -> PlannedJob:
    return PlannedJob(
        id=job.id,
        component=job.component,
        environment=job.environment,
        name=job.name,
        display_name=job.display_name,
        digest=job.digest,
        depends_on=job.depends_on,
        steps=tuple(PlannedStep(step.id, step.phase) for step in job.steps),
    )


def _record(api: GitHub, writer: RunWriter, job: Job, state: Mapping[str, Any]) -> None:
    """The events of one job with the times that GitHub tells, and the logs of its steps."""
    names = [(step.name or step.id, index, 1) for index, step in enumerate(job.steps, start=1)]
    places = {index: seen for index, _, seen in matched(names, state.get("steps") or [])}
    texts = _texts(api, state)
    last = stamp(state.get("started_at") or state["created_at"])
    for what in RemoteJob(job, Settings()).look(state):
        if isinstance(what, StepStarted):
            seen = places[what.index]
            last = max(last, stamp(seen.get("started_at")))
            what = _logged(what, texts.get(int(seen["number"]), b""), writer)
        elif isinstance(what, StepFinished):
            last = max(last, stamp(places.get(what.index, {}).get("completed_at")))
        elif isinstance(what, JobFinished):
            last = max(last, stamp(state.get("completed_at")))
        writer.append(what, last)


def _logged(what: StepStarted, text: bytes, writer: RunWriter) -> StepStarted:
    """The event with the name of its log, which is written here; as it is without a text."""
    if not text:
        return what
    safe = re.sub(r"[^A-Za-z0-9._-]", "_", what.step)[:120]
    log = f"logs/{what.job}/{what.index:02d}-{safe}.{what.attempt}.log"
    with writer.open_log(log) as file:
        file.write(text)
    return replace(what, log=log)


def _texts(api: GitHub, state: Mapping[str, Any]) -> dict[int, bytes]:
    """Logs by step; none when GitHub no longer has them."""
    if state.get("conclusion") == "skipped":
        return {}
    try:
        log = api.download(f"/actions/jobs/{state['id']}/logs")
    except RunError:
        return {}
    return cut(log, state.get("steps") or [])
