"""`orun report`: a run as one offline HTML page."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from orun_cockpit.commands.options import newest
from orun_cockpit.terminal import Terminal

if TYPE_CHECKING:
    from orun_core.spec.host import Host


@click.command("report")
@click.argument("run", default="", metavar="[RUN]")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="File to write. [RUN.html]")
@click.pass_obj
def command(host: Host, run: str, output: Path | None) -> None:
    """Write a run (its frame, graph, timeline and logs) as one HTML page that needs no network."""
    from orun_cockpit.logs import Selection, log_view
    from orun_cockpit.report import TAIL, page

    terminal = Terminal(host.environ)
    view = newest(host, run, terminal)
    if view is None:
        return
    path = output or Path(f"{view.exec_id}.html")
    write(path, page(log_view(host.store, view, Selection(tail=TAIL)), terminal.theme))
    terminal.write(f"{path}\n")


def write(path: Path, text: str) -> None:
    """Replace a file as a whole; a pipe or a device is written to and stays what it is."""
    if path.exists() and not path.is_file():
        path.write_text(text, encoding="utf-8")
        return
    whole = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with whole.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        whole.replace(path)
    finally:
        whole.unlink(missing_ok=True)
