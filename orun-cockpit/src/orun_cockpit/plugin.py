"""What the cockpit adds to orun. Nothing is imported before it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orun_core.spec.entries import SurfaceEntry
from orun_core.spec.markers import hookimpl

if TYPE_CHECKING:
    import click
    from orun_core.spec.host import Host
    from orun_core.spec.surface import RunDisplay


def _status() -> click.Command:
    from orun_cockpit.commands.status import command

    return command


def _logs() -> click.Command:
    from orun_cockpit.commands.logs import command

    return command


def _get() -> click.Command:
    from orun_cockpit.commands.get import command

    return command


def _describe() -> click.Command:
    from orun_cockpit.commands.describe import command

    return command


def _report() -> click.Command:
    from orun_cockpit.commands.report import command

    return command


def _tui() -> click.Command:
    from orun_cockpit.tui.command import command

    return command


def _display(host: Host) -> RunDisplay:
    from orun_cockpit.display import run_display

    return run_display(host)


@hookimpl
def orun_surfaces() -> tuple[SurfaceEntry, ...]:
    """The commands that show things, and the live display of `orun run`."""
    return (
        SurfaceEntry("status", "Show a run, or watch it.", load=_status),
        SurfaceEntry("logs", "Show what steps printed.", load=_logs),
        SurfaceEntry("get", "List plans, runs, jobs, components or environments.", load=_get),
        SurfaceEntry("describe", "Show everything about a run, plan, job or component.", load=_describe),
        SurfaceEntry("report", "Write a run as one offline HTML page.", load=_report),
        SurfaceEntry("tui", "Open the cockpit.", load=_tui),
        SurfaceEntry("live", "Draw a run while it happens.", display=_display),
    )
