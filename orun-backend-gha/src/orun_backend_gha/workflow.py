"""A plan as a workflow of GitHub Actions: a pure function, one native job per job of the plan."""

from __future__ import annotations

import posixpath
from dataclasses import field
from typing import TYPE_CHECKING, Any

from orun_core.spec.frozen import frozen
from orun_core.spec.ids import plan_id

from orun_backend_gha import handover, references
from orun_backend_gha.actions import CHECKOUT
from orun_backend_gha.duration import minutes_of
from orun_backend_gha.expression import literal
from orun_backend_gha.naming import keys_of
from orun_backend_gha.workflow_step import Site, github_steps, text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from orun_core.spec.plan import Job, Plan

    from orun_backend_gha.yaml_text import Tree

COLLECTOR = "orun"
"""Id of the job that fails when any job failed: the one check to require."""


@frozen
class Settings:
    """What a plan does not say about the workflow.

    `path`: of the workflow in the repository. `root`: the intent's folder in the repository. `runner`: label for jobs that name none.
    `style`: `native` steps, or `orun` to run each job through orun itself. `pins`: commit by action reference. `install`: how `orun`
    style gets orun; the version that compiled the plan when empty.
    """

    name: str = "orun"
    path: str = ".github/workflows/orun.yml"
    root: str = ""
    runner: str = "ubuntu-latest"
    style: str = "native"
    pins: Mapping[str, str] = field(default_factory=dict)
    install: str = ""


def workflow(plan: Plan, settings: Settings) -> dict[str, Tree]:
    """The workflow of a plan whose jobs fit into one file."""
    keys = keys_of((job.id for job in plan.jobs), taken=[COLLECTOR])
    jobs: dict[str, Tree] = {keys[job.id]: plan_job(job, plan, keys, settings) for job in plan.jobs}
    jobs[COLLECTOR] = collector(list(jobs))
    return {**heading(settings), "on": dispatch(), **defaults(), "jobs": jobs}


def heading(settings: Settings) -> dict[str, Tree]:
    """Name of the workflow and of its runs; the execution id in it lets a dispatched run be found."""
    return {"name": literal(settings.name), "run-name": "orun ${{ inputs.exec_id || github.run_id }}"}


def dispatch() -> dict[str, Tree]:
    """The events of an exported workflow."""
    exec_id: dict[str, Tree] = {
        "description": "Execution id to record the run under",
        "required": False,
        "type": "string",
    }
    return {"workflow_dispatch": {"inputs": {"exec_id": exec_id}}}


def defaults() -> dict[str, Tree]:
    """No permission unless a job asks for it, and a shell that stops at the first error."""
    return {"permissions": {}, "defaults": {"run": {"shell": "bash"}}}


def plan_job(job: Job, plan: Plan, keys: Mapping[str, str], settings: Settings) -> dict[str, Tree]:
    """The workflow's job for a job of the plan; `keys` holds the jobs of the same file."""
    entry: dict[str, Tree] = {"name": literal(job.check_name)}
    needs: list[Tree] = [keys[name] for name in job.depends_on if name in keys]
    before = predecessor_in_pool(job, plan)
    if before in keys and keys[before] not in needs:
        entry["needs"] = [*needs, keys[before]]
        entry["if"] = " && ".join(["!cancelled()", *(f"needs.{key}.result == 'success'" for key in needs)])
    elif needs:
        entry["needs"] = needs
    entry.update(_runs_on(job, settings))
    entry["permissions"] = {"contents": "read"}
    if any(obligation.kind == "approval" for obligation in job.obligations):
        entry["environment"] = literal(job.environment)
    if job.concurrency and job.concurrency.limit == 1:
        entry["concurrency"] = {"group": literal(f"orun-{job.concurrency.group}"), "cancel-in-progress": False}
    if job.timeout:
        entry["timeout-minutes"] = minutes_of(job.timeout)
    entry.update(_surroundings(job, plan, keys, settings))
    entry.update(_outputs(job, plan, settings))
    entry["steps"] = _steps(job, plan, settings)
    return entry


def predecessor_in_pool(job: Job, plan: Plan) -> str:
    """The job that must have ended before this one may take its place in the pool, or nothing.

    GitHub keeps one waiting job per group and cancels the others, so the jobs of a pool are chained in the order of the plan.
    """
    if job.concurrency is None:
        return ""
    pool = [other.id for other in plan.jobs if other.concurrency and other.concurrency.group == job.concurrency.group]
    place = pool.index(job.id) - job.concurrency.limit
    return pool[place] if place >= 0 else ""


