"""Where a value of a resolved job was set, and what it overrode."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orun_core.spec.errors import Location, Related

if TYPE_CHECKING:
    from orun_core.spec.stages import Layer, Origin, ResolvedJob

LAYERED = {"parameters": "parameters", "env": "env", "secretEnv": "secretEnv", "policies": "policies"}


def origin_of(job: ResolvedJob, field: str) -> tuple[Origin, tuple[Related, ...]]:
    """The place of `parameters.NAME`, `env.NAME`, `labels.NAME`, `steps.INDEX.FIELD`, `profile`, `type` … and the overridden layers.

    A value that nobody set is placed at the component.
    """
    head, _, rest = field.partition(".")
    instance = job.bound.instance
    component = instance.component
    if head in LAYERED and rest:
        return _layered(instance.layers.get(LAYERED[head], ()), rest, component.origin)
    if head == "steps" and rest:
        index, _, inside = rest.partition(".")
        return job.bound.steps[int(index)].origin.at(*filter(None, inside.split("."))), ()
    if head in ("runsOn", "timeout", "services", "retries", "concurrency"):
        return job.bound.template.origin.at(*field.split(".")), ()
    if head == "profile":
        return _profile_origin(job), ()
    if head == "environment":
        return (instance.subscription or component).origin, ()
    return component.origin.at(*filter(None, field.split("."))), ()


def _layered(layers: tuple[Layer, ...], key: str, fallback: Origin) -> tuple[Origin, tuple[Related, ...]]:
    name = key.split(".", maxsplit=1)[0]
    setting = [layer for layer in layers if name in layer.values]
    if not setting:
        return fallback, ()
    *overridden, decided = setting
    related = tuple(
        Related(f"overrides {layer.name}: {layer.values[name]!r}", _location(layer.origin.at(name)))
        for layer in reversed(overridden)
    )
    return decided.origin.at(*key.split(".")), related


def _profile_origin(job: ResolvedJob) -> Origin:
    instance = job.bound.instance
    if instance.profile_source == "composition-default" or instance.subscription is None:
        return instance.composition.origin.at("spec", "defaultProfile")
    origin = instance.subscription.origin
    if instance.profile_source == "subscription-rule":
        rules = instance.subscription.value.profile_rules
        index = next(i for i, rule in enumerate(rules) if rule.when.trigger_ref == instance.profile_rule)
        return origin.at("profileRules", index, "profile")
    return origin.at("profile")


def _location(origin: Origin) -> Location:
    return Location(origin.file, pointer=origin.pointer)
