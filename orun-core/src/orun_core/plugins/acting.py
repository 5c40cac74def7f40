"""The plugins that have a part in one plan. Its stages, sources, policies and triggers are taken from the registry here, and recorded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from orun_core.plugins.invoke import blame, broken, one

if TYPE_CHECKING:
    from orun_core.plugins.discover import Installed
    from orun_core.plugins.registry import Registry
    from orun_core.spec.entries import PolicyEntry
    from orun_core.spec.plan import PluginRef
    from orun_core.spec.policy import Duty, PolicyCheck, Violation
    from orun_core.spec.source import FetchedSource, SourceContext, SourceRequest

RESULTS: Final[Mapping[str, str]] = {
    "load": "LoadedProject",
    "normalize": "NormalizedProject",
    "expand": "Expansion",
    "bind": "Binding",
    "resolve": "Resolution",
    "materialize": "Plan",
}
"""Stage → class of its result."""


class Acting:
    """The plugins that decide something about one plan."""

    def __init__(self, registry: Registry) -> None:
        """Nobody acted yet."""
        self.registry = registry
        self._roles: dict[Installed, set[str]] = defaultdict(set)

    def stage(self, stage: str, plugin: str) -> Callable[..., Any]:
        """A plugin's stage as a function of the hook's parameters whose result is checked."""
        from orun_core.spec import hooks, plan, stages

        implementation = self.registry.stage(stage, plugin)
        specification = getattr(hooks, f"orun_{stage}").__code__
        parameters = specification.co_varnames[: specification.co_argcount]
        expected = getattr(plan if stage == "materialize" else stages, RESULTS[stage])
        self._roles[implementation.plugin].add(f"stage:{stage}")

        def run(*values: object) -> Any:
            return one(implementation, expected, **dict(zip(parameters, values, strict=True)))

        return run

    def fetch(self, request: SourceRequest, context: SourceContext) -> FetchedSource:
        """Fetch a package through the plugin that offers its kind."""
        from orun_core.spec.source import FetchedSource

        plugin, entry = self.registry.find("orun_composition_sources", request.kind)
        self._roles[plugin].add(f"source:{entry.name}")
        doing = f"source '{entry.name}'"
        with blame(plugin, doing):
            fetched = entry.create().fetch(request, context)
        if not isinstance(fetched, FetchedSource):
            raise broken(plugin, doing, f"expected FetchedSource, got {type(fetched).__name__}", "plugin/wrong-result")
        return fetched

    def policies(self) -> Mapping[str, PolicyEntry]:
        """Policies by name; taking one makes its plugin an acting one."""
        return _Policies(self)

    def policy(self, name: str) -> PolicyEntry:
        """One policy, its check guarded. Raises `PluginError` (`plugin/unknown-name`)."""
        plugin, entry = self.registry.find("orun_policies", name)
        self._roles[plugin].add(f"policy:{entry.name}")
        guarded: PolicyEntry = replace(entry, check=_guarded(plugin, entry))
        return guarded

    def triggered(self, provider: str) -> None:
        """Remember the provider whose event is planned."""
        plugin, entry = self.registry.find("orun_trigger_providers", provider)
        self._roles[plugin].add(f"trigger:{entry.name}")

    def plugins(self) -> tuple[PluginRef, ...]:
        """Everyone who acted so far, sorted by name."""
        from orun_core.spec.plan import PluginRef

        return tuple(
            PluginRef(plugin.name, plugin.distribution, plugin.version, tuple(sorted(roles)))
            for plugin, roles in sorted(self._roles.items())
        )


class _Policies(Mapping[str, "PolicyEntry"]):
    def __init__(self, acting: Acting) -> None:
        self._acting = acting
        self._names = tuple(offer.name for offer in acting.registry.offers("orun_policies"))
        self._taken: dict[str, PolicyEntry] = {}

    def __getitem__(self, name: str) -> PolicyEntry:
        if name not in self._taken:
            if name not in self._names:
                raise KeyError(name)
            self._taken[name] = self._acting.policy(name)
        return self._taken[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def _guarded(plugin: Installed, entry: PolicyEntry) -> PolicyCheck:
    def check(value: Any, job: Any, resolution: Any) -> Iterable[Violation | Duty]:
        with blame(plugin, f"policy '{entry.name}'"):
            return tuple(entry.check(value, job, resolution))

    return check