def collector(keys: Sequence[str]) -> dict[str, Tree]:
    """The job that needs all others and tells their outcome."""
    return {
        "name": "orun",
        "if": "always()",
        "needs": list(keys),
        "runs-on": "ubuntu-latest",
        "permissions": {},
        "timeout-minutes": 5,
        "steps": [
            {
                "name": "All jobs succeeded",
                "env": {"RESULTS": "${{ join(needs.*.result, ' ') }}"},
                "run": 'case " $RESULTS " in\n  *" failure "* | *" cancelled "* | *" skipped "*) exit 1 ;;\nesac\n',
            }
        ],
    }


def default_shell(job: Job) -> str:
    """`sh` in a container, which need not have bash; else `bash`."""
    return "sh" if is_image(job.runs_on) else "bash"


def is_image(runs_on: str) -> bool:
    """True when `runsOn` names a container image and not a runner label."""
    return ":" in runs_on or "/" in runs_on


def site_of(job: Job, settings: Settings) -> Site:
    """Where the steps of a job stand."""
    exact = not job.runs_on.startswith(("macos", "windows"))
    folder = posixpath.normpath(posixpath.join(settings.root, job.path))
    return Site(settings.root, folder, default_shell(job), settings.pins, exact, job.retries)


def native_steps(job: Job, site: Site) -> list[dict[str, Tree]]:
    """The steps of a job, in their order, as native ones."""
    keys = keys_of(step.id for step in job.steps)
    steps = references.translated(job, keys).steps
    return [entry for step in steps for entry in github_steps(step, keys[step.id], site)]


def _runs_on(job: Job, settings: Settings) -> dict[str, Tree]:
    if not is_image(job.runs_on):
        return {"runs-on": literal(job.runs_on or settings.runner)}
    return {"runs-on": settings.runner, "container": {"image": literal(job.runs_on)}}


def _outputs(job: Job, plan: Plan, settings: Settings) -> dict[str, Tree]:
    """The outputs that later jobs read: of the last step that writes them."""
    names = references.asked(job, plan) if settings.style == "native" else []
    keys = [keys_of(step.id for step in job.steps)[step.id] for step in reversed(job.steps)]
    found: dict[str, Tree] = {
        name: f"${{{{ {' || '.join(f'steps.{key}.outputs.{name}' for key in keys)} }}}}" for name in names
    }
    return {"outputs": found} if found else {}


def _facts(job: Job, plan: Plan) -> dict[str, Tree]:
    """The variables by which steps know where they are. A part that is called sees the inputs of the event, not of the workflow."""
    own = f"format('gh-{{0}}-{{1}}-{plan_id(plan.metadata.checksum)}', github.run_id, github.run_attempt)"
    execution = f"github.event.inputs.exec_id || {own}"
    return {
        "ORUN_COMPONENT": literal(job.component),
        "ORUN_CONTEXT": "ci",
        "ORUN_ENVIRONMENT": literal(job.environment),
        "ORUN_EXEC_ID": f"${{{{ {execution} }}}}",
        "ORUN_JOB_ATTEMPT": "${{ github.run_attempt }}",
        "ORUN_JOB_ID": literal(job.id),
        "ORUN_JOB_RUN_ID": f"${{{{ format('{{0}}/{job.uid}', {execution}) }}}}",
        "ORUN_JOB_UID": job.uid,
        "ORUN_PLAN_ID": plan_id(plan.metadata.checksum),
        "ORUN_RUNNER": "github",
    }


def _surroundings(job: Job, plan: Plan, keys: Mapping[str, str], settings: Settings) -> dict[str, Tree]:
    """Environment, secrets, folder and services of a job."""
    found: dict[str, Tree] = {}
    env: dict[str, Any] = {name: literal(text(value)) for name, value in job.env.items()}
    if settings.style == "native":
        env |= _facts(job, plan)
        needed = references.needed(job).items()
        env |= {
            name: f"${{{{ needs.{keys[owner]}.outputs.{output} }}}}"
            for (owner, output), name in needed
            if owner in keys
        }
    env.update({ref.as_env: f"${{{{ secrets.{ref.as_env} }}}}" for ref in job.secret_refs})
    if env:
        found["env"] = {name: env[name] for name in sorted(env)}
    site = site_of(job, settings)
    run: dict[str, Tree] = {} if site.shell == "bash" else {"shell": site.shell}
    if site.folder != "." and settings.style == "native":
        run["working-directory"] = literal(site.folder)
    if run:
        found["defaults"] = {"run": run}
    if job.services:
        found["services"] = {service.name: handover.service(service) for service in job.services}
    return found


def _steps(job: Job, plan: Plan, settings: Settings) -> list[Tree]:
    if settings.style == "orun":
        return [CHECKOUT, *handover.orun_steps(job, plan, settings.install, settings.root)]
    received = handover.received(job, plan)
    return [CHECKOUT, *received, *native_steps(job, site_of(job, settings)), *handover.given(job, settings.root)]
