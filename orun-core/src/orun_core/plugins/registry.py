"""Names to things: what the installed plugins offer, found by name, sorted by name, never by order."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from orun_core.plugins.discover import CORE
from orun_core.plugins.index import KINDS, Index, Offer, read
from orun_core.plugins.invoke import blame, broken, entries
from orun_core.plugins.manager import Manager
from orun_core.plugins.shipped import where_to_get
from orun_core.spec import ENTRY_POINT_GROUP
from orun_core.spec.errors import Diagnostic, PluginError
from orun_core.spec.nearest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from orun_core.plugins.discover import Installed
    from orun_core.plugins.invoke import Implementation


class Registry:
    """The plugins that this process may use."""

    def __init__(self, plugins: Iterable[Installed], cache: Path | None = None) -> None:
        """Take the plugins; `cache` is the file of the index, None for no cache."""
        self.plugins: tuple[Installed, ...] = tuple(plugins)
        self._cache = cache
        taken = Counter(plugin.name for plugin in self.plugins if not plugin.foreign)
        self._twice = frozenset(name for name, count in taken.items() if count > 1)
        self._manager = Manager({plugin.name: plugin for plugin in self.plugins if self._usable(plugin)})

    @cached_property
    def index(self) -> Index:
        """What is offered, without importing when the cache knows."""
        return read(self._manager.plugins.values(), self._manager, self._cache)

    def offers(self, hook: str) -> tuple[Offer, ...]:
        """What plugins offer through a hook, sorted by name."""
        return tuple(offer for offer in self.index.offers if offer.hook == hook)

    def find(self, hook: str, name: str) -> tuple[Installed, Any]:
        """The plugin and the entry behind a name or alias.

        Raises `PluginError` (`plugin/unknown-name`, `plugin/duplicate-name`).
        """
        found = [offer for offer in self.offers(hook) if name == offer.name or name in offer.aliases]
        if len(found) > 1:
            owners = [str(self._manager.plugins[offer.plugin]) for offer in found]
            raise PluginError(_clash(KINDS[hook][0], name, owners))
        for offer in found:
            return self._manager.plugins[offer.plugin], self._entry(offer)
        known = [offer.name for offer in self.offers(hook)]
        raise self._unknown(KINDS[hook][0], name, known, where_to_get(hook, name))

    def stage(self, stage: str, plugin: str) -> Implementation:
        """A plugin's implementation of a stage. Raises `PluginError` (`plugin/unknown-name`) when it has none."""
        hook = f"orun_{stage}"
        able = [name for name, hooks in sorted(self.index.hooks.items()) if hook in hooks]
        if plugin not in able:
            raise self._unknown(f"plugin for stage {stage}", plugin, able)
        return self._manager.implementations(plugin)[hook]

    def observers(self, hook: str) -> tuple[Implementation, ...]:
        """Every implementation of a watching hook, by plugin name."""
        watching = (name for name, hooks in sorted(self.index.hooks.items()) if hook in hooks)
        return tuple(self._manager.implementations(name)[hook] for name in watching)

    def clashes(self) -> tuple[Diagnostic, ...]:
        """Names that two plugins claim (`plugin/duplicate-name`): those of plugins, and those of what they offer."""
        return tuple(sorted((*self._same_plugins(), *self._same_offers()), key=Diagnostic.sort_key))

    def error(self, plugin: Installed) -> str:
        """Why a plugin cannot be used, or empty."""
        if plugin.foreign:
            return f"built for {plugin.group}; this is {ENTRY_POINT_GROUP}"
        if not self._usable(plugin):
            return f"another plugin is called '{plugin.name}', too"
        return self.index.errors.get(plugin.name, "")

    def _usable(self, plugin: Installed) -> bool:
        """False for plugins of another API and for namesakes; nobody takes the place of core's own."""
        return not plugin.foreign and (plugin.distribution == CORE or plugin.name not in self._twice)

    def _entry(self, offer: Offer) -> Any:
        from orun_core.spec import entries as classes

        expected = getattr(classes, KINDS[offer.hook][1])
        offered = entries(self._manager.implementations(offer.plugin)[offer.hook], expected)
        plugin = self._manager.plugins[offer.plugin]
        for entry in offered:
            if entry.name == offer.name:
                return _guarded(entry, plugin) if getattr(entry, "options", None) is not None else entry
        raise broken(plugin, offer.hook, f"it no longer offers '{offer.name}'")

    def _same_plugins(self) -> Iterator[Diagnostic]:
        named: dict[str, list[str]] = defaultdict(list)
        for plugin in self.plugins:
            if not plugin.foreign:
                named[plugin.name].append(str(plugin))
        return (_clash("plugin", name, owners) for name, owners in named.items() if len(owners) > 1)

    def _same_offers(self) -> Iterator[Diagnostic]:
        named: dict[tuple[str, str], list[str]] = defaultdict(list)
        for offer in self.index.offers:
            for name in (offer.name, *offer.aliases):
                named[KINDS[offer.hook][0], name].append(str(self._manager.plugins[offer.plugin]))
        return (_clash(kind, name, owners) for (kind, name), owners in named.items() if len(owners) > 1)

    def _unknown(self, kind: str, name: str, known: list[str], remedy: str = "") -> PluginError:
        unusable = [f"{plugin}: {why}" for plugin in self.plugins if (why := self.error(plugin))]
        message = "\n".join([f"no {kind} named '{name}'", *unusable])
        return PluginError(Diagnostic("plugin/unknown-name", message, hint=remedy or did_you_mean(name, known)))


def _guarded(entry: Any, plugin: Installed) -> Any:
    """An entry whose options are a model, or the plugin's name is on what they are instead."""
    load, doing = entry.options, f"options of '{entry.name}'"

    def options() -> Any:
        with blame(plugin, doing):
            model = load()
        if not (isinstance(model, type) and hasattr(model, "model_fields")):
            raise broken(plugin, doing, f"expected a pydantic model, got {type(model).__name__}", "plugin/wrong-result")
        return model

    return replace(entry, options=options)


def _clash(kind: str, name: str, owners: list[str]) -> Diagnostic:
    who = " and ".join(sorted(owners))
    return Diagnostic(
        "plugin/duplicate-name",
        f"{kind} '{name}' is offered by {who}",
        hint="leave one out with `orun --no-plugin NAME …`",
    )
