"""`orun report`: a run as one offline HTML page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from orun_cockpit.commands.options import newest
from orun_cockpit.terminal import Terminal

if TYPE_CHECKING:
    from orun_core.spec.host import Host


@click.command("report")
@click.argument("run", default="", metavar="[RUN]")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    help="File to write, - for standard output. [RUN.html]",
)
@click.pass_obj
def command(host: Host, run: str, output: Path | None) -> None:
    """Write a run (its frame, graph, timeline and logs) as one HTML page that needs no network."""
    from orun_cockpit.report_file import report_text, write_report

    terminal = Terminal(host.environ)
    view = newest(host, run, terminal, machine=output == Path("-"))
    if view is None:
        return
    if output == Path("-"):
        terminal.write(report_text(host.store, view, terminal.theme))
    else:
        terminal.write(f"{write_report(host.store, view, terminal.theme, output)}\n")
