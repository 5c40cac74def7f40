"""Every hook of orun, implemented once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orun_core.spec.entries import (
    BackendEntry,
    ExporterEntry,
    PolicyEntry,
    SourceEntry,
    StoreEntry,
    SurfaceEntry,
    TriggerEntry,
)
from orun_core.spec.markers import hookimpl

from orun_demo import offers
from orun_demo.transcript import called

if TYPE_CHECKING:
    from orun_core.spec.plan import Plan
    from orun_core.spec.run import Event
    from orun_core.spec.stages import (
        Binding,
        Compiled,
        Expansion,
        LoadedProject,
        NormalizedProject,
        Request,
        Resolution,
        Verdict,
        Workspace,
    )


@hookimpl
def orun_load(workspace: Workspace, request: Request) -> LoadedProject:
    from orun_demo.stages import load

    called("orun_load")
    return load(workspace, request)


@hookimpl
def orun_normalize(project: LoadedProject) -> NormalizedProject:
    from orun_demo.stages import normalize

    called("orun_normalize")
    return normalize(project)


@hookimpl
def orun_expand(project: NormalizedProject) -> Expansion:
    from orun_demo.stages import expand

    called("orun_expand")
    return expand(project)


@hookimpl
def orun_bind(expansion: Expansion) -> Binding:
    from orun_demo.stages import bind

    called("orun_bind")
    return bind(expansion)


@hookimpl
def orun_resolve(binding: Binding) -> Resolution:
    from orun_demo.stages import resolve

    called("orun_resolve")
    return resolve(binding)


@hookimpl
def orun_materialize(resolution: Resolution, verdict: Verdict) -> Plan:
    from orun_demo.stages import materialize

    called("orun_materialize")
    return materialize(resolution, verdict)


@hookimpl
def orun_stage_finished(stage: str, result: object) -> None:
    called(f"orun_stage_finished {stage} {type(result).__name__}")


@hookimpl
def orun_plan_compiled(compiled: Compiled) -> None:
    called(f"orun_plan_compiled {compiled.plan.metadata.name}")


@hookimpl
def orun_run_advanced(exec_id: str, event: Event) -> None:
    called(f"orun_run_advanced {exec_id} {event.seq}")


@hookimpl
def orun_composition_sources() -> tuple[SourceEntry, ...]:
    called("orun_composition_sources")
    return (SourceEntry("demo", "A package with one composition.", offers.DemoSource),)


@hookimpl
def orun_trigger_providers() -> tuple[TriggerEntry, ...]:
    called("orun_trigger_providers")
    return (TriggerEntry("demo-ci", "A CI system whose every event is a push.", offers.DemoTrigger),)


@hookimpl
def orun_policies() -> tuple[PolicyEntry, ...]:
    called("orun_policies")
    return (PolicyEntry("demo.noTrailingDash", "Component names may not end in a dash.", offers.no_trailing_dash),)


@hookimpl
def orun_backends() -> tuple[BackendEntry, ...]:
    called("orun_backends")
    return (BackendEntry("demo", "Says that every job succeeded.", offers.backend, aliases=("pretend",)),)


@hookimpl
def orun_state_stores() -> tuple[StoreEntry, ...]:
    called("orun_state_stores")
    return (StoreEntry("demo", "Remembers nothing.", offers.store),)


@hookimpl
def orun_surfaces() -> tuple[SurfaceEntry, ...]:
    called("orun_surfaces")
    return (SurfaceEntry("demo", "Say where the intent is.", load=offers.demo_command),)


@hookimpl
def orun_exporters() -> tuple[ExporterEntry, ...]:
    called("orun_exporters")
    return (ExporterEntry("demo", "A list of job ids", offers.exporter, options=offers.export_options),)
