"""`orun diff`: what one plan does that another does not, and why."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from orun_core.cli.diff_forms import markdown, text, tree
from orun_core.cli.request import compile_options, request_from
from orun_core.cli.revisions import operand
from orun_core.plan.diff import diff
from orun_core.spec.errors import ExitCode

if TYPE_CHECKING:
    from orun_core.host import Host


@click.command("diff")
@click.argument("old")
@click.argument("new", required=False, default="")
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text", help="Form of the output."
)
@click.option("--exit-code", is_flag=True, help="Exit 1 when what runs differs.")
@compile_options
@click.pass_obj
def command(host: Host, /, old: str, new: str, form: str, exit_code: bool, **options: Any) -> int:
    """Compare plans: files, names, checksums or git revisions (OLD NEW, or OLD..NEW; NEW defaults to the workspace)."""
    if ".." in old and not new:
        old, _, new = old.partition("..")
    request = request_from(host, options)
    before, after = operand(host, old, request), operand(host, new, request)
    found = diff(before.plan, after.plan, after.provenance, before.provenance)
    if form == "json":
        host.reporter.format = "json"
        host.reporter.result = tree(found)
    elif form == "markdown":
        click.echo(markdown(found, before.name, after.name))
    else:
        click.echo(text(found, before.name, after.name, color=sys.stdout.isatty()))
    return ExitCode.FAILED if exit_code and not found.runs_the_same else ExitCode.OK
