"""What this distribution offers: the `github` triggers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orun_core.spec.entries import TriggerEntry
from orun_core.spec.markers import hookimpl

if TYPE_CHECKING:
    from orun_core.spec.trigger import TriggerProvider


@hookimpl
def orun_trigger_providers() -> tuple[TriggerEntry, ...]:
    return (TriggerEntry("github", "GitHub events and Actions runs", _trigger),)


def _trigger() -> TriggerProvider:
    from orun_backend_gha.trigger import GitHubTrigger

    return GitHubTrigger()
