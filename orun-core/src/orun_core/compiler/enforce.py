"""Policies at compile time, between resolve and materialize: they veto, they never edit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orun_core.spec.stages import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orun_core.spec.entries import PolicyEntry
    from orun_core.spec.stages import Resolution


def enforce(resolution: Resolution, policies: Mapping[str, PolicyEntry]) -> Verdict:
    """What the policies said; raises `PolicyError` with every violation that no waiver covers."""
    return Verdict()
