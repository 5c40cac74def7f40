"""`orun explain-error`: the page of a diagnostic code."""

from __future__ import annotations

import textwrap

import click

from orun_core.cli.names import unknown
from orun_core.spec.errors import UsageError


@click.command("explain-error")
@click.argument("code", required=False)
def command(code: str | None) -> None:
    """Say what a diagnostic code means and how to mend it; without CODE, list them all."""
    from orun_core.spec.codes import CODES

    if code is None:
        click.echo("\n".join(sorted(CODES)))
    elif code in CODES:
        click.echo(f"{code}\n\n{textwrap.fill(CODES[code], 100)}")
    else:
        raise UsageError(unknown("diagnostic code", code, sorted(CODES)))
