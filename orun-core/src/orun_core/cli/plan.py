"""`orun plan`: compile the intent into a plan, keep it, and say what it will do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from orun_core.cli.compositions_lock import save_lock
from orun_core.cli.github_output import write_outputs
from orun_core.cli.pin_images import with_digests
from orun_core.cli.plan_reasons import PlanReasons
from orun_core.cli.plan_report import tell, tell_reasons, tell_why_not
from orun_core.cli.plan_summary import summarize_plan
from orun_core.cli.request import change_options, changes_from, compile_options, request_from
from orun_core.cli.views import check_view, show
from orun_core.plan.outline import outline
from orun_core.spec.errors import Diagnostic, EmptySelectionError, PlanError, Severity, UsageError

if TYPE_CHECKING:
    from orun_core.changes.affected import Affected
    from orun_core.host import Host
    from orun_core.spec.stages import Compiled


@click.command("plan")
@click.argument("component", required=False)
@click.option("-o", "--output", metavar="FILE", default="", help="Write the plan here too; - for stdout.")
@click.option(
    "-f",
    "form",
    type=click.Choice(["json", "yaml"]),
    default=None,
    help="Form of the plan file; by its extension otherwise.",
)
@click.option("--name", metavar="NAME", default="", help="Name to find the plan by.")
@click.option("-v", "--view", metavar="VIEW", default="", help="Show the plan: dag, dependencies or component=NAME.")
@click.option("--long", is_flag=True, help="Show commands in the dag view.")
@click.option(
    "--format", "report", type=click.Choice(["text", "json", "sarif"]), default="text", help="Form of what is said."
)
@click.option(
    "--check",
    metavar="PLAN",
    is_flag=False,
    flag_value="-",
    default="",
    help="Write nothing; with a plan, fail when it would differ.",
)
@click.option("--fail-on-empty", is_flag=True, help="Exit 7 when nothing is planned.")
@click.option("--pin-images", is_flag=True, help="Write the digests of the images into the plan.")
@click.option("--explain", is_flag=True, help="Say what was compared and why each component is planned.")
@click.option(
    "--why-not", metavar="COMPONENT[@ENV]", default="", help="Say why a component is not planned; plan nothing."
)
@click.option("--github-output", is_flag=True, help="Append matrix, plan_id and exec_id to $GITHUB_OUTPUT.")
@click.option("--no-catalog-refresh", "--all", is_flag=True, hidden=True, expose_value=False, help="No effect.")
@compile_options
@change_options
@click.pass_obj
def command(
    host: Host,
    /,
    component: str | None,
    output: str,
    form: str | None,
    name: str,
    view: str,
    long: bool,
    report: str,
    check: str,
    fail_on_empty: bool,
    pin_images: bool,
    explain: bool,
    why_not: str,
    github_output: bool,
    **options: Any,
) -> None:
    """Compile the intent into a plan and save it under .orun/plans/."""
    host.reporter.format = report
    if component:
        options["components"] = (*options["components"], component)
    form = _form(form, output)
    if view:
        check_view(view)
    changes, request = changes_from(options), request_from(host, options)
    summary = host.environ.get("GITHUB_STEP_SUMMARY")
    compiles = check or view or explain or why_not or github_output or summary or form != "json" or request.changed
    if not compiles and (recalled := host.recall(request, name)):
        _write(recalled.text, output)
        tell(host, recalled.outline, output, name)
        return
    affected: list[Affected] = []
    try:
        compiled = host.compile(request, changes, told=affected.append)
    except EmptySelectionError as nothing:
        if github_output:
            write_outputs(host, None)
        if fail_on_empty:
            raise
        host.report(replace(d, severity=Severity.NOTE) for d in nothing.diagnostics)
        return
    host.report(compiled.warnings)
    compiled = with_digests(host, compiled) if pin_images else compiled
    reasons = PlanReasons(compiled, next(iter(affected), None), host.root)
    if why_not:
        tell_why_not(host, reasons.why_not(why_not))
        return
    if fail_on_empty and not compiled.plan.jobs:
        raise EmptySelectionError(Diagnostic("usage/nothing-selected", "the plan has no jobs"))
    if check:
        _check(host, check, compiled)
    else:
        _keep(host, compiled, name, output, form)
        if github_output:
            write_outputs(host, compiled.plan)
        summarize_plan(host, compiled)
    tell(host, outline(compiled.plan), output, name, check=bool(check))
    if explain:
        tell_reasons(host, reasons, output)
    if view and report != "json" and output != "-":
        click.echo(show(compiled.plan, view, long=long))


def _form(form: str | None, output: str) -> str:
    by_name = {".yaml": "yaml", ".yml": "yaml", ".json": "json"}.get(Path(output).suffix)
    if form and by_name and form != by_name:
        text = f'-f {form} contradicts the extension of "{output}"'
        raise UsageError(Diagnostic("usage/conflict", text, hint="leave one of them out"))
    return form or by_name or "json"


def _keep(host: Host, compiled: Compiled, name: str, output: str, form: str) -> None:
    """Store the plan, write it to `output` in the form that was asked for, and keep the lock of its packages."""
    text = host.save(compiled, name)
    if output and form == "yaml":
        from orun_core.compiler.yaml_source import dump

        text = dump(compiled.document)
    _write(text, output)
    save_lock(host, compiled.resolution.project.loaded.packages)


def _write(text: str, output: str) -> None:
    if not output:
        return
    if output == "-":
        click.echo(text, nl=False)
        return
    from orun_core.state.durable import write_whole

    path = Path(output)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, text.encode())


def _check(host: Host, reference: str, compiled: Compiled) -> None:
    """Compare with a plan file or a saved plan; `-` compares with nothing."""
    if reference == "-":
        return
    from orun_core.cli.drift import drift

    found = drift(host, host.plan(reference), compiled, reference)
    if found:
        raise PlanError(found)
