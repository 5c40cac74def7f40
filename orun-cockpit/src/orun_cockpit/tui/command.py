"""`orun tui`: the command. Textual is imported once it is called."""

from __future__ import annotations

import gc
import shutil
import sys

import click
from orun_core.spec.errors import Diagnostic, UsageError


@click.command("tui")
@click.pass_context
def command(context: click.Context) -> None:
    """Open the cockpit: components, plans, runs and logs on one screen."""
    host = context.obj
    if not (sys.stdin.isatty() and sys.stdout.isatty() and host.environ.get("TERM") != "dumb"):
        hint = "use orun status, orun logs and orun get on a pipe or a dumb terminal"
        raise UsageError(Diagnostic("cockpit/no-terminal", "the cockpit needs a terminal", hint=hint))
    gc.disable()  # what is imported stays: looking through it again and again would take a tenth of the start
    from orun_cockpit.bridge import Bridge
    from orun_cockpit.frame import farewell
    from orun_cockpit.tui.app import Cockpit

    gc.freeze()
    gc.enable()
    app = Cockpit(Bridge(host))
    app.run()
    if app.crash:
        raise app.crash
    frame = farewell(app.left_behind(), *shutil.get_terminal_size(), app.look)
    click.echo(app.look.paint_frame(frame), nl=False)
