"""Stage 2, normalize: merge presets, check references and schemas, choose a composition per component, match the trigger."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from orun_core.compiler.presets import merge_presets
from orun_core.compiler.schema import SchemaBook
from orun_core.compiler.selection import matches
from orun_core.compiler.sites import caution, problem
from orun_core.compiler.triggers import resolve_trigger
from orun_core.plan.graph import shortest_cycle
from orun_core.spec.errors import CompileError, Diagnostic, Location, Related
from orun_core.spec.nearest import did_you_mean
from orun_core.spec.stages import Authored, LoadedComposition, LoadedProject, NormalizedProject, Origin

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from orun_core.spec.documents import Component, DependencyRule, Environment, ProfileRule, Subscription

DEPENDENCY_MODES: Final = ("enforced", "advisory", "disabled")
WATCHES: Final = ("automation", "compositions", "discovery", "env", "environments", "execution", "groups")
INCLUDES: Final = ("if-selected", "always")
STRATEGIES: Final = ("same-component", "environment-barrier")
SCOPES: Final = ("full", "changed")
SATISFIES: Final = ("same-plan", "previous-success", "same-plan-or-previous-success")


def normalize(project: LoadedProject) -> NormalizedProject:
    """Make a loaded project valid on its own terms; raises `CompileError` with everything that is wrong."""
    return _Normalizer(project).normalize()


class _Normalizer:
    def __init__(self, project: LoadedProject) -> None:
        self.project = project
        self.intent, self.origins = merge_presets(project.intent.value, project.presets)
        self.problems: list[Diagnostic] = []
        self.warnings: list[Diagnostic] = []
        self.unfit: list[Authored[Component]] = []
        """Components that cannot be planned as such; whatever else is wrong with them is told at once."""
        self.absent: dict[str, str] = {}
        """Components that are known and not planned → why."""

    def normalize(self) -> NormalizedProject:
        self.check_env(self.intent.env, self.project.intent.origin, "env")
        self.check_secret_names(self.intent.secret_env, self.origin("secretEnv"))
        self.check_triggers()
        components = self.components()
        names = {component.value.name for component in components}
        self.absent = {c.value.name: "is disabled" for c in self.project.components if not c.value.enabled}
        self.absent |= {component.value.name: "cannot be planned" for component in self.unfit}
        environments = dict(sorted(self.intent.environments.items()))
        self.check_environments(environments)
        for component in (*components, *self.unfit):
            self.check_component(component, names, environments)
        compositions = self.default_compositions()
        chosen = self.choose(components, compositions)
        book = SchemaBook()
        for component in components:
            self.check_parameters(component, chosen, book)
        for component in self.unfit:
            if component.value.type:
                self.check_parameters(component, self.choose((component,), compositions), book)
        self.check_lifecycles(chosen)
        if self.problems:
            raise CompileError([*self.problems, *self.warnings])
        trigger, active = resolve_trigger(self.intent, environments, self.project.request)
        return NormalizedProject(
            loaded=self.project,
            intent=self.intent,
            environments=environments,
            components=components,
            compositions=compositions,
            chosen=chosen,
            trigger=trigger,
            origins=self.origins,
            active=active,
            warnings=tuple(self.warnings),
        )

    def origin(self, *keys: str | int) -> Origin:
        return self.project.intent.origin.at(*keys).among(self.origins)

    # --- components -------------------------------------------------------------------------------------------------

    def components(self) -> tuple[Authored[Component], ...]:
        """Enabled components with a name, a type and no namesake."""
        found: dict[str, Authored[Component]] = {}
        for component in self.project.components:
            name, origin = component.value.name, component.origin
            if not name:
                self.add("normalize/no-name", "a component must have a name", origin)
            elif not name.isprintable():
                self.add("normalize/bad-name", f"the name {name!r} holds control characters", origin)
            elif name in found:
                self.add(
                    "normalize/duplicate-component",
                    f'two components are called "{name}"',
                    origin,
                    related=found[name].origin,
                )
                self.unfit.append(component)
            elif not component.value.type:
                self.add("normalize/no-type", f'component "{name}" must have a type', origin)
                self.unfit.append(component)
            else:
                found[name] = component
        return tuple(component for component in found.values() if component.value.enabled)

    def check_parameters(
        self, component: Authored[Component], chosen: Mapping[str, LoadedComposition], book: SchemaBook
    ) -> None:
        self.check_rules(component)
        if component.value.name in chosen:
            self.problems += book.check(component, chosen[component.value.name], component.value.parameters)

    def check_component(
        self, component: Authored[Component], names: set[str], environments: Mapping[str, Environment]
    ) -> None:
        value, origin = component.value, component.origin
        self.check_env(value.env, origin, "env")
        self.check_secret_names(value.secret_env, origin, "secretEnv")
        self.check_secret_names(value.optional_secret_env, origin, "optionalSecretEnv")
        for index, watch in enumerate(value.change.watches):
            if watch not in WATCHES:
                text = f'change.watches "{watch}" is no section of the intent'
                self.add(
                    "normalize/unknown-watch", text, origin.at("change", "watches", index), did_you_mean(watch, WATCHES)
                )
        for index, subscription in enumerate(value.subscribe.environments):
            here = ("subscribe", "environments", index)
            pattern = subscription.name
            if not pattern:
                self.add("normalize/no-name", "an environment subscription needs a name", origin.at(*here))
            elif pattern not in environments and not any(matches(pattern, name) for name in environments):
                text = f'component "{value.name}" subscribes to unknown environment "{pattern}"'
                hint = did_you_mean(pattern, environments)
                self.warnings.append(caution("normalize/unknown-environment", text, origin.at(*here), hint))
            self.check_env(subscription.env, origin, *here, "env")
        self.check_dependencies(component, names, environments)

    def check_dependencies(
        self, component: Authored[Component], names: set[str], environments: Mapping[str, Environment]
    ) -> None:
        places = {"", "__same__", *environments}
        for index, dependency in enumerate(component.value.depends_on):
            include = dependency.include
            included, found, placed = (
                include in INCLUDES,
                dependency.component in names,
                dependency.environment in places,
            )
            if included and found and placed:
                continue
            here = component.origin.at("dependsOn", index)
            if not included:
                text = f'include "{include}" is neither if-selected nor always'
                self.add("normalize/bad-include", text, here.at("include"), did_you_mean(include, INCLUDES))
            if not found:
                why = self.absent.get(dependency.component, "")
                what = (
                    f'component "{dependency.component}", which {why}'
                    if why
                    else f'unknown component "{dependency.component}"'
                )
                text = f'component "{component.value.name}" depends on {what}'
                report = problem if include == "always" else caution
                hint = "" if why else did_you_mean(dependency.component, names)
                said = report("normalize/unknown-dependency", text, here, hint)
                (self.problems if include == "always" else self.warnings).append(said)
            if not placed:
                text = f'dependency on "{dependency.component}" names unknown environment "{dependency.environment}"'
                hint = did_you_mean(dependency.environment, environments)
                self.warnings.append(caution("normalize/unknown-environment", text, here.at("environment"), hint))

    def check_env(self, env: Iterable[str], origin: Origin, *inside: str | int) -> None:
        for key in _reserved(env):
            text = f'env key "{key}" uses the reserved prefix ORUN_'
            at = origin.at(*inside, key).among(self.origins)
            self.add("normalize/reserved-env", text, at, "choose a name without that prefix")

    def check_secret_names(self, secrets: Iterable[str], origin: Origin, *inside: str) -> None:
        for key in _reserved(secrets):
            text = f'secret "{key}" uses the reserved prefix ORUN_; orun\'s own value wins'
            at = origin.at(*inside, key)
            self.warnings.append(caution("normalize/reserved-env", text, at, "choose a name without that prefix"))

    # --- environments -----------------------------------------------------------------------------------------------

    def check_environments(self, environments: Mapping[str, Environment]) -> None:
        for name, environment in environments.items():
            at = self.origin("environments", name)
            if not name.isprintable():
                self.add("normalize/bad-name", f"the name {name!r} holds control characters", at)
            self.check_env(environment.env, self.project.intent.origin, "environments", name, "env")
            self.check_secret_names(environment.secret_env, at.at("secretEnv"))
            self.check_mode(environment.dependency_mode, f'environment "{name}"', at.at("dependencyMode"))
            self.check_activation(environment, at.at("activation", "triggerRefs"))
            self.check_promotions(name, environment, environments, at.at("promotion", "dependsOn"))
        self.check_promotion_cycles(environments)

    def check_activation(self, environment: Environment, at: Origin) -> None:
        bindings = self.intent.automation.trigger_bindings
        for index, reference in enumerate(environment.activation.trigger_refs):
            if reference not in bindings:
                text = f'activation.triggerRefs names unknown trigger binding "{reference}"'
                self.warnings.append(
                    caution("normalize/unknown-trigger", text, at.at(index), did_you_mean(reference, bindings))
                )

    def check_triggers(self) -> None:
        for name, binding in sorted(self.intent.automation.trigger_bindings.items()):
            if binding.plan.scope not in ("", *SCOPES):
                at = self.origin("automation", "triggerBindings", name, "plan", "scope")
                text = f'trigger binding "{name}": plan.scope "{binding.plan.scope}" is neither full nor changed'
                self.warnings.append(
                    caution("normalize/unknown-scope", text, at, did_you_mean(binding.plan.scope, SCOPES))
                )

    def check_promotions(
        self, name: str, environment: Environment, environments: Mapping[str, Environment], at: Origin
    ) -> None:
        for index, promotion in enumerate(environment.promotion.depends_on):
            before, here = promotion.environment, at.at(index)
            if not before:
                self.add("normalize/no-name", f'a promotion of environment "{name}" needs an environment', here)
            elif before == name:
                self.add("normalize/promotion-self", f'environment "{name}" is promoted from itself', here)
            elif before not in environments:
                text = f'environment "{name}" is promoted from unknown environment "{before}"'
                self.add(
                    "normalize/unknown-environment", text, here.at("environment"), did_you_mean(before, environments)
                )
            for field, value, known in (
                ("strategy", promotion.strategy, STRATEGIES),
                ("satisfy", promotion.satisfy, SATISFIES),
            ):
                if value not in known:
                    text = f'promotion {field} "{value}" has no effect'
                    hint = did_you_mean(value, known)
                    self.warnings.append(caution("normalize/unknown-promotion", text, here.at(field), hint))

    def check_promotion_cycles(self, environments: Mapping[str, Environment]) -> None:
        edges = {
            name: tuple(p.environment for p in environment.promotion.depends_on if p.environment != name)
            for name, environment in environments.items()
        }
        cycle = shortest_cycle({name: tuple(e for e in to if e in edges) for name, to in edges.items()})
        if cycle:
            path = " → ".join((*cycle, cycle[0]))
            self.add(
                "normalize/promotion-cycle",
                f"environments are promoted in a circle: {path}",
                self.origin("environments", cycle[0], "promotion"),
            )

    # --- rules ------------------------------------------------------------------------------------------------------

    def check_rules(self, component: Authored[Component]) -> None:
        for index, subscription in enumerate(component.value.subscribe.environments):
            if not (subscription.profile_rules or subscription.dependency_rules or subscription.dependency_mode):
                continue
            here = component.origin.at("subscribe", "environments", index)
            who = f'component "{component.value.name}" subscription "{subscription.name}"'
            self.check_profile_rules(subscription, who, here)
            self.check_mode(subscription.dependency_mode, who, here.at("dependencyMode"))
            for i, rule in enumerate(subscription.dependency_rules):
                at = here.at("dependencyRules", i)
                if not rule.mode:
                    self.add("normalize/incomplete-rule", f"{who}: a dependency rule needs a mode", at)
                self.check_mode(rule.mode, who, at.at("mode"))
                self.check_when(rule, who, at)

    def check_profile_rules(self, subscription: Subscription, who: str, here: Origin) -> None:
        if subscription.profile_rules and not subscription.profile:
            hint = "set `profile`, which applies when no rule matches"
            self.add("normalize/no-fallback-profile", f"{who}: profileRules need a profile to fall back to", here, hint)
        for index, rule in enumerate(subscription.profile_rules):
            at = here.at("profileRules", index)
            if not rule.profile:
                self.add("normalize/incomplete-rule", f"{who}: a profile rule needs a profile", at)
            self.check_when(rule, who, at)

    def check_when(self, rule: ProfileRule | DependencyRule, who: str, at: Origin) -> None:
        known = self.intent.automation.trigger_bindings
        ref = rule.when.trigger_ref
        if not ref:
            self.add("normalize/incomplete-rule", f"{who}: a rule needs when.triggerRef", at)
        elif ref not in known:
            text = f'{who}: when.triggerRef "{ref}" is no trigger binding'
            self.add("normalize/unknown-trigger", text, at.at("when", "triggerRef"), did_you_mean(ref, known))

    def check_mode(self, mode: str, who: str, at: Origin) -> None:
        if mode and mode not in DEPENDENCY_MODES:
            text = f'{who}: dependencyMode "{mode}" is none of {", ".join(DEPENDENCY_MODES)}'
            self.add("normalize/bad-mode", text, at, did_you_mean(mode, DEPENDENCY_MODES))

    # --- compositions -----------------------------------------------------------------------------------------------

    def default_compositions(self) -> dict[str, LoadedComposition]:
        """The composition of each exported type: binding, then the only candidate, then precedence."""
        settings = self.intent.compositions.resolution
        sources = {package.request.name: package for package in self.project.packages}
        self.check_resolution(sources)
        declared = {source.name for source in self.intent.compositions.sources}
        candidates: dict[str, dict[str, LoadedComposition]] = {}
        for name, package in sources.items():
            for type_, composition in package.compositions.items():
                if name in declared:
                    candidates.setdefault(type_, {})[name] = composition
        for name, package in sources.items():
            if name not in declared:
                for type_, composition in package.compositions.items():
                    candidates.setdefault(type_, {name: composition})
        rank = {name: index for index, name in enumerate(settings.precedence)}
        order = {name: index for index, name in enumerate(sources)}
        found = {}
        for type_, offers in sorted(candidates.items()):
            bound = settings.bindings.get(type_)
            if bound in sources and bound not in offers:
                text = f'source "{bound}" does not export type "{type_}"'
                self.add("normalize/bad-binding", text, self.origin("compositions", "resolution", "bindings", type_))
            elif bound in offers:
                found[type_] = offers[bound]
            elif len(offers) > 1 and not settings.precedence:
                text = f'type "{type_}" is exported by several sources: {", ".join(sorted(offers))}'
                hint = "declare compositions.resolution.precedence or a binding"
                self.add("normalize/ambiguous-type", text, self.origin("compositions"), hint)
            else:
                best = min(offers, key=lambda name: (rank.get(name, len(rank)), order[name]))
                found[type_] = offers[best]
        return found

    def check_resolution(self, sources: Mapping[str, object]) -> None:
        settings = self.intent.compositions.resolution
        at = self.origin("compositions", "resolution")
        named = [(name, at.at("precedence", i)) for i, name in enumerate(settings.precedence)]
        named += [(name, at.at("bindings", type_)) for type_, name in settings.bindings.items()]
        for name, here in named:
            if name not in sources:
                text = f'unknown composition source "{name}"'
                self.add("normalize/unknown-source", text, here, did_you_mean(name, sources))

    def choose(
        self, components: tuple[Authored[Component], ...], defaults: Mapping[str, LoadedComposition]
    ) -> dict[str, LoadedComposition]:
        sources = {package.request.name: package for package in self.project.packages}
        chosen = {}
        for component in components:
            value, reference = component.value, component.value.composition_ref
            here = component.origin.at("compositionRef")
            if reference is None:
                if value.type in defaults:
                    chosen[value.name] = defaults[value.type]
                elif not any(
                    d.code == "normalize/ambiguous-type" and f'"{value.type}"' in d.message for d in self.problems
                ):
                    text = f'component "{value.name}" has unknown type "{value.type}"'
                    self.add(
                        "normalize/unknown-type", text, component.origin.at("type"), did_you_mean(value.type, defaults)
                    )
                continue
            name = reference.name or value.type
            package = sources.get(reference.source)
            if package is None:
                text = f'component "{value.name}": compositionRef names unknown source "{reference.source}"'
                self.add("normalize/unknown-source", text, here.at("source"), did_you_mean(reference.source, sources))
            elif name not in package.compositions:
                text = f'component "{value.name}": source "{reference.source}" exports no "{name}"'
                self.add("normalize/unknown-type", text, here.at("name"), did_you_mean(name, package.compositions))
            else:
                chosen[value.name] = package.compositions[name]
        return chosen

    def check_lifecycles(self, chosen: Mapping[str, LoadedComposition]) -> None:
        users: dict[int, list[str]] = {}
        for name in sorted(chosen):
            if chosen[name].lifecycle == "deprecated":
                users.setdefault(id(chosen[name]), []).append(name)
        for names in users.values():
            composition = chosen[names[0]]
            more = f" and {len(names) - 1} more" if len(names) > 1 else ""
            text = f'type "{composition.type}" of {composition.source} is deprecated; {names[0]}{more} use it'
            self.warnings.append(caution("normalize/deprecated", text, composition.origin.at("spec", "lifecycle")))

    def add(self, code: str, message: str, origin: Origin, hint: str = "", related: Origin | None = None) -> None:
        found = problem(code, message, origin, hint)
        self.problems.append(found if related is None else _with_related(found, related))


def _reserved(names: Iterable[str]) -> list[str]:
    return sorted(name for name in names if name[:5].upper() == "ORUN_") if names else []


def _with_related(diagnostic: Diagnostic, first: Origin) -> Diagnostic:
    where = Location(first.file, pointer=first.pointer)
    return replace(diagnostic, related=(Related("first defined here", where),))
