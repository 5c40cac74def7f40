"""A compiler that turns every intent into a plan without jobs, one function per stage."""

from __future__ import annotations

from orun_core.spec.components import Components
from orun_core.spec.documents import Intent, Metadata
from orun_core.spec.plan import Compiler, Execution, Plan, Selection, Spec, Trigger
from orun_core.spec.plan import Metadata as PlanMetadata
from orun_core.spec.stages import (
    Authored,
    Binding,
    Expansion,
    LoadedProject,
    NormalizedProject,
    Origin,
    Request,
    Resolution,
    Verdict,
    Workspace,
)

MANUAL = Trigger("system", "system.manual", "manual", (), (), "full")


def load(workspace: Workspace, request: Request) -> LoadedProject:
    """An intent named `demo`, whatever the file says."""
    intent = Authored(Intent(metadata=Metadata(name="demo")), Origin(workspace.intent.name))
    return LoadedProject(request, intent, Components.of(()), (), (), ())


def normalize(project: LoadedProject) -> NormalizedProject:
    """The intent as it is."""
    return NormalizedProject(project, project.intent.value, {}, project.components, {}, {}, MANUAL)


def expand(project: NormalizedProject) -> Expansion:
    """No instances."""
    return Expansion(project, (), ())


def bind(expansion: Expansion) -> Binding:
    """No jobs."""
    return Binding(expansion, ())


def resolve(binding: Binding) -> Resolution:
    """No edges."""
    return Resolution(binding, (), (), Selection((), (), "full", all_envs=False))


def materialize(resolution: Resolution, verdict: Verdict) -> Plan:
    """A plan without jobs."""
    name = resolution.project.intent.metadata.name
    metadata = PlanMetadata(name, "", "", MANUAL, resolution.selection, Compiler("", ()))
    return Plan("orun.io/v1", "Plan", metadata, Execution(1, fail_fast=True), Spec(), ())
