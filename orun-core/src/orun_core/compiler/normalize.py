"""Stage 2, normalize: merge presets, check references and schemas, choose a composition per component, match the trigger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orun_core.compiler.component_checks import ComponentChecks
from orun_core.compiler.composition_choice import CompositionChoice
from orun_core.compiler.environment_checks import check_environments, check_triggers
from orun_core.compiler.findings import Findings
from orun_core.compiler.presets import merge_presets
from orun_core.compiler.schema import SchemaBook
from orun_core.compiler.slips import check_slips
from orun_core.compiler.triggers import resolve_trigger
from orun_core.spec.errors import CompileError
from orun_core.spec.stages import NormalizedProject

if TYPE_CHECKING:
    from orun_core.spec.stages import LoadedComposition, LoadedProject


def normalize(project: LoadedProject) -> NormalizedProject:
    """Make a loaded project valid on its own terms; raises `CompileError` with everything that is wrong."""
    intent, origins = merge_presets(project.intent.value, project.presets)
    findings = Findings(project.intent.origin, origins)
    findings.reserved_env(intent.env, findings.intent, "env")
    findings.reserved_secrets(intent.secret_env, findings.at("secretEnv"))
    bindings = intent.automation.trigger_bindings
    check_triggers(bindings, findings)
    fit, unfit = _sorted_out(project, findings)
    environments = dict(sorted(intent.environments.items()))
    check_environments(environments, bindings, findings)
    components = project.components.part(fit)
    names = frozenset(summary.name for summary in components.summaries)
    checks = ComponentChecks(names, _absent(project, unfit), environments, bindings, findings)
    choice, book = CompositionChoice(intent, project.packages, findings), SchemaBook()
    chosen: dict[str, LoadedComposition] = {}
    cleared, faultless = project.cleared, set(project.cleared)
    for position in (*fit, *unfit):
        summary = project.components.summaries[position]
        if summary.file in cleared and not summary.references:
            chosen[summary.name] = choice.defaults[summary.type]
            continue
        component, before = project.components[position], findings.number
        checks.check(component)
        if summary.type and (composition := choice.of(component)):
            findings.problems += book.check(component, composition, component.value.parameters)
            chosen.setdefault(summary.name, composition)
        if findings.number == before:
            faultless.add(summary.file)
    choice.check_lifecycles(chosen)
    check_slips(intent, components, choice.defaults, findings)
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
        cleared=frozenset(faultless - {project.intent.origin.file}),
    )


def _sorted_out(project: LoadedProject, findings: Findings) -> tuple[list[int], list[int]]:
    """Positions of the enabled components with a name, a type and no namesake; and of those that cannot be planned, whose other
    faults are told, too."""
    components = project.components
    found: dict[str, int] = {}
    unfit: list[int] = []
    for position, (_, name, type_, *_) in enumerate(components.summaries):
        if not name:
            findings.wrong("normalize/no-name", "a component must have a name", components[position].origin)
        elif not name.isprintable():
            text = f"the name {name!r} holds control characters"
            findings.wrong("normalize/bad-name", text, components[position].origin)
        elif name in found:
            text, first = f'two components are called "{name}"', components[found[name]].origin
            findings.wrong("normalize/duplicate-component", text, components[position].origin, related=first)
            unfit.append(position)
        elif not type_:
            text = f'component "{name}" must have a type'
            findings.wrong("normalize/no-type", text, components[position].origin)
            unfit.append(position)
        else:
            found[name] = position
    return [position for position in found.values() if components.summaries[position].enabled], unfit


def _absent(project: LoadedProject, unfit: list[int]) -> dict[str, str]:
    """Components that are known and not planned → why."""
    summaries = project.components.summaries
    disabled = {summary.name: "is disabled" for summary in summaries if not summary.enabled}
    return disabled | {summaries[position].name: "cannot be planned" for position in unfit}
