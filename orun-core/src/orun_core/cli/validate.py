"""`orun validate`: everything that `orun plan` would refuse, without planning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from orun_core.cli.request import compile_options, request_from
from orun_core.spec.amount import amount
from orun_core.spec.errors import CompileError, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orun_core.host import Host
    from orun_core.spec.stages import Compiled

SOME = 4
"""Components that a line names, at the most."""
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
        said = "\n".join((f"✓ Valid: {', '.join(counts)}", *_nowhere(compiled)))
    if report == "text":
        click.echo(said)


def _nowhere(compiled: Compiled) -> Iterator[str]:
    """The components that go to no environment at all; nothing when not all of them were asked for."""
    selection = compiled.plan.metadata.selection
    known = {component.name for component in compiled.resolution.project.components.summaries}
    names = sorted(known.difference(selection.components)) if selection.mode == "full" else []
    more = f" (+{len(names) - SOME} more)" if len(names) > SOME else ""
    if names:
        yield f"  In no environment, by subscription or selector: {', '.join(names[:SOME])}{more}"
