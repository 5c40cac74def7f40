"""What an edit of the intent means: which sections, inline components and composition sources differ."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Final

from orun_core.spec.frozen import frozen
from orun_core.spec.json_form import json_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orun_core.spec.documents import Intent

_NOT_SECTIONS: Final = frozenset({"api_version", "kind", "metadata", "components"})


@frozen
class IntentDiff:
    """The difference of two intents; formatting, order of keys and comments are none.

    `sections`: top-level keys, sorted (`metadata` only for the name and the namespace). `components`: inline component →
    `added`, `modified` or `removed`. `sources`: composition sources that differ, sorted; all of them when one is gone or the choice
    between them changed. `comparable` is False when the
    earlier intent is missing or unreadable: then anything may have changed.
    """

    sections: tuple[str, ...] = ()
    components: Mapping[str, str] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    comparable: bool = True


INCOMPARABLE: Final = IntentDiff(comparable=False)


def intent_diff(before: Intent, after: Intent) -> IntentDiff:
    """Compare two parsed intents."""
    return IntentDiff(_sections(before, after), _components(before, after), _sources(before, after))


def _sections(before: Intent, after: Intent) -> tuple[str, ...]:
    names = (name for name in type(after).model_fields if name not in _NOT_SECTIONS)
    changed = {json_name(name) for name in names if getattr(before, name) != getattr(after, name)}
    if (before.metadata.name, before.metadata.namespace) != (after.metadata.name, after.metadata.namespace):
        changed.add("metadata")
    return tuple(sorted(changed))


def _components(before: Intent, after: Intent) -> dict[str, str]:
    old = {component.name: component for component in before.components}
    new = {component.name: component for component in after.components}
    changed = {}
    for name in sorted(old.keys() | new.keys()):
        if name not in old:
            changed[name] = "added"
        elif name not in new:
            changed[name] = "removed"
        elif old[name] != new[name]:
            changed[name] = "modified"
    return changed


def _sources(before: Intent, after: Intent) -> tuple[str, ...]:
    old = {source.name: source for source in before.compositions.sources}
    new = {source.name: source for source in after.compositions.sources}
    removed = old.keys() - new.keys()
    if removed or before.compositions.resolution != after.compositions.resolution:
        return tuple(sorted(new))
    return tuple(sorted(name for name in new if old.get(name) != new[name]))
