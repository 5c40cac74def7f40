"""Every hook of orun, in the order a plan meets them.

Verbs *do* (one implementation, chosen by plugin name), past tenses *watch* (frozen values in, None out), plural nouns *offer*
(no parameters; a tuple of entries). Core calls implementations one at a time, by name order, and names the plugin in whatever it raises.
Wrappers, `tryfirst` and `trylast` are refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orun_core.spec.markers import hookspec

if TYPE_CHECKING:
    from orun_core.spec.entries import (
        BackendEntry,
        ExporterEntry,
        PolicyEntry,
        SourceEntry,
        StoreEntry,
        SurfaceEntry,
        TriggerEntry,
    )
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

# --- do: the six stages -------------------------------------------------------------------------------------------------


@hookspec(firstresult=True)
def orun_load(workspace: Workspace, request: Request) -> LoadedProject | None:
    """Read the intent, discover components, fetch packages. The only stage that touches files.

    Chosen by `compiler: {load: PLUGIN}` in the intent.
    """


@hookspec(firstresult=True)
def orun_normalize(project: LoadedProject) -> NormalizedProject | None:
    """Merge presets, set defaults, check references and schemas, choose a composition per component, match the trigger.

    Chosen by `compiler: {normalize: PLUGIN}`.
    """


@hookspec(firstresult=True)
def orun_expand(project: NormalizedProject) -> Expansion | None:
    """Multiply components by environments, merge their layers, keep what the request selects.

    Chosen by `compiler: {expand: PLUGIN}`.
    """


@hookspec(firstresult=True)
def orun_bind(expansion: Expansion) -> Binding | None:
    """Give every instance its jobs: profile, overrides, phases, rendered templates.

    Chosen by `compiler: {bind: PLUGIN}`.
    """


@hookspec(firstresult=True)
def orun_resolve(binding: Binding) -> Resolution | None:
    """Draw the edges, prune what the selection left out, refuse cycles, sort.

    Chosen by `compiler: {resolve: PLUGIN}`.
    """


@hookspec(firstresult=True)
def orun_materialize(resolution: Resolution, verdict: Verdict) -> Plan | None:
    """Write the plan value; core adds digests, checksum, uids and seal.

    Chosen by `compiler: {materialize: PLUGIN}`.
    """


# --- watch --------------------------------------------------------------------------------------------------------------


@hookspec
def orun_stage_finished(stage: str, result: object) -> None:
    """A stage finished; `result` is its frozen value."""


@hookspec
def orun_plan_compiled(compiled: Compiled) -> None:
    """A plan was compiled and sealed."""


@hookspec
def orun_run_advanced(exec_id: str, event: Event) -> None:
    """An event was recorded in the journal of a run."""


# --- offer --------------------------------------------------------------------------------------------------------------


@hookspec
def orun_composition_sources() -> tuple[SourceEntry, ...]:
    """Kinds of composition sources: `compositions.sources[].kind`."""
    return ()


@hookspec
def orun_trigger_providers() -> tuple[TriggerEntry, ...]:
    """CI systems whose events trigger bindings match: `on.provider`."""
    return ()


@hookspec
def orun_policies() -> tuple[PolicyEntry, ...]:
    """Named policies: keys of `policies`."""
    return ()


@hookspec
def orun_backends() -> tuple[BackendEntry, ...]:
    """Places where plans run: `orun run --runner NAME`."""
    return ()


@hookspec
def orun_state_stores() -> tuple[StoreEntry, ...]:
    """Places where runs are recorded: `ORUN_STATE_STORE`."""
    return ()


@hookspec
def orun_surfaces() -> tuple[SurfaceEntry, ...]:
    """Top-level commands, and the display of `orun run`."""
    return ()


@hookspec
def orun_exporters() -> tuple[ExporterEntry, ...]:
    """Forms that a plan can be exported to."""
    return ()
