"""What is wrong with a component on its own, and with the names that it refers to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from orun_core.compiler.environment_checks import check_mode
from orun_core.compiler.selection import matches
from orun_core.spec.frozen import frozen
from orun_core.spec.nearest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orun_core.compiler.findings import Findings
    from orun_core.spec.documents import (
        Component,
        DependencyRule,
        Environment,
        ProfileRule,
        Subscription,
        TriggerBinding,
    )
    from orun_core.spec.stages import Authored, Origin

WATCHES: Final = ("automation", "compositions", "discovery", "env", "environments", "execution", "groups")
INCLUDES: Final = ("if-selected", "always")
SAME_ENVIRONMENT: Final = ("", "__same__")


@frozen
class ComponentChecks:
    """`names`: components that can be depended on; `absent`: known ones that are not planned, with the reason."""

    names: frozenset[str]
    absent: Mapping[str, str]
    environments: Mapping[str, Environment]
    bindings: Mapping[str, TriggerBinding]
    findings: Findings

    def check(self, component: Authored[Component]) -> None:
        """Variables, watched sections, subscriptions, dependencies and rules."""
        value, origin = component.value, component.origin
        self.findings.reserved_env(value.env, origin, "env")
        self.findings.reserved_secrets(value.secret_env, origin, "secretEnv")
        self.findings.reserved_secrets(value.optional_secret_env, origin, "optionalSecretEnv")
        for index, watch in enumerate(value.change.watches):
            if watch not in WATCHES:
                text = f'change.watches "{watch}" is no section of the intent'
                at = origin.at("change", "watches", index)
                self.findings.wrong("normalize/unknown-watch", text, at, did_you_mean(watch, WATCHES))
        for index, subscription in enumerate(value.subscribe.environments):
            self._check_subscription(subscription, component, index)
        self._check_dependencies(component)
        self._check_rules(component)

    def _check_subscription(self, subscription: Subscription, component: Authored[Component], index: int) -> None:
        pattern, here = subscription.name, ("subscribe", "environments", index)
        if not pattern:
            text = "an environment subscription needs a name"
            self.findings.wrong("normalize/no-name", text, component.origin.at(*here))
        elif pattern not in self.environments and not any(matches(pattern, name) for name in self.environments):
            text = f'component "{component.value.name}" subscribes to unknown environment "{pattern}"'
            hint = did_you_mean(pattern, self.environments)
            self.findings.doubtful("normalize/unknown-environment", text, component.origin.at(*here), hint)
        self.findings.reserved_env(subscription.env, component.origin, *here, "env")

    def _check_dependencies(self, component: Authored[Component]) -> None:
        for index, dependency in enumerate(component.value.depends_on):
            include, needed, environment = dependency.include, dependency.component, dependency.environment
            placed = environment in SAME_ENVIRONMENT or environment in self.environments
            if include in INCLUDES and needed in self.names and placed:
                continue
            here = component.origin.at("dependsOn", index)
            if include not in INCLUDES:
                text = f'include "{include}" is neither if-selected nor always'
                hint = did_you_mean(include, INCLUDES)
                self.findings.wrong("normalize/bad-include", text, here.at("include"), hint)
            if needed not in self.names:
                why = self.absent.get(needed, "")
                what = f'component "{needed}", which {why}' if why else f'unknown component "{needed}"'
                text = f'component "{component.value.name}" depends on {what}'
                say = self.findings.wrong if include == "always" else self.findings.doubtful
                hint = "" if why else did_you_mean(needed, {*self.names, *self.absent})
                say("normalize/unknown-dependency", text, here, hint)
            if not placed:
                text = f'dependency on "{needed}" names unknown environment "{environment}"'
                hint = did_you_mean(environment, self.environments)
                self.findings.doubtful("normalize/unknown-environment", text, here.at("environment"), hint)

    def _check_rules(self, component: Authored[Component]) -> None:
        """The rules of its subscriptions: complete, with a fallback, about bindings that there are."""
        for index, subscription in enumerate(component.value.subscribe.environments):
            if not (subscription.profile_rules or subscription.dependency_rules or subscription.dependency_mode):
                continue
            here = component.origin.at("subscribe", "environments", index)
            who = f'component "{component.value.name}" subscription "{subscription.name}"'
            self._check_profile_rules(subscription, who, here)
            check_mode(subscription.dependency_mode, who, here.at("dependencyMode"), self.findings)
            for i, rule in enumerate(subscription.dependency_rules):
                at = here.at("dependencyRules", i)
                if not rule.mode:
                    self.findings.wrong("normalize/incomplete-rule", f"{who}: a dependency rule needs a mode", at)
                check_mode(rule.mode, who, at.at("mode"), self.findings)
                self._check_when(rule, who, at)

    def _check_profile_rules(self, subscription: Subscription, who: str, here: Origin) -> None:
        if subscription.profile_rules and not subscription.profile:
            text = f"{who}: profileRules need a profile to fall back to"
            hint = "set `profile`, which applies when no rule matches"
            self.findings.wrong("normalize/no-fallback-profile", text, here, hint)
        for index, rule in enumerate(subscription.profile_rules):
            at = here.at("profileRules", index)
            if not rule.profile:
                self.findings.wrong("normalize/incomplete-rule", f"{who}: a profile rule needs a profile", at)
            self._check_when(rule, who, at)

    def _check_when(self, rule: ProfileRule | DependencyRule, who: str, at: Origin) -> None:
        reference = rule.when.trigger_ref
        if not reference:
            self.findings.wrong("normalize/incomplete-rule", f"{who}: a rule needs when.triggerRef", at)
        elif reference not in self.bindings:
            text = f'{who}: when.triggerRef "{reference}" is no trigger binding'
            hint = did_you_mean(reference, self.bindings)
            self.findings.wrong("normalize/unknown-trigger", text, at.at("when", "triggerRef"), hint)
