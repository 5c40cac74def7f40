"""From what is compiled and stored to what is shown: plans, components and environments as views. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from orun_cockpit.cells import clean
from orun_cockpit.listing import (
    ComponentListView,
    ComponentView,
    EnvironmentListView,
    EnvironmentView,
    InstanceView,
    JobListView,
    JobRow,
    LastRun,
    PlanListView,
    PlanRow,
)
from orun_cockpit.marks import word
from orun_cockpit.project import ranks_of, run_list, run_view, short_checksum
from orun_cockpit.view import PlanJobView, PlanSourceView, PlanStepView, PlanView, RunRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    from orun_core.spec.documents import Environment
    from orun_core.spec.plan import Job, Plan
    from orun_core.spec.run import RunState, RunSummary
    from orun_core.spec.stages import Expansion, Instance, Resolution

    from orun_cockpit.view import JobView, RunView


def plan_view(plan: Plan) -> PlanView:
    """The view of a plan; jobs in plan order."""
    environments = tuple(dict.fromkeys(job.environment for job in plan.jobs))
    ranks = ranks_of({job.id: job.depends_on for job in plan.jobs})
    return PlanView(
        name=clean(plan.metadata.name),
        description=clean(plan.metadata.description),
        checksum=plan.metadata.checksum,
        checksum_short=short_checksum(plan.metadata.checksum),
        trigger=clean(plan.metadata.trigger.name),
        concurrency=plan.execution.concurrency,
        fail_fast=plan.execution.fail_fast,
        components=tuple(dict.fromkeys(clean(job.component) for job in plan.jobs)),
        environments=tuple(clean(name) for name in environments),
        sources=tuple(
            PlanSourceView(clean(source.name), clean(source.kind), source.resolved_digest)
            for source in plan.spec.composition_sources
        ),
        jobs=tuple(_plan_job(job, ranks[job.id], several=len(environments) > 1) for job in plan.jobs),
    )


def _plan_job(job: Job, rank: int, *, several: bool) -> PlanJobView:
    name = clean(job.name)
    return PlanJobView(
        id=clean(job.id),
        component=clean(job.component),
        environment=clean(job.environment),
        name=name,
        title=clean(job.display_name),
        label=f"{clean(job.environment)}/{name}" if several else name,
        composition=clean(job.composition),
        profile=clean(job.profile),
        path=clean(job.path),
        runs_on=clean(job.runs_on),
        timeout=job.timeout,
        retries=job.retries,
        depends_on=tuple(clean(name) for name in job.depends_on),
        rank=rank,
        steps=tuple(
            PlanStepView(
                id=clean(step.id),
                number=number,
                phase=step.phase,
                run="\n".join(clean(line) for line in step.run.splitlines()),
                use=clean(step.use),
                shell=clean(step.shell),
                timeout=step.timeout,
                retry=step.retry,
                working_directory=clean(step.working_directory),
                on_failure=step.on_failure,
            )
            for number, step in enumerate(job.steps, start=1)
        ),
    )


def plan_list(
    plans: Iterable[tuple[str, tuple[str, ...]]], summaries: Iterable[RunSummary], now: datetime
) -> PlanListView:
    """The view of the stored plans, each with the newest run of it."""
    newest: dict[str, RunRow] = {}
    for row in run_list(summaries, now).runs:
        newest.setdefault(row.checksum, row)
    return PlanListView(tuple(_plan_row(checksum, names, newest.get(checksum)) for checksum, names in plans))


def _plan_row(checksum: str, names: tuple[str, ...], run: RunRow | None) -> PlanRow:
    return PlanRow(
        checksum=checksum,
        checksum_short=short_checksum(checksum),
        names=tuple(clean(name) for name in names),
        latest=run.exec_id if run else "",
        mark=run.mark if run else None,
        state=run.state if run else "",
        age=run.age if run else None,
    )


def job_list(plan: PlanView, run: RunView | None) -> JobListView:
    """The jobs of a plan, with how they went in a run of it."""
    ran = {job.id: job for job in run.jobs} if run else {}
    return JobListView(
        plan=plan.name,
        checksum=plan.checksum,
        checksum_short=plan.checksum_short,
        exec_id=run.exec_id if run else "",
        jobs=tuple(_job_row(job, ran.get(job.id)) for job in plan.jobs),
    )


def _job_row(job: PlanJobView, ran: JobView | None) -> JobRow:
    return JobRow(
        id=job.id,
        component=job.component,
        environment=job.environment,
        name=job.name,
        steps=len(job.steps),
        depends_on=job.depends_on,
        mark=ran.mark if ran else None,
        state=ran.state if ran else "",
        duration=ran.duration if ran else None,
    )


def last_runs(states: Iterable[RunState], now: datetime) -> Mapping[str, LastRun]:
    """Component → how its jobs went in the newest of these runs, given newest first, that holds any of them."""
    last: dict[str, LastRun] = {}
    for state in states:
        run = run_view(state, now)
        for group in run.groups:
            last.setdefault(group.component, LastRun(run.exec_id, group.mark, word(group.mark), run.age))
    return last


def component_list(
    resolution: Resolution, last: Mapping[str, LastRun], changed: Collection[str] | None = None
) -> ComponentListView:
    """The view of all components of the intent, by name; `changed` is what the change detection said, if asked."""
    jobs: dict[tuple[str, str], list[str]] = {}
    for job in resolution.jobs:
        jobs.setdefault((job.bound.instance.name, job.bound.instance.environment), []).append(clean(job.id))
    instances: dict[str, list[InstanceView]] = {}
    for instance in resolution.binding.expansion.instances:
        view = _instance(instance, jobs.get((instance.name, instance.environment), []))
        instances.setdefault(instance.name, []).append(view)
    views = []
    for authored in resolution.project.components:
        component = authored.value
        views.append(
            ComponentView(
                name=clean(component.name),
                type=clean(component.type),
                domain=clean(component.domain),
                owner=clean(component.owner),
                enabled=component.enabled,
                path=clean(component.path),
                source=clean(authored.origin.file),
                depends_on=tuple(sorted({clean(edge.component) for edge in component.depends_on})),
                environments=tuple(view.environment for view in instances.get(component.name, [])),
                instances=tuple(instances.get(component.name, [])),
                changed=None if changed is None else component.name in changed,
                last_run=last.get(component.name),
            )
        )
    return ComponentListView(tuple(sorted(views, key=lambda view: view.name)))


def _instance(instance: Instance, jobs: list[str]) -> InstanceView:
    return InstanceView(
        environment=clean(instance.environment),
        path=clean(instance.path),
        profile=clean(instance.profile),
        jobs=tuple(jobs),
    )


def environment_list(resolution: Resolution) -> EnvironmentListView:
    """The view of all environments of the intent, by name."""
    expansion = resolution.binding.expansion
    environments = resolution.project.environments
    return EnvironmentListView(
        tuple(_environment(name, environments[name], expansion) for name in sorted(environments))
    )


def _environment(name: str, environment: Environment, expansion: Expansion) -> EnvironmentView:
    return EnvironmentView(
        name=clean(name),
        active=name in expansion.environments,
        components=tuple(sorted({clean(i.name) for i in expansion.instances if i.environment == name})),
        after=tuple(clean(edge.environment) for edge in environment.promotion.depends_on),
        policies=tuple((clean(key), json.dumps(value)) for key, value in sorted(environment.policies.items())),
    )
