"""Merging presets into an intent: the repository wins, then the first preset; policies add up.

Rules of the original (spec compile §3.5), with its defects mended: an environment keeps its `dependencyMode` and `secretEnv`, and
a preset's policy never overwrites the repository's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from orun_core.spec.stages import Origin

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orun_core.spec.documents import Environment, Group, Intent, Selectors
    from orun_core.spec.stages import LoadedPreset

Item = TypeVar("Item")


def merge_presets(intent: Intent, presets: tuple[LoadedPreset, ...]) -> tuple[Intent, dict[str, Origin]]:
    """The effective intent, and for each JSON pointer that a preset contributed where it stands."""
    merge = _Merge()
    for preset in presets:
        intent = merge.apply(intent, preset)
    return intent, merge.origins


class _Merge:
    def __init__(self) -> None:
        self.origins: dict[str, Origin] = {}

    def apply(self, intent: Intent, preset: LoadedPreset) -> Intent:
        values, at = preset.values, preset.origin
        bindings = self.fill(
            intent.automation.trigger_bindings,
            values.automation.trigger_bindings,
            "/automation/triggerBindings",
            at.at("automation", "triggerBindings"),
        )
        return intent.model_copy(
            update={
                "env": self.fill(intent.env, values.env, "/env", at.at("env")),
                "automation": intent.automation.model_copy(update={"trigger_bindings": bindings}),
                "groups": self.groups(intent.groups, values.groups, at.at("groups")),
                "environments": self.environments(intent.environments, values.environments, at.at("environments")),
                "policies": self.fill(intent.policies, values.policies, "/policies", at.at("policies")),
                "constraints": self.added(
                    intent.constraints, values.constraints, Origin("", "/constraints"), at.at("constraints")
                ),
            }
        )

    def fill(self, ours: Mapping[str, Any], theirs: Mapping[str, Any], pointer: str, at: Origin) -> dict[str, Any]:
        """`ours` plus the keys that only `theirs` has."""
        for key in theirs:
            if key not in ours:
                self.origins[Origin("", pointer).at(key).pointer] = at.at(key)
        return {**theirs, **ours}

    def added(self, ours: tuple[Item, ...], theirs: tuple[Item, ...], here: Origin, at: Origin) -> tuple[Item, ...]:
        """`ours`, then what `theirs` has besides."""
        known = len(ours)
        for index, item in enumerate(theirs):
            if item not in ours[:known]:
                self.origins[here.at(len(ours)).pointer] = at.at(index)
                ours += (item,)
        return ours

    def own(self, ours: Item, theirs: Item, here: Origin, at: Origin) -> Item:
        """`ours`, or `theirs` where there is nothing."""
        if ours or not theirs:
            return ours
        self.origins[here.pointer] = at
        return theirs

    def defaults(
        self, ours: Mapping[str, dict[str, Any]], theirs: Mapping[str, dict[str, Any]], pointer: str, at: Origin
    ) -> dict[str, dict[str, Any]]:
        """Parameter defaults: filled per type and parameter."""
        here = Origin("", pointer)
        return {
            type_: self.fill(ours.get(type_, {}), theirs.get(type_, {}), here.at(type_).pointer, at.at(type_))
            for type_ in {**ours, **theirs}
        }

    def groups(self, ours: Mapping[str, Group], theirs: Mapping[str, Group], at: Origin) -> dict[str, Group]:
        merged = self.fill(ours, theirs, "/groups", at)
        for name in ours.keys() & theirs.keys():
            mine, other, here = ours[name], theirs[name], Origin("", "/groups").at(name)
            merged[name] = mine.model_copy(update=self.shared(mine, other, here, at.at(name)))
        return merged

    def environments(
        self, ours: Mapping[str, Environment], theirs: Mapping[str, Environment], at: Origin
    ) -> dict[str, Environment]:
        merged = self.fill(ours, theirs, "/environments", at)
        for name in ours.keys() & theirs.keys():
            mine, other, here = ours[name], theirs[name], Origin("", "/environments").at(name)
            merged[name] = self.environment(mine, other, here, at.at(name))
        return merged

    def environment(self, mine: Environment, other: Environment, here: Origin, at: Origin) -> Environment:
        triggers = self.added(
            mine.activation.trigger_refs,
            other.activation.trigger_refs,
            here.at("activation", "triggerRefs"),
            at.at("activation", "triggerRefs"),
        )
        return mine.model_copy(
            update={
                **self.shared(mine, other, here, at),
                "env": self.fill(mine.env, other.env, here.at("env").pointer, at.at("env")),
                "activation": mine.activation.model_copy(update={"trigger_refs": triggers}),
                "selectors": self.selectors(mine.selectors, other.selectors, here.at("selectors"), at.at("selectors")),
            }
        )

    def selectors(self, mine: Selectors, other: Selectors, here: Origin, at: Origin) -> Selectors:
        """A list of the intent stays, also an empty one."""
        update = {}
        for field in ("components", "domains"):
            theirs = getattr(other, field)
            if getattr(mine, field) is None and theirs is not None:
                self.origins[here.at(field).pointer] = at.at(field)
                update[field] = theirs
        return mine.model_copy(update=update)

    def shared(self, mine: Group | Environment, other: Group | Environment, here: Origin, at: Origin) -> dict[str, Any]:
        """What groups and environments have in common."""
        return {
            "parameter_defaults": self.defaults(
                mine.parameter_defaults,
                other.parameter_defaults,
                here.at("parameterDefaults").pointer,
                at.at("parameterDefaults"),
            ),
            "policies": self.fill(mine.policies, other.policies, here.at("policies").pointer, at.at("policies")),
            "constraints": self.added(
                mine.constraints, other.constraints, here.at("constraints"), at.at("constraints")
            ),
        }
