"""What the event or the CI run at hand compares, as trigger providers say it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from orun_core.plugins.invoke import blame
from orun_core.spec.errors import Diagnostic, UsageError
from orun_core.spec.trigger import ChangeRange

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from orun_core.plugins.registry import Registry
    from orun_core.spec.stages import NormalizedProject

PROVIDERS: Final = "orun_trigger_providers"
CI_SYSTEMS: Final = {"buildkite": "BUILDKITE", "github": "GITHUB_ACTIONS", "gitlab": "GITLAB_CI"}
"""Trigger providers that are asked whatever the intent names, by the variable that is set in their runs."""


def change_range(project: NormalizedProject, registry: Registry, environ: Mapping[str, str]) -> ChangeRange | None:
    """The revisions of the planned event, else what a CI system says: one that the intent's trigger bindings name, else a known one.

    The range of an event is the event's alone, so that it gives the same plan on every machine; a new branch or tag has no base. A run of
    a known CI system whose provider is not installed is an error, so that installing it changes no plan. Raises `PluginError`, and
    `UsageError` (`trigger/several-providers`) when two claim the run.
    """
    trigger = project.trigger
    if trigger.mode == "event-file":
        return ChangeRange(trigger.event, trigger.base if trigger.base.strip("0") else "", trigger.head)
    offered = {offer.name for offer in registry.offers(PROVIDERS)}
    named = {binding.on.provider for binding in project.intent.automation.trigger_bindings.values()}
    running = {name for name, variable in CI_SYSTEMS.items() if environ.get(variable, "").strip()}
    found = _detected(named & offered, registry, environ)
    if not found:
        found = _detected(running - (named & offered), registry, environ)
    if len(found) > 1:
        message = f"{' and '.join(found)} all say that this is a run of theirs"
        raise UsageError(Diagnostic("trigger/several-providers", message, hint="say what to compare with --base"))
    return next(iter(found.values()), None)


def _detected(names: Iterable[str], registry: Registry, environ: Mapping[str, str]) -> dict[str, ChangeRange]:
    """The providers that know the CI run at hand, and its range."""
    found = {}
    for name in sorted(names):
        plugin, entry = registry.find(PROVIDERS, name)
        with blame(plugin, f"trigger provider '{name}'"):
            if said := entry.create().detect(environ):
                found[name] = said
    return found
