"""Core's own plugin: the six stages, the commands and what else core offers, through the same hooks as everyone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orun_core.builtin import commands
from orun_core.spec.entries import ExporterEntry, StoreEntry
from orun_core.spec.markers import hookimpl

if TYPE_CHECKING:
    from pydantic import BaseModel

    from orun_core.spec import stages
    from orun_core.spec.entries import PolicyEntry, SourceEntry, SurfaceEntry, TriggerEntry
    from orun_core.spec.exporter import Exporter
    from orun_core.spec.host import Host
    from orun_core.spec.plan import Plan
    from orun_core.spec.store import StateStore


@hookimpl
def orun_load(workspace: stages.Workspace, request: stages.Request) -> stages.LoadedProject:
    from orun_core.compiler.load import load

    return load(workspace, request)


@hookimpl
def orun_normalize(project: stages.LoadedProject) -> stages.NormalizedProject:
    from orun_core.compiler.normalize import normalize

    return normalize(project)


@hookimpl
def orun_expand(project: stages.NormalizedProject) -> stages.Expansion:
    from orun_core.compiler.expand import expand

    return expand(project)


@hookimpl
def orun_bind(expansion: stages.Expansion) -> stages.Binding:
    from orun_core.compiler.bind import bind

    return bind(expansion)


@hookimpl
def orun_resolve(binding: stages.Binding) -> stages.Resolution:
    from orun_core.compiler.resolve import resolve

    return resolve(binding)


@hookimpl
def orun_materialize(resolution: stages.Resolution, verdict: stages.Verdict) -> Plan:
    from orun_core.compiler.materialize import materialize

    return materialize(resolution, verdict)


@hookimpl
def orun_surfaces() -> tuple[SurfaceEntry, ...]:
    return commands.surfaces()


@hookimpl
def orun_composition_sources() -> tuple[SourceEntry, ...]:
    from orun_core.builtin.source_kinds import SOURCES

    return SOURCES


@hookimpl
def orun_state_stores() -> tuple[StoreEntry, ...]:
    return (StoreEntry("local", "The .orun folder of the workspace.", _local_store),)


def _local_store(host: Host) -> StateStore:
    from orun_core.plan.reader import read_plan
    from orun_core.state.local import LocalStore

    return LocalStore(host.root / ".orun", read_plan)


@hookimpl
def orun_trigger_providers() -> tuple[TriggerEntry, ...]:
    from orun_core.builtin.triggers import TRIGGERS

    return TRIGGERS


@hookimpl
def orun_policies() -> tuple[PolicyEntry, ...]:
    from orun_core.builtin.policies import policies

    return policies()


@hookimpl
def orun_exporters() -> tuple[ExporterEntry, ...]:
    return (ExporterEntry("mermaid", "A flowchart of the jobs, for Markdown", _mermaid, options=_mermaid_options),)


def _mermaid() -> Exporter:
    from orun_core.builtin.mermaid import export

    return export


def _mermaid_options() -> type[BaseModel]:
    from orun_core.builtin.mermaid import Options

    return Options
