"""`orun status`: one run, all runs, or a run as it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from orun_core.spec.errors import ExitCode

from orun_cockpit.commands.options import exec_option, newest
from orun_cockpit.terminal import Terminal
from orun_cockpit.view import Mark, RunView

if TYPE_CHECKING:
    from orun_core.spec.host import Host


@click.command("status")
@click.argument("run", default="", metavar="[RUN]")
@exec_option
@click.option("--all", "-a", "every", is_flag=True, help="List all runs.")
@click.option("--detailed", "-d", is_flag=True, help="Show the steps of each job.")
@click.option("--watch", "-w", is_flag=True, help="Follow the run until it ends.")
@click.option(
    "--interval", type=click.FloatRange(min=0.1), default=1.0, show_default=True, help="Seconds between frames."
)
@click.option("--exit-status", is_flag=True, help="Exit 1 when the run failed, 130 when it was cancelled.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON; one document per line with --watch.")
@click.pass_obj
def command(
    host: Host,
    run: str,
    exec_id: str,
    every: bool,
    detailed: bool,
    watch: bool,
    interval: float,
    exit_status: bool,
    as_json: bool,
) -> None:
    """Show a run: the newest one that is live, else the newest, or RUN (an execution id or its beginning)."""
    if every and (watch or run or exec_id):
        raise click.UsageError("--all lists all runs: leave out the run and --watch")
    terminal = Terminal(host.environ)
    if every:
        _show_all(host, terminal, as_json=as_json)
        return
    view = newest(host, exec_id or run, terminal, machine=as_json)
    if view is None:
        return
    if watch and view.live:
        from orun_cockpit.watch import watch_run

        view = watch_run(host.store, view.exec_id, terminal, interval, detailed=detailed, as_json=as_json)
    elif as_json:
        from orun_cockpit.document import to_json

        terminal.write(to_json(view))
    else:
        from orun_cockpit.frame import run_frame

        terminal.show(run_frame(view, terminal.columns, terminal.theme, detailed=detailed))
    if exit_status:
        click.get_current_context().exit(result(view))


def _show_all(host: Host, terminal: Terminal, *, as_json: bool) -> None:
    from orun_cockpit.project import run_list
    from orun_cockpit.stream import utc_now

    view = run_list(host.store.runs(), utc_now())
    if as_json:
        from orun_cockpit.document import to_json

        terminal.write(to_json(view))
    else:
        from orun_cockpit.tables import run_list_frame

        terminal.show(run_list_frame(view, terminal.columns, terminal.theme))


def result(run: RunView) -> ExitCode:
    """The exit code that tells how a run went; a run that goes on has done nothing wrong."""
    match run.mark:
        case Mark.FAILED | Mark.TIMED_OUT | Mark.INTERRUPTED:
            return ExitCode.FAILED
        case Mark.CANCELLED:
            return ExitCode.INTERRUPTED
        case _:
            return ExitCode.OK
