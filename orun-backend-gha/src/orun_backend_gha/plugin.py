"""What this distribution offers: GitHub Actions here and there, its events, and workflows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orun_core.spec.entries import BackendEntry, ExporterEntry, SurfaceEntry, TriggerEntry
from orun_core.spec.markers import hookimpl

if TYPE_CHECKING:
    import click
    from orun_core.spec.backend import Backend
    from orun_core.spec.exporter import Exporter
    from orun_core.spec.host import Host
    from orun_core.spec.trigger import TriggerProvider
    from pydantic import BaseModel


@hookimpl
def orun_trigger_providers() -> tuple[TriggerEntry, ...]:
    return (TriggerEntry("github", "GitHub events and Actions runs", _trigger),)


@hookimpl
def orun_backends() -> tuple[BackendEntry, ...]:
    here = "Runs jobs with the semantics of GitHub Actions on this machine, through act"
    return (
        BackendEntry("github", "Runs the exported workflow of a plan on GitHub", _remote, options=_remote_options),
        BackendEntry("github-actions", here, _act, aliases=("act", "gha"), options=_act_options),
    )


@hookimpl
def orun_exporters() -> tuple[ExporterEntry, ...]:
    return (
        ExporterEntry(
            "github-output", "Outputs for a matrix of GitHub Actions", _output, command="orun plan --github-output"
        ),
        ExporterEntry("github-workflow", "A workflow of GitHub Actions", _workflow, command="orun github export"),
    )


@hookimpl
def orun_surfaces() -> tuple[SurfaceEntry, ...]:
    return (SurfaceEntry("github", "Work with GitHub Actions: runs, logs, export, pins, comments", _command),)


def _command() -> click.Command:
    from orun_backend_gha.commands.group import command

    return command


def _act(host: Host, options: object) -> Backend:
    from orun_backend_gha.act import ActBackend
    from orun_backend_gha.options import ActOptions

    chosen = options if isinstance(options, ActOptions) else ActOptions()
    return ActBackend(chosen, host.environ, lambda: host.locked_actions)


def _act_options() -> type[BaseModel]:
    from orun_backend_gha.options import ActOptions

    return ActOptions


def _remote(host: Host, options: object) -> Backend:
    from orun_backend_gha.options import RemoteOptions
    from orun_backend_gha.remote import GitHubBackend

    return GitHubBackend(options if isinstance(options, RemoteOptions) else RemoteOptions(), host.environ)


def _remote_options() -> type[BaseModel]:
    from orun_backend_gha.options import RemoteOptions

    return RemoteOptions


def _output() -> Exporter:
    from orun_backend_gha.github_output import export

    return export


def _workflow() -> Exporter:
    from orun_backend_gha.export import export

    return export


def _trigger() -> TriggerProvider:
    from orun_backend_gha.trigger import GitHubTrigger

    return GitHubTrigger()
