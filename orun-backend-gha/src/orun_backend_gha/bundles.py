"""Run bundles, the artifacts that the original orun uploaded: one shard with the plan, and one per job with its state and logs.

An execution of them is shown with all jobs of its plan: one whose shard is missing left no record, one that the plan does not have is added.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from orun_core.spec.run import (
    SCHEMA_VERSION,
    JobFinished,
    JobSkipped,
    JobStarted,
    PlannedJob,
    PlannedStep,
    RunStarted,
    Status,
    StepFinished,
    StepStarted,
)

from orun_backend_gha.artifacts import hostile
from orun_backend_gha.bundle_shard import JOB, NAME, Shard, checked, mapping
from orun_backend_gha.recorded import Execution
from orun_backend_gha.timestamps import stamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from orun_core.spec.run import Happening

    from orun_backend_gha.api import GitHub
    from orun_backend_gha.artifacts import Artifact

PHASES = ("pre", "main", "post")
STATUSES = {
    "completed": Status.SUCCEEDED,
    "success": Status.SUCCEEDED,
    "succeeded": Status.SUCCEEDED,
    "failed": Status.FAILED,
    "skipped": Status.SKIPPED,
    "pending": Status.SKIPPED,
}
"""What the original says of jobs and steps; whatever else it says, they did not end."""


def executions(api: GitHub, run: Mapping[str, Any], listed: Iterable[Artifact]) -> Iterator[Execution]:
    """The executions of the shards among these artifacts. Raises `RunError` (`github/bad-upload`) for one that is not whole."""
    shards: dict[str, list[Shard]] = {}
    for artifact in listed:
        found = NAME.fullmatch(artifact.name)
        if found:
            whole = checked(artifact.name, artifact.fetch(api), int(run["id"]))
            shards.setdefault(found["execution"], []).append(whole)
    for exec_id, parts in shards.items():
        yield _execution(exec_id, parts, run)


def _execution(exec_id: str, shards: Sequence[Shard], run: Mapping[str, Any]) -> Execution:
    plans = {shard.name: shard for shard in shards if shard.manifest["role"] == "plan"}
    jobs = {shard.manifest["jobId"]: shard for shard in shards if shard.manifest["role"] == "job"}
    plan = next(iter(plans.values()), None)
    tree = plan.tree("plan.json") if plan else {}
    planned = {job.id: job for job in _planned(plan.name, tree.get("jobs"))} if plan else {}
    for job, shard in jobs.items():
        if plan and not _same_plan(plan.manifest["planId"], shard.manifest["planId"]):
            raise hostile(
                shard.name, f"it is of plan {shard.manifest['planId']}, the others of {plan.manifest['planId']}"
            )
        planned.setdefault(job, _unplanned(shard))
    happened: list[tuple[str, Happening]] = []
    logs: dict[str, bytes] = {}
    for job, shard in jobs.items():
        happened += _happened(planned[job], shard, logs)
    started = _started(exec_id, tree, planned.values(), run)
    return Execution(exec_id, started, tuple(sorted(happened, key=lambda pair: pair[0])), logs)


def _same_plan(one: str, other: str) -> bool:
    """The original cuts a plan's id to twelve characters, sometimes with its prefix."""
    bare = [name.removeprefix("sha256-") for name in (one, other)]
    return bare[0].startswith(bare[1]) or bare[1].startswith(bare[0])


def _started(exec_id: str, plan: Mapping[str, Any], jobs: Iterable[PlannedJob], run: Mapping[str, Any]) -> RunStarted:
    metadata = mapping(plan.get("metadata"))
    execution = mapping(plan.get("execution"))
    return RunStarted(
        schema_version=SCHEMA_VERSION,
        exec_id=exec_id,
        plan_checksum=str(metadata.get("checksum") or ""),
        plan_name=str(metadata.get("name") or ""),
        backend="github",
        trigger=str(mapping(metadata.get("trigger")).get("name") or run["event"]),
        user=str(mapping(run.get("triggering_actor")).get("login") or ""),
        concurrency=0,
        fail_fast=execution.get("failFast") is True,
        jobs=tuple(jobs),
    )


