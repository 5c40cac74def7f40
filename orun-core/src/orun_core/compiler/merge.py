"""Merging layers, low to high, and the interpolation that follows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from orun_core.spec.stages import Layer

_REST = re.compile(r"\{\{.*?\}\}")


def merge(layers: Iterable[Layer]) -> dict[str, Any]:
    """Top-level keys of all layers; a later layer replaces a value wholesale."""
    merged: dict[str, Any] = {}
    for layer in layers:
        merged.update(layer.values)
    return merged


class Interpolation:
    """Replaces `{{ .environment }}`, `{{ .group }}` and `{{ .component }}` in top-level texts, deletes every other `{{…}}`, trims.

    Exactly what the original does with parameters, paths, env and secret references (spec compile §5.5).
    """

    def __init__(self, environment: str, group: str, component: str) -> None:
        self._known = (("environment", environment), ("group", group), ("component", component))

    def text(self, value: str) -> str:
        """One text."""
        if "{{" in value:
            for name, replacement in self._known:
                value = value.replace(f"{{{{.{name}}}}}", replacement).replace(f"{{{{ .{name} }}}}", replacement)
            value = _REST.sub("", value)
        return value.strip()

    def values(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """All texts at the top level of a mapping."""
        return {key: self.text(value) if isinstance(value, str) else value for key, value in values.items()}
