"""`orun describe`: everything about one run, plan, job or component."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from orun_cockpit.commands.options import Kinds, deliver, newest, output_option, run_of_plan
from orun_cockpit.lookup import one
from orun_cockpit.terminal import Terminal

if TYPE_CHECKING:
    from orun_core.spec.host import Host


@click.group("describe", cls=Kinds)
def command() -> None:
    """Show everything about a run, a plan, a job or a component."""


@command.command("run")
@click.argument("reference", default="", metavar="[RUN]")
@output_option
@click.pass_obj
def run(host: Host, reference: str, output: str | None) -> None:
    """A run: the newest one that is live, else the newest, or RUN."""
    from orun_cockpit.pages import run_page

    terminal = Terminal(host.environ)
    view = newest(host, reference, terminal, machine=output in ("json", "yaml"))
    if view is not None:
        columns = 0 if output == "wide" else terminal.columns
        deliver(view, output, terminal, lambda: run_page(view, columns, terminal.theme))


@command.command("plan")
@click.argument("reference", default="latest", metavar="[PLAN]")
@output_option
@click.pass_obj
def plan(host: Host, reference: str, output: str | None) -> None:
    """A plan: the latest one, or PLAN (a name, a checksum or a file)."""
    from orun_cockpit.catalogue import plan_view
    from orun_cockpit.pages import plan_page

    terminal = Terminal(host.environ)
    view = plan_view(host.plan(reference))
    columns = 0 if output == "wide" else terminal.columns
    deliver(view, output, terminal, lambda: plan_page(view, columns, terminal.theme))


@command.command("job")
@click.argument("reference", metavar="JOB")
@click.option("--plan", "of", default="latest", metavar="PLAN", show_default=True, help="Name, checksum or file.")
@output_option
@click.pass_obj
def job(host: Host, reference: str, of: str, output: str | None) -> None:
    """A job of a plan: its steps, and how it went in the newest run of that plan."""
    from orun_cockpit.catalogue import plan_view
    from orun_cockpit.pages import job_page

    terminal = Terminal(host.environ)
    whole = plan_view(host.plan(of))
    name = one("job", reference, tuple(planned.id for planned in whole.jobs))
    view = next(planned for planned in whole.jobs if planned.id == name)
    last = run_of_plan(host, whole.checksum)
    ran = next((row for row in last.jobs if row.id == name), None) if last else None
    columns = 0 if output == "wide" else terminal.columns
    exec_id = last.exec_id if last else ""
    deliver(view, output, terminal, lambda: job_page(view, ran, exec_id, columns, terminal.theme))


@command.command("component")
@click.argument("reference", metavar="COMPONENT")
@output_option
@click.pass_obj
def component(host: Host, reference: str, output: str | None) -> None:
    """A component of the intent, with what it is in each environment."""
    from orun_cockpit.bridge import catalogue
    from orun_cockpit.pages import component_page

    terminal = Terminal(host.environ)
    known = catalogue(host).components.components
    name = one("component", reference, tuple(each.name for each in known))
    view = next(each for each in known if each.name == name)
    columns = 0 if output == "wide" else terminal.columns
    deliver(view, output, terminal, lambda: component_page(view, columns, terminal.theme))
