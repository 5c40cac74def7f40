"""`orun validate`: everything that `orun plan` would refuse, without planning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from orun_core.cli.request import compile_options, request_from
from orun_core.spec.amount import amount
from orun_core.spec.errors import CompileError, Severity

if TYPE_CHECKING:
    from orun_core.host import Host

UNPACKAGED = "load/no-compositions"
"""The one problem that an intent may have and still be valid on its own: it cannot be planned yet."""


@click.command("validate")
@click.option(
    "--format", "report", type=click.Choice(["text", "json", "sarif"]), default="text", help="Form of what is said."
)
@compile_options
@click.pass_obj
def command(host: Host, /, report: str, **options: Any) -> None:
    """Check the intent, all components, packages, schemas, policies and the DAG."""
    host.reporter.format = report
    try:
        compiled = host.compile(request_from(host, options))
    except CompileError as error:
        if {d.code for d in error.diagnostics if d.severity is Severity.ERROR} != {UNPACKAGED}:
            raise
        host.report(d.warning() for d in error.diagnostics)
        said = "✓ The intent is valid; it cannot be planned yet"
    else:
        host.report(compiled.warnings)
        selection = compiled.plan.metadata.selection
        counts = (
            amount(len(selection.components), "component"),
            amount(len(selection.envs), "environment"),
            amount(len(compiled.plan.jobs), "job"),
        )
        said = f"✓ Valid: {', '.join(counts)}"
    if report == "text":
        click.echo(said)