def _planned(name: str, listed: object) -> Iterator[PlannedJob]:
    """The jobs of the original's plan, as far as a record needs them."""
    for tree in listed if isinstance(listed, list) else []:
        job = mapping(tree)
        if not JOB.fullmatch(str(job.get("id") or "")):
            raise hostile(name, f"{job.get('id')!r} is no id of a job")
        steps = [mapping(step) for step in job.get("steps") or []]
        placed = [(str(step.get("phase") or "main"), _step_id(step, at)) for at, step in enumerate(steps, start=1)]
        yield PlannedJob(
            id=str(job["id"]),
            component=str(job.get("component") or ""),
            environment=str(job.get("environment") or ""),
            name=str(job.get("name") or ""),
            display_name=str(job.get("displayName") or job.get("name") or ""),
            digest="",
            depends_on=tuple(str(need) for need in job.get("dependsOn") or []),
            steps=tuple(PlannedStep(step, phase) for phase in PHASES for at, step in placed if at == phase),
        )


def _step_id(step: Mapping[str, Any], place: int) -> str:
    return str(step.get("id") or step.get("name") or f"step-{place}")


def _unplanned(shard: Shard) -> PlannedJob:
    """A job that only its shard knows."""
    manifest = shard.manifest
    parts = re.split(r"[.@]", manifest["jobId"], maxsplit=2)
    return PlannedJob(
        id=manifest["jobId"],
        component=str(manifest.get("component") or parts[0]),
        environment=str(manifest.get("environment") or (parts[1] if len(parts) == 3 else "")),
        name=parts[-1],
        display_name=parts[-1],
        digest="",
        steps=tuple(PlannedStep(step, "main") for step in _steps(shard)),
    )


def _steps(shard: Shard) -> dict[str, str]:
    """What the original says of each step."""
    found = mapping(shard.tree("state.json").get("steps"))
    return {str(step): str(status) for step, status in found.items()}


def _happened(job: PlannedJob, shard: Shard, logs: dict[str, bytes]) -> Iterator[tuple[str, Happening]]:
    """The events of one job. Of its steps the original kept no times: they have the job's beginning."""
    state, manifest = shard.tree("state.json"), shard.manifest
    try:
        begun = stamp(manifest.get("startedAt") or state.get("startedAt"))
        ended = stamp(manifest.get("finishedAt") or state.get("finishedAt")) or begun
    except ValueError as error:
        raise hostile(shard.name, str(error)) from error
    told = str(manifest.get("status") or state.get("status") or "")
    status = STATUSES.get(told, Status.CANCELLED)
    reason = str(state.get("lastError") or "")
    if status is Status.SKIPPED:
        yield begun or ended, JobSkipped(job.id, reason or f"the original says {told}")
        return
    yield begun, JobStarted(job.id, 1)
    said = _steps(shard)
    names = [step.id for step in job.steps] + sorted(said.keys() - {step.id for step in job.steps})
    for index, step in enumerate(names, start=1):
        outcome = STATUSES.get(said.get(step, "pending"), Status.CANCELLED)
        if outcome is not Status.SKIPPED:
            yield begun, StepStarted(job.id, step, index, 1, _log(job.id, step, index, shard, logs))
        attempts = 0 if outcome is Status.SKIPPED else 1
        yield (
            begun,
            StepFinished(job.id, step, index, attempts, outcome, None, "" if outcome is Status.SUCCEEDED else reason),
        )
    if status is Status.CANCELLED:
        reason = reason or f"the original says {told or 'nothing'}"
    yield ended, JobFinished(job.id, 1, status, reason if status.bad else "")


def _log(job: str, step: str, index: int, shard: Shard, logs: dict[str, bytes]) -> str:
    """The name of a step's log, which is kept in `logs`; nothing when there is none."""
    path = shard.manifest["files"].get(f"log:{step}") or f"logs/{step}.log"
    text = shard.files.get(path)
    if text is None:
        return ""
    name = f"logs/{job}/{index:02d}-{re.sub(r'[^A-Za-z0-9._-]', '_', step)[:120]}.1.log"
    logs[name] = text
    return name
