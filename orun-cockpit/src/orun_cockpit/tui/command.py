"""`orun tui`: the command. Textual is imported once it is called."""

from __future__ import annotations

import sys

import click
from orun_core.spec.errors import Diagnostic, UsageError


@click.command("tui")
@click.pass_context
def command(context: click.Context) -> None:
    """Open the cockpit: components, plans, runs and logs on one screen."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        hint = "use orun status, orun logs and orun get on a pipe"
        raise UsageError(Diagnostic("cockpit/no-terminal", "the cockpit needs a terminal", hint=hint))
    from orun_cockpit.bridge import Bridge
    from orun_cockpit.tui.app import Cockpit

    Cockpit(Bridge(context.obj)).run()
