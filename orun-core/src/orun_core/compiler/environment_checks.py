"""What is wrong with environments and with the events that activate them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from orun_core.plan.graph import shortest_cycle
from orun_core.spec.nearest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orun_core.compiler.findings import Findings
    from orun_core.spec.documents import Environment, TriggerBinding
    from orun_core.spec.stages import Origin

DEPENDENCY_MODES: Final = ("enforced", "advisory", "disabled")
STRATEGIES: Final = ("same-component", "environment-barrier")
SATISFIES: Final = ("same-plan", "previous-success", "same-plan-or-previous-success")
SCOPES: Final = ("full", "changed")


def check_triggers(bindings: Mapping[str, TriggerBinding], findings: Findings) -> None:
    """Scopes that mean nothing."""
    for name, binding in sorted(bindings.items()):
        if binding.plan.scope not in ("", *SCOPES):
            at = findings.at("automation", "triggerBindings", name, "plan", "scope")
            text = f'trigger binding "{name}": plan.scope "{binding.plan.scope}" is neither full nor changed'
            findings.doubtful("normalize/unknown-scope", text, at, did_you_mean(binding.plan.scope, SCOPES))


def check_environments(
    environments: Mapping[str, Environment], bindings: Mapping[str, TriggerBinding], findings: Findings
) -> None:
    """Names, variables, modes, the bindings that they name, and promotion between them."""
    for name, environment in environments.items():
        at = findings.at("environments", name)
        if not name.isprintable():
            findings.wrong("normalize/bad-name", f"the name {name!r} holds control characters", at)
        findings.reserved_env(environment.env, findings.intent, "environments", name, "env")
        findings.reserved_secrets(environment.secret_env, at, "secretEnv")
        check_mode(environment.dependency_mode, f'environment "{name}"', at.at("dependencyMode"), findings)
        for index, reference in enumerate(environment.activation.trigger_refs):
            if reference not in bindings:
                text = f'activation.triggerRefs names unknown trigger binding "{reference}"'
                here = at.at("activation", "triggerRefs", index)
                findings.doubtful("normalize/unknown-trigger", text, here, did_you_mean(reference, bindings))
        _check_promotions(name, environments, at.at("promotion", "dependsOn"), findings)
    _check_circle(environments, findings)


def check_mode(mode: str, who: str, at: Origin, findings: Findings) -> None:
    """A dependency mode that there is not; `who` has it."""
    if mode and mode not in DEPENDENCY_MODES:
        text = f'{who}: dependencyMode "{mode}" is none of {", ".join(DEPENDENCY_MODES)}'
        findings.wrong("normalize/bad-mode", text, at, did_you_mean(mode, DEPENDENCY_MODES))


def _check_promotions(name: str, environments: Mapping[str, Environment], at: Origin, findings: Findings) -> None:
    for index, promotion in enumerate(environments[name].promotion.depends_on):
        before, here = promotion.environment, at.at(index)
        if not before:
            findings.wrong("normalize/no-name", f'a promotion of environment "{name}" needs an environment', here)
        elif before == name:
            findings.wrong("normalize/promotion-self", f'environment "{name}" is promoted from itself', here)
        elif before not in environments:
            text = f'environment "{name}" is promoted from unknown environment "{before}"'
            hint = did_you_mean(before, environments)
            findings.wrong("normalize/unknown-environment", text, here.at("environment"), hint)
        for field, value, known in (
            ("strategy", promotion.strategy, STRATEGIES),
            ("satisfy", promotion.satisfy, SATISFIES),
        ):
            if value not in known:
                text = f'promotion {field} "{value}" has no effect'
                findings.doubtful("normalize/unknown-promotion", text, here.at(field), did_you_mean(value, known))


def _check_circle(environments: Mapping[str, Environment], findings: Findings) -> None:
    edges = {
        name: tuple(p.environment for p in environment.promotion.depends_on if p.environment != name)
        for name, environment in environments.items()
    }
    cycle = shortest_cycle({name: tuple(e for e in to if e in edges) for name, to in edges.items()})
    if cycle:
        text = f"environments are promoted in a circle: {' → '.join((*cycle, cycle[0]))}"
        findings.wrong("normalize/promotion-cycle", text, findings.at("environments", cycle[0], "promotion"))
