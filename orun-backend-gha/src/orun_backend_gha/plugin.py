"""What this distribution offers: the `github` triggers and the export of workflows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orun_core.spec.entries import ExporterEntry, TriggerEntry
from orun_core.spec.markers import hookimpl

if TYPE_CHECKING:
    from orun_core.spec.exporter import Exporter
    from orun_core.spec.trigger import TriggerProvider


@hookimpl
def orun_trigger_providers() -> tuple[TriggerEntry, ...]:
    return (TriggerEntry("github", "GitHub events and Actions runs", _trigger),)


@hookimpl
def orun_exporters() -> tuple[ExporterEntry, ...]:
    return (ExporterEntry("github-workflow", "workflow of GitHub Actions", _workflow),)


def _workflow() -> Exporter:
    from orun_backend_gha.export import export

    return export


def _trigger() -> TriggerProvider:
    from orun_backend_gha.trigger import GitHubTrigger

    return GitHubTrigger()
