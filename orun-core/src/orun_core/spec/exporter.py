"""How a plan is written in the form of another system."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from orun_core.spec.plan import Plan


class Exporter(Protocol):
    """A pure function from a plan to files."""

    def __call__(self, plan: Plan, options: Mapping[str, Any]) -> Mapping[str, bytes]:
        """Path relative to the workspace → content. `options`: the fields of the entry's options model."""
