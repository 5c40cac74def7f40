"""Stage 6, materialize: flatten the resolution into the plan; `seal` in `pipeline` adds digests and identity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orun_core.spec.plan import (
    API_VERSION,
    KIND,
    Compiler,
    CompositionSource,
    Concurrency,
    Execution,
    Job,
    Metadata,
    Plan,
    Service,
    Spec,
)

if TYPE_CHECKING:
    from orun_core.spec.stages import NormalizedProject, Resolution, ResolvedJob, Verdict


def materialize(resolution: Resolution, verdict: Verdict) -> Plan:
    """The plan value, without digests, uids, checksum and seal."""
    project = resolution.project
    intent = project.intent
    bindings = {t: c.registry for t, c in project.compositions.items() if c.registry}
    return Plan(
        api_version=API_VERSION,
        kind=KIND,
        metadata=Metadata(
            name=intent.metadata.name,
            checksum="",
            seal="",
            trigger=project.trigger,
            selection=resolution.selection,
            compiler=Compiler("", (), project.loaded.inputs),
            description=intent.metadata.description,
            namespace=intent.metadata.namespace,
        ),
        execution=Execution(intent.execution.concurrency, intent.execution.fail_fast),
        spec=Spec(bindings, _sources(project)),
        jobs=tuple(_job(job, bindings, verdict) for job in resolution.jobs),
    )


def _sources(project: NormalizedProject) -> tuple[CompositionSource, ...]:
    return tuple(
        CompositionSource(
            name=package.request.name,
            kind=package.request.kind,
            resolved_digest=package.digest,
            ref=package.request.ref,
            path=package.request.path,
            exports=tuple(package.compositions),
        )
        for package in project.loaded.packages
    )


def _job(job: ResolvedJob, bindings: dict[str, str], verdict: Verdict) -> Job:
    bound, instance = job.bound, job.bound.instance
    component, template = instance.component.value, bound.template.value
    display = bound.name.replace("-", " ")
    display = display[:1].upper() + display[1:]
    pool = template.concurrency
    return Job(
        id=bound.id,
        uid="",
        display_name=display,
        check_name=f"{component.name} · {instance.environment} · {display}",
        name=bound.name,
        component=component.name,
        environment=instance.environment,
        composition=component.type,
        digest="",
        profile_source=instance.profile_source,  # type: ignore[arg-type]
        dependency_mode=instance.dependency_mode,  # type: ignore[arg-type]
        dependency_source=instance.dependency_source,  # type: ignore[arg-type]
        steps=tuple(step.step for step in bound.steps),
        profile=f"{component.type}.{instance.profile}" if instance.profile else "",
        profile_rule_trigger_ref=instance.profile_rule,
        job_registry=bindings.get(component.type, ""),
        job=bound.name,
        runs_on=template.runs_on,
        path=instance.path,
        depends_on=job.depends_on,
        advisory_depends_on=job.advisory_depends_on,
        dependencies=job.dependencies,
        dependency_rule_trigger_ref=instance.dependency_rule,
        gates=job.gates,
        obligations=verdict.obligations.get(bound.id, ()),
        timeout=template.timeout,
        retries=template.retries,
        concurrency=Concurrency(pool.group, pool.limit) if pool and pool.group else None,
        env=instance.env,
        secret_refs=instance.secret_refs,
        materialize=instance.materialize,
        services=tuple(
            Service(name, s.image, s.env, s.ports, s.health, s.command) for name, s in sorted(template.services.items())
        ),
        outputs=template.outputs,
        labels=component.labels,
        parameters=instance.parameters,
        policies=instance.policies,
        waivers=verdict.waivers.get(bound.id, ()),
    )
