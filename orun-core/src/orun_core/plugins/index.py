"""What the installed plugins offer, by name, kept on disk so that help, completion and suggestions import no plugin."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, field
from typing import TYPE_CHECKING, Any, Final

from orun_core.plugins.invoke import entries
from orun_core.spec.errors import PluginError
from orun_core.spec.frozen import frozen
from orun_core.spec.json_text import loads

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from orun_core.plugins.discover import Installed
    from orun_core.plugins.manager import Manager

KINDS: Final[Mapping[str, tuple[str, str]]] = {
    "orun_composition_sources": ("composition source", "SourceEntry"),
    "orun_trigger_providers": ("trigger provider", "TriggerEntry"),
    "orun_policies": ("policy", "PolicyEntry"),
    "orun_backends": ("backend", "BackendEntry"),
    "orun_state_stores": ("state store", "StoreEntry"),
    "orun_surfaces": ("command", "SurfaceEntry"),
    "orun_exporters": ("exporter", "ExporterEntry"),
}
"""Hook that offers → the word for what it offers, and the class of its entries."""


@frozen
class Offer:
    """A name that a plugin offers through a hook; `command` and `display` say what a surface is."""

    plugin: str
    hook: str
    name: str
    summary: str
    aliases: tuple[str, ...] = ()
    command: bool = False
    display: bool = False


@frozen
class Index:
    """Everything that is known about the plugins without importing them.

    `hooks`: hooks that each working plugin implements. `errors`: why each other one does not work.
    """

    offers: tuple[Offer, ...]
    hooks: Mapping[str, tuple[str, ...]]
    errors: Mapping[str, str] = field(default_factory=dict)


def read(plugins: Iterable[Installed], manager: Manager, file: Path | None) -> Index:
    """The index of these plugins: from `file` when it was written for exactly them, else asked of them and written."""
    stamps = [[plugin.name, str(plugin), plugin.stamp] for plugin in plugins]
    known = _stored(file, stamps) if file else None
    if known is None:
        known = build(manager)
        if file and not known.errors:
            _store(file, stamps, known)
    return known


def build(manager: Manager) -> Index:
    """Ask every plugin what it offers."""
    from orun_core.spec import entries as classes

    offers: list[Offer] = []
    hooks: dict[str, tuple[str, ...]] = {}
    errors: dict[str, str] = {}
    for plugin in sorted(manager.plugins):
        try:
            implementations = manager.implementations(plugin)
            offered = [
                _offer(plugin, hook, entry)
                for hook, (_, entry_class) in KINDS.items()
                if hook in implementations
                for entry in entries(implementations[hook], getattr(classes, entry_class))
            ]
        except PluginError as error:
            errors[plugin] = error.diagnostics[0].message
        else:
            hooks[plugin] = tuple(sorted(implementations))
            offers.extend(offered)
    return Index(tuple(sorted(offers, key=lambda offer: (offer.hook, offer.name, offer.plugin))), hooks, errors)


def _offer(plugin: str, hook: str, entry: Any) -> Offer:
    command, display = (getattr(entry, role, None) is not None for role in ("load", "display"))
    return Offer(plugin, hook, entry.name, entry.summary, tuple(getattr(entry, "aliases", ())), command, display)


def _stored(file: Path, stamps: list[list[str]]) -> Index | None:
    """The index in a file, or None when it is missing, of other plugins, or not an index."""
    try:
        tree = loads(file.read_bytes())
        if tree["plugins"] != stamps:
            return None
        offers = tuple(Offer(**{**offer, "aliases": tuple(offer["aliases"])}) for offer in tree["offers"])
        return Index(offers, {plugin: tuple(hooks) for plugin, hooks in tree["hooks"].items()})
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _store(file: Path, stamps: list[list[str]], index: Index) -> None:
    """Write the index whole or not at all; a cache that cannot be written is no problem."""
    from orun_core.state.durable import write_whole

    offers = [asdict(offer) for offer in index.offers]
    text = json.dumps({"plugins": stamps, "offers": offers, "hooks": dict(index.hooks)})
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, text.encode())
