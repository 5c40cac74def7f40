"""`orun trace`: what a run did, in a form that can be compared across backends."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from orun_core.state.trace import trace

if TYPE_CHECKING:
    from orun_core.host import Host


@click.command("trace")
@click.argument("execution", metavar="[EXEC]", required=False, default="")
@click.pass_obj
def command(host: Host, /, execution: str) -> None:
    """Print the normalised trace of a run as JSON."""
    click.echo(json.dumps(trace(host.store.run(execution)), indent=2, ensure_ascii=False))
