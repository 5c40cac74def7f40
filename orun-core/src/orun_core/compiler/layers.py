"""The layers that are merged for an instance, low to high; what several instances have in common is made once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orun_core.compiler.merge import merge
from orun_core.spec.json_form import json_name
from orun_core.spec.plan import Policy
from orun_core.spec.stages import Layer, Origin

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orun_core.spec.documents import Component, Subscription
    from orun_core.spec.stages import Authored, LoadedComposition, NormalizedProject


class Layers:
    """Layers of one project."""

    def __init__(self, project: NormalizedProject) -> None:
        """Nothing is made yet."""
        self._project = project
        self._presets = {preset.origin.file: f"preset:{preset.name}" for preset in reversed(project.loaded.presets)}
        self._shared: dict[tuple[str, str, str], tuple[Layer, ...]] = {}
        self._policies: dict[tuple[str, str, int, str], tuple[tuple[Policy, ...], tuple[Layer, ...]]] = {}

    def parameter_defaults(self, environment: str, group: str, type_: str) -> tuple[Layer, ...]:
        """Parameter defaults, low to high: environment `*`, environment type, group `*`, group type."""
        key = (environment, group, type_)
        if key not in self._shared:
            layers = []
            scopes = [("environments", environment, self._project.environments[environment].parameter_defaults)]
            if group in self._project.intent.groups:
                scopes.append(("groups", group, self._project.intent.groups[group].parameter_defaults))
            for section, name, declared in scopes:
                for kind in ("*", type_):
                    scope = f'{section[:-1]}:{name} "{kind}"'
                    found = self._split(scope, (section, name, "parameterDefaults", kind), declared.get(kind, {}))
                    layers += [Layer(scope, layer.origin, layer.values) for layer in found]
            self._shared[key] = tuple(layers)
        return self._shared[key]

    def own_parameters(
        self, component: Authored[Component], subscription: Authored[Subscription] | None
    ) -> tuple[Layer, ...]:
        """The component's own parameters and its subscription's."""
        layers = self._own(component, "parameters")
        if subscription is not None and subscription.value.parameters:
            name = f"subscription:{component.value.name}@{subscription.value.name}"
            layers += (Layer(name, subscription.origin.at("parameters"), subscription.value.parameters),)
        return layers

    def own_path(self, component: Authored[Component]) -> Layer:
        """The component's own path."""
        key = (component.value.name, "path", "component")
        if key not in self._shared:
            values = {"path": component.value.path}
            self._shared[key] = (Layer(f"component:{component.value.name}", component.origin.at("path"), values),)
        return self._shared[key][0]

    def environment_values(
        self, component: Authored[Component], subscription: Authored[Subscription] | None, environment: str, field: str
    ) -> tuple[Layer, ...]:
        """`env` or `secretEnv`, low to high: intent, environment, component, subscription."""
        layers = self._outer(environment, field) + self._own(component, field)
        if subscription is not None and getattr(subscription.value, field):
            name = f"subscription:{component.value.name}@{subscription.value.name}"
            layers += (Layer(name, subscription.origin.at(json_name(field)), getattr(subscription.value, field)),)
        return layers

    def _outer(self, environment: str, field: str) -> tuple[Layer, ...]:
        """The intent's layer and the environment's, the same for all components."""
        key = (environment, field, "env")
        if key not in self._shared:
            project, name = self._project, json_name(field)
            here = ("environments", environment, name)
            own = getattr(project.environments[environment], field)
            found = self._split("intent", (name,), getattr(project.intent, field))
            self._shared[key] = (*found, *self._split(f"environment:{environment}", here, own))
        return self._shared[key]

    def _own(self, component: Authored[Component], field: str) -> tuple[Layer, ...]:
        """The component's own layer, the same in all environments."""
        key = (component.value.name, field, "component")
        if key not in self._shared:
            values = getattr(component.value, field)
            layer = Layer(f"component:{component.value.name}", component.origin.at(json_name(field)), values)
            self._shared[key] = (layer,) if values else ()
        return self._shared[key]

    def policies(
        self, environment: str, group: str, composition: LoadedComposition, profile: str
    ) -> tuple[tuple[Policy, ...], tuple[Layer, ...]]:
        """Merged policies, low to high: intent, group, environment, profile. Shared by all instances of the four."""
        key = (environment, group, id(composition), profile)
        if key not in self._policies:
            layers = self._policy_layers(environment, group, composition, profile)
            owner = {name: layer.name for layer in layers for name in layer.values}
            values = merge(layers)
            self._policies[key] = tuple(Policy(name, values[name], owner[name]) for name in sorted(values)), layers
        return self._policies[key]

    def _policy_layers(
        self, environment: str, group: str, composition: LoadedComposition, profile: str
    ) -> tuple[Layer, ...]:
        project = self._project
        found: list[tuple[str, tuple[str, ...], Mapping[str, Any]]] = [
            ("intent", ("policies",), project.intent.policies)
        ]
        if group in project.intent.groups:
            found.append((f"group:{group}", ("groups", group, "policies"), project.intent.groups[group].policies))
        own = project.environments[environment].policies
        found.append((f"environment:{environment}", ("environments", environment, "policies"), own))
        layers = [layer for declared in found for layer in self._split(*declared)]
        if profile in composition.profiles and composition.profiles[profile].value.policies:
            wanted = composition.profiles[profile]
            name = f"profile:{composition.type}.{profile}"
            layers.append(Layer(name, wanted.origin.at("policies"), wanted.value.policies))
        return tuple(layers)

    def _split(self, name: str, keys: tuple[str, ...], values: Mapping[str, Any]) -> tuple[Layer, ...]:
        """A mapping of the merged intent as layers: what presets set, then what the intent itself set."""
        project = self._project
        if not project.origins or not values:
            return (Layer(name, project.origin(*keys), values),) if values else ()
        parts: dict[str, dict[str, Any]] = {}
        for key, value in values.items():
            parts.setdefault(project.origin(*keys, key).file, {})[key] = value
        own = project.loaded.intent.origin.file
        return tuple(
            Layer(self._presets.get(file, name), self._place(keys, part), part)
            for file, part in sorted(parts.items(), key=lambda item: item[0] == own)
        )

    def _place(self, keys: tuple[str, ...], part: Mapping[str, Any]) -> Origin:
        """Where the mapping stands that has these entries."""
        entry = self._project.origin(*keys, next(iter(part)))
        return Origin(entry.file, entry.pointer.rpartition("/")[0])
