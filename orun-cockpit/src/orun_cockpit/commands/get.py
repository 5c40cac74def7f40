"""`orun get`: lists of plans, runs, jobs, components and environments."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from orun_cockpit.commands.options import Kinds, deliver, output_option, run_of_plan
from orun_cockpit.stream import utc_now
from orun_cockpit.terminal import Terminal

if TYPE_CHECKING:
    from orun_core.spec.host import Host


@click.group("get", cls=Kinds)
def command() -> None:
    """List plans, runs, jobs, components or environments."""


@command.command("plans")
@output_option
@click.pass_obj
def plans(host: Host, output: str | None) -> None:
    """Stored plans, newest first, with their newest run."""
    from orun_cockpit.catalogue import plan_list
    from orun_cockpit.tables import plan_list_frame

    terminal = Terminal(host.environ)
    view = plan_list(host.store.plans(), host.store.runs(), utc_now())
    wide = output == "wide"
    deliver(view, output, terminal, lambda: plan_list_frame(view, terminal.columns, terminal.theme, wide=wide))


@command.command("runs")
@output_option
@click.pass_obj
def runs(host: Host, output: str | None) -> None:
    """Runs, live ones first, then the newest."""
    from orun_cockpit.project import run_list
    from orun_cockpit.tables import run_list_frame

    terminal = Terminal(host.environ)
    view = run_list(host.store.runs(), utc_now())
    wide = output == "wide"
    deliver(view, output, terminal, lambda: run_list_frame(view, terminal.columns, terminal.theme, wide=wide))


@command.command("jobs")
@click.option(
    "--plan", "reference", default="latest", metavar="PLAN", show_default=True, help="Name, checksum or file."
)
@output_option
@click.pass_obj
def jobs(host: Host, reference: str, output: str | None) -> None:
    """Jobs of a plan, with how they went in the newest run of it."""
    from orun_cockpit.catalogue import job_list, plan_view
    from orun_cockpit.tables import job_list_frame, nothing

    terminal = Terminal(host.environ)
    if reference == "latest" and not host.store.plans() and not output:
        terminal.show(nothing("No plans yet.", "Compile one with: orun plan", terminal.theme))
        return
    plan = plan_view(host.plan(reference))
    view = job_list(plan, run_of_plan(host, plan.checksum))
    wide = output == "wide"
    deliver(view, output, terminal, lambda: job_list_frame(view, terminal.columns, terminal.theme, wide=wide))


@command.command("components")
@click.option("--changed", is_flag=True, help="Mark what the change detection names.")
@output_option
@click.pass_obj
def components(host: Host, changed: bool, output: str | None) -> None:
    """Components of the intent with their environments, last run and, when asked, whether they changed."""
    from orun_cockpit.bridge import catalogue
    from orun_cockpit.tables import component_list_frame

    terminal = Terminal(host.environ)
    view = catalogue(host, changed=changed).components
    wide = output == "wide"
    deliver(view, output, terminal, lambda: component_list_frame(view, terminal.columns, terminal.theme, wide=wide))


@command.command("environments")
@output_option
@click.pass_obj
def environments(host: Host, output: str | None) -> None:
    """Environments of the intent with what they hold."""
    from orun_core.spec.stages import Request

    from orun_cockpit.catalogue import environment_list
    from orun_cockpit.tables import environment_list_frame

    terminal = Terminal(host.environ)
    view = environment_list(host.compile(Request()).resolution)
    wide = output == "wide"
    deliver(view, output, terminal, lambda: environment_list_frame(view, terminal.columns, terminal.theme, wide=wide))
