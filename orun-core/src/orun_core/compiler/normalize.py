"""Stage 2, normalize: merge presets, check references and schemas, choose a composition per component, match the trigger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orun_core.compiler.component_checks import ComponentChecks
from orun_core.compiler.composition_choice import CompositionChoice
from orun_core.compiler.environment_checks import check_environments, check_triggers
from orun_core.compiler.findings import Findings
from orun_core.compiler.presets import merge_presets
from orun_core.compiler.schema import SchemaBook
from orun_core.compiler.triggers import resolve_trigger
from orun_core.spec.errors import CompileError
from orun_core.spec.stages import Authored, LoadedProject, NormalizedProject

if TYPE_CHECKING:
    from orun_core.spec.documents import Component
    from orun_core.spec.stages import LoadedComposition


def normalize(project: LoadedProject) -> NormalizedProject:
    """Make a loaded project valid on its own terms; raises `CompileError` with everything that is wrong."""
    intent, origins = merge_presets(project.intent.value, project.presets)
    findings = Findings(project.intent.origin, origins)
    findings.reserved_env(intent.env, findings.intent, "env")
    findings.reserved_secrets(intent.secret_env, findings.at("secretEnv"))
    bindings = intent.automation.trigger_bindings
    check_triggers(bindings, findings)
    components, unfit = _components(project, findings)
    environments = dict(sorted(intent.environments.items()))
    check_environments(environments, bindings, findings)
    names = frozenset(component.value.name for component in components)
    checks = ComponentChecks(names, _absent(project, unfit), environments, bindings, findings)
    for component in (*components, *unfit):
        checks.check(component)
    choice, book = CompositionChoice(intent, project.packages, findings), SchemaBook()
    chosen: dict[str, LoadedComposition] = {}
    for component in (*components, *(component for component in unfit if component.value.type)):
        checks.check_rules(component)
        if composition := choice.of(component):
            findings.problems += book.check(component, composition, component.value.parameters)
            chosen.setdefault(component.value.name, composition)
    choice.check_lifecycles(chosen)
    if findings.problems:
        raise CompileError([*findings.problems, *findings.warnings])
    trigger, active = resolve_trigger(intent, environments, project.request)
    return NormalizedProject(
        loaded=project,
        intent=intent,
        environments=environments,
        components=components,
        compositions=choice.defaults,
        chosen=chosen,
        trigger=trigger,
        origins=origins,
        active=active,
        warnings=tuple(findings.warnings),
    )


def _components(
    project: LoadedProject, findings: Findings
) -> tuple[tuple[Authored[Component], ...], list[Authored[Component]]]:
    """Enabled components with a name, a type and no namesake; and those that cannot be planned, whose other faults are told, too."""
    found: dict[str, Authored[Component]] = {}
    unfit: list[Authored[Component]] = []
    for component in project.components:
        name, origin = component.value.name, component.origin
        if not name:
            findings.wrong("normalize/no-name", "a component must have a name", origin)
        elif not name.isprintable():
            findings.wrong("normalize/bad-name", f"the name {name!r} holds control characters", origin)
        elif name in found:
            text = f'two components are called "{name}"'
            findings.wrong("normalize/duplicate-component", text, origin, related=found[name].origin)
            unfit.append(component)
        elif not component.value.type:
            findings.wrong("normalize/no-type", f'component "{name}" must have a type', origin)
            unfit.append(component)
        else:
            found[name] = component
    return tuple(component for component in found.values() if component.value.enabled), unfit


def _absent(project: LoadedProject, unfit: list[Authored[Component]]) -> dict[str, str]:
    """Components that are known and not planned → why."""
    disabled = {component.value.name: "is disabled" for component in project.components if not component.value.enabled}
    return disabled | {component.value.name: "cannot be planned" for component in unfit}
