"""Stage 3, expand: components × environments, layers merged, selection applied."""

from __future__ import annotations

import posixpath
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from orun_core.compiler.layers import Layers
from orun_core.compiler.merge import Interpolation, merge
from orun_core.compiler.schema import SchemaBook
from orun_core.compiler.secrets import reference_problem
from orun_core.compiler.selection import applies, select
from orun_core.compiler.sites import caution, problem
from orun_core.spec.errors import CompileError, Diagnostic, UsageError
from orun_core.spec.nearest import did_you_mean
from orun_core.spec.plan import SecretRef
from orun_core.spec.stages import Authored, Expansion, Instance, Layer, LoadedComposition, NormalizedProject, Origin

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orun_core.spec.documents import Component, Subscription
    from orun_core.spec.plan import Selection


def expand(project: NormalizedProject) -> Expansion:
    """Every (component, environment) that applies, merged and selected.

    All environments are merged, also those that the selection leaves out, so that an error in one is found whatever is
    planned; when a change is planned, only the components that it selects. Raises `CompileError`; `UsageError` when a name
    of the request matches nothing.
    """
    return _Expander(project).expand()


class _Expander:
    def __init__(self, project: NormalizedProject) -> None:
        self.project = project
        self.triggers = frozenset(project.trigger.matched_bindings) if project.active is not None else frozenset()
        self.book = SchemaBook()
        self.problems: list[Diagnostic] = []
        self.warnings: dict[Diagnostic, None] = {}
        self.layers = Layers(project)

    def expand(self) -> Expansion:
        members = self.members()
        changed = None if self.project.changed is None else frozenset(self.project.changed)
        instances = [
            self.instance(self.project.components.named(name), environment)
            for environment, names in members.items()
            for name in names
            if changed is None or name in changed
        ]
        if self.problems:
            raise CompileError(self.problems)
        environments, names = self.select(members)
        kept = tuple(i for i in instances if i.environment in environments and i.name in names)
        return Expansion(self.project, environments, kept, tuple(self.warnings))

    # --- which ------------------------------------------------------------------------------------------------------

    def members(self) -> dict[str, list[str]]:
        """The components that apply to each environment, sorted."""
        summaries = sorted(self.project.components.summaries, key=attrgetter("name"))
        return {
            name: [summary.name for summary in summaries if applies(summary, name, environment)]
            for name, environment in self.project.environments.items()
        }

    def select(self, members: Mapping[str, list[str]]) -> tuple[tuple[str, ...], frozenset[str]]:
        """The active environments and the components that the request wants, of those that there are."""
        request, project = self.project.loaded.request, self.project
        names = frozenset(chain.from_iterable(members.values()))
        if request.recorded:
            return self.recorded(request.recorded.selection, names)
        active = tuple(project.environments)
        if project.active is not None:
            active = project.active
            if request.environments:
                active = self._intersect(project.active)
        elif request.environments:
            active = select(request.environments, project.environments, "environment")
        if request.components:
            names = frozenset(select(request.components, names, "component"))
            active = tuple(environment for environment in active if not names.isdisjoint(members[environment]))
        return active, names

    def recorded(self, selection: Selection, names: frozenset[str]) -> tuple[tuple[str, ...], frozenset[str]]:
        """What an earlier plan selected; a full one selects whatever there is now."""
        if selection.mode == "full":
            return tuple(self.project.environments), names
        active = tuple(name for name in self.project.environments if name in selection.envs)
        return active, names.intersection(selection.components)

    def _intersect(self, activated: tuple[str, ...]) -> tuple[str, ...]:
        asked = self.project.loaded.request.environments
        missing = [name for name in asked if name not in activated]
        if missing:
            by = ", ".join(self.project.trigger.matched_bindings)
            raise UsageError(
                Diagnostic(
                    "trigger/environment-not-activated",
                    f'environment "{missing[0]}" is not activated by trigger {by}',
                    hint=did_you_mean(missing[0], activated),
                )
            )
        return tuple(name for name in activated if name in asked)

    # --- one instance -----------------------------------------------------------------------------------------------

    def instance(self, component: Authored[Component], environment: str) -> Instance:
        value, subscription = component.value, _exact(component, environment)
        composition = self.project.chosen[value.name]
        profile, profile_source, profile_rule = self.profile(component, subscription, composition)
        mode, mode_source, mode_rule = self.dependency_mode(subscription, environment)
        words = Interpolation(environment, value.domain, value.name)
        defaults = self.layers.parameter_defaults(environment, value.domain, value.type)
        schema = self.book.defaults(composition) if self.project.intent.compiler.schema_defaults == "apply" else ()
        own = self.layers.own_parameters(component, subscription)
        path, parameters, path_layers = self.parameters(component, schema, defaults, own, words)
        env_layers = self.layers.environment_values(component, subscription, environment, "env")
        env = words.values(merge(env_layers))
        secret_layers = self.layers.environment_values(component, subscription, environment, "secret_env")
        layers = {
            "parameters": (*schema, *defaults, *own),
            "env": env_layers,
            "secretEnv": secret_layers,
            "path": path_layers,
        }
        policies, layers["policies"] = self.layers.policies(environment, value.domain, composition, profile)
        self.check_merged(component, composition, parameters)
        return Instance(
            component=component,
            environment=environment,
            composition=composition,
            profile=profile,
            profile_source=profile_source,
            profile_rule=profile_rule,
            dependency_mode=mode,
            dependency_source=mode_source,
            dependency_rule=mode_rule,
            path=path,
            parameters=parameters,
            env=env,
            secret_refs=self.secrets(component, secret_layers, env, words),
            policies=policies,
            subscription=subscription,
            layers=layers,
        )

    def profile(
        self,
        component: Authored[Component],
        subscription: Authored[Subscription] | None,
        composition: LoadedComposition,
    ) -> tuple[str, str, str]:
        """(profile, source, trigger of the rule)."""
        rule = self._fired(subscription.value.profile_rules) if subscription else None
        if not composition.profiles:
            if rule is not None:
                return "", "subscription-rule", rule.when.trigger_ref
            return "", "legacy-none", ""
        if rule is not None and subscription is not None:
            index = subscription.value.profile_rules.index(rule)
            at = subscription.origin.at("profileRules", index, "profile")
            return (
                self._named_profile(rule.profile, at, component, composition),
                "subscription-rule",
                rule.when.trigger_ref,
            )
        if subscription is not None and subscription.value.profile:
            at = subscription.origin.at("profile")
            return self._named_profile(subscription.value.profile, at, component, composition), "subscription", ""
        if composition.default_profile:
            at = composition.origin.at("spec", "defaultProfile")
            return (
                self._named_profile(composition.default_profile, at, component, composition),
                "composition-default",
                "",
            )
        text = (
            f'component "{component.value.name}" names no profile and type "{composition.type}" has no defaultProfile'
        )
        self.add("expand/no-profile", text, component.origin, did_you_mean("", composition.profiles))
        return "", "composition-default", ""

    def _named_profile(
        self, reference: str, at: Origin, component: Authored[Component], composition: LoadedComposition
    ) -> str:
        type_, dot, name = reference.partition(".")
        if not dot:
            name = reference
        elif type_ != component.value.type:
            text = f'profile "{reference}" is of type "{type_}", the component "{component.value.name}" of type "{component.value.type}"'
            self.add("expand/profile-type", text, at)
            return name
        if name not in composition.profiles:
            text = f'type "{composition.type}" has no profile "{name}"'
            self.add("expand/unknown-profile", text, at, did_you_mean(name, composition.profiles))
        return name

    def dependency_mode(self, subscription: Authored[Subscription] | None, environment: str) -> tuple[str, str, str]:
        if subscription is not None:
            rule = self._fired(subscription.value.dependency_rules)
            if rule is not None:
                return rule.mode, "subscription-rule", rule.when.trigger_ref
            if subscription.value.dependency_mode:
                return subscription.value.dependency_mode, "subscription", ""
        mode = self.project.environments[environment].dependency_mode
        return (mode, "environment", "") if mode else ("enforced", "default", "")

    def _fired(self, rules: tuple[Any, ...]) -> Any:
        return next((rule for rule in rules if rule.when.trigger_ref in self.triggers), None)

    # --- path and parameters ----------------------------------------------------------------------------------------

    def parameters(
        self,
        component: Authored[Component],
        schema: tuple[Layer, ...],
        defaults: tuple[Layer, ...],
        own: tuple[Layer, ...],
        words: Interpolation,
    ) -> tuple[str, dict[str, Any], tuple[Layer, ...]]:
        """(job path, parameters, layers that set the path). `path` among the defaults is the job's, never a parameter."""
        merged = merge(schema)
        by_schema = {"path": merged.pop("path")} if "path" in merged else {}
        paths: dict[str, Layer] = {}
        for layer in defaults:
            merged.update(layer.values)
            path = merged.pop("path", None)
            if isinstance(path, str) and path:
                paths[layer.name.partition(":")[0]] = Layer(layer.name, layer.origin.at("path"), {"path": path})
        merged.update(by_schema)
        for layer in own:
            merged.update(layer.values)
        explicit = component.value.path
        chosen = [paths[scope] for scope in ("environment", "group") if scope in paths]
        if explicit:
            chosen.append(self.layers.own_path(component))
        if chosen:
            merged.pop("path", None)
            path = chosen[-1].values["path"]
        else:
            path = merged.get("path", "./")
            if isinstance(path, str):
                merged.pop("path", None)
            else:
                text = f'component "{component.value.name}": the parameter "path" must be a text'
                self.add("expand/bad-path", text, component.origin.at("parameters", "path"))
                path = "./"
        folder = words.text(path)
        if posixpath.isabs(folder) or posixpath.normpath(folder).startswith(".."):
            text = f'component "{component.value.name}": the path "{folder}" leaves the workspace; no run will enter it'
            at = chosen[-1].origin if chosen else component.origin
            self.warnings[caution("expand/path-outside", text, at, "write a path below the intent's folder")] = None
        return folder, words.values(merged), tuple(chosen)

    # --- secrets and schema -----------------------------------------------------------------------------------------

    def secrets(
        self,
        component: Authored[Component],
        layers: tuple[Layer, ...],
        env: Mapping[str, str],
        words: Interpolation,
    ) -> tuple[SecretRef, ...]:
        """Hard and optional references, sorted by variable; values are never echoed in messages."""
        hard = {key: (words.text(text), layer.origin.at(key)) for layer in layers for key, text in layer.values.items()}
        at = component.origin.at("optionalSecretEnv")
        soft = {key: (words.text(text), at.at(key)) for key, text in component.value.optional_secret_env.items()}
        who = f'component "{component.value.name}"'
        for key, (reference, origin) in sorted({**soft, **hard}.items()):
            wrong = reference_problem(reference)
            if wrong:
                hint = (
                    "" if "://" in reference else "write secret://NAME; its value is that of ORUN_SECRET_NAME in a run"
                )
                self.add("expand/bad-secret", f"secret {key}: {wrong}", origin, hint)
            if key in env:
                self.add(
                    "expand/secret-in-env", f"{who}: {key} is both in env and a secret", origin, "remove one of them"
                )
            if key in hard and key in soft:
                self.add(
                    "expand/secret-twice", f"{who}: {key} is in secretEnv and optionalSecretEnv", origin, "pick one"
                )
        refs = [SecretRef(key, hard[key][0]) for key in hard]
        refs += [SecretRef(key, soft[key][0], optional=True) for key in soft if key not in hard]
        return tuple(sorted(refs, key=lambda ref: ref.as_env))

    def check_merged(
        self, component: Authored[Component], composition: LoadedComposition, parameters: Mapping[str, Any]
    ) -> None:
        """Warn about merged parameters that the schema refuses; unknown keys may come from `*` defaults and are let pass."""
        for found in self.book.check(component, composition, parameters):
            if "additionalProperties" not in found.hint:
                self.warnings[caution("expand/schema", found.message, _origin(found), found.hint)] = None

    def add(self, code: str, message: str, origin: Origin, hint: str = "") -> None:
        self.problems.append(problem(code, message, origin, hint))


def _origin(diagnostic: Diagnostic) -> Origin:
    return Origin(diagnostic.where.file, diagnostic.where.pointer) if diagnostic.where else Origin("")


def _exact(component: Authored[Component], environment: str) -> Authored[Subscription] | None:
    """The first subscription that names the environment exactly; patterns contribute nothing."""
    for index, subscription in enumerate(component.value.subscribe.environments):
        if subscription.name == environment:
            return Authored(subscription, component.origin.at("subscribe", "environments", index))
    return None
