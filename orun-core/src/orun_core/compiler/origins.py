"""Where a value of a resolved job was set, and what it overrode."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from orun_core.compiler.selection import matches
from orun_core.spec.errors import Location, Related

if TYPE_CHECKING:
    from orun_core.spec.stages import Instance, Layer, Origin, ResolvedJob

LAYERED: Final = ("parameters", "env", "secretEnv", "policies")
OF_TEMPLATE: Final = ("runsOn", "timeout", "services", "retries", "concurrency")


def origin_of(job: ResolvedJob, field: str) -> tuple[Origin, tuple[Related, ...]]:
    """The place of `parameters.NAME`, `env.NAME`, `labels.NAME`, `steps.INDEX.FIELD`, `profile`, `type` … and the overridden layers.

    A value that nobody set is placed at the component.
    """
    head, _, rest = field.partition(".")
    instance = job.bound.instance
    component = instance.component
    if head in LAYERED and rest:
        return _layered(instance.layers.get(head, ()), rest, component.origin)
    if head == "steps" and rest:
        index, _, inside = rest.partition(".")
        return _of_step(job, int(index), inside)
    if head in OF_TEMPLATE:
        return job.bound.template.origin.at(*field.split(".")), ()
    if head == "profile":
        return profile_origin(instance), ()
    if head == "environment":
        return subscription_origin(instance), ()
    return component.origin.at(*filter(None, field.split("."))), ()


def _layered(layers: tuple[Layer, ...], key: str, fallback: Origin) -> tuple[Origin, tuple[Related, ...]]:
    name = key.split(".", maxsplit=1)[0]
    setting = [layer for layer in layers if name in layer.values]
    if not setting:
        return fallback, ()
    *overridden, decided = setting
    related = tuple(
        Related(f"overrides {layer.name}: {layer.values[name]!r}", location(layer.origin.at(name)))
        for layer in reversed(overridden)
    )
    return decided.origin.at(*key.split(".")), related


def _of_step(job: ResolvedJob, index: int, inside: str) -> tuple[Origin, tuple[Related, ...]]:
    """A field of a step; what a profile set instead stands in the profile and overrides the template's line."""
    bound = job.bound.steps[index]
    field, *deeper = inside.split(".") if inside else [""]
    if field in bound.changed:
        template = bound.origin.at(field)
        return bound.changed[field].at(*deeper), (Related("overrides the template", location(template)),)
    return bound.origin.at(*filter(None, (field, *deeper))), ()


def subscription_origin(instance: Instance) -> Origin:
    """Where the component says that it goes to this environment, exactly or by pattern; else the component."""
    component = instance.component
    if instance.subscription is not None:
        return instance.subscription.origin
    for index, subscription in enumerate(component.value.subscribe.environments):
        if matches(subscription.name, instance.environment):
            return component.origin.at("subscribe", "environments", index)
    return component.origin


def profile_origin(instance: Instance) -> Origin:
    """Where the profile was chosen: a rule of the subscription, the subscription, or the composition's default."""
    if instance.profile_source == "composition-default" or instance.subscription is None:
        return instance.composition.origin.at("spec", "defaultProfile")
    origin = instance.subscription.origin
    if instance.profile_source == "subscription-rule":
        rules = instance.subscription.value.profile_rules
        index = next(i for i, rule in enumerate(rules) if rule.when.trigger_ref == instance.profile_rule)
        return origin.at("profileRules", index, "profile")
    return origin.at("profile")


def location(origin: Origin) -> Location:
    """The origin as a place whose line is computed when it is reported."""
    return Location(origin.file, pointer=origin.pointer)
