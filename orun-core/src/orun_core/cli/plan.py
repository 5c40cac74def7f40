"""`orun plan`: compile the intent into a plan, keep it, and say what it will do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from orun_core.cli.compositions_lock import save_lock
from orun_core.cli.github_output import write_outputs
from orun_core.cli.pin_images import with_digests
from orun_core.cli.plan_reasons import PlanReasons
from orun_core.cli.plan_summary import summarize_plan
from orun_core.cli.request import change_options, changes_from, compile_options, request_from
from orun_core.plan.outline import outline
from orun_core.spec.amount import amount
from orun_core.spec.errors import Diagnostic, EmptySelectionError, PlanError, Severity, UsageError
from orun_core.spec.ids import plan_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orun_core.changes.affected import Affected
    from orun_core.cli.plan_reasons import LeftOut
    from orun_core.host import Host
    from orun_core.plan.outline import Outline
    from orun_core.spec.stages import Compiled


DUTIES: Final = {
    "approval": "an approval",
    "clean-git-tree": "a clean git tree",
    "isolation": "a copy of the workspace",
}
"""Kind of an obligation → what it asks of a run."""


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
        from orun_core.cli.views import check_view

        check_view(view)
    told: list[Affected] = []
    changes = changes_from(options)
    request = request_from(host, options)
    asks_more = (
        host.environ.get("GITHUB_STEP_SUMMARY")
        or check
        or view
        or explain
        or why_not
        or github_output
        or form != "json"
        or request.changed
    )
    if not asks_more and (recalled := host.recall(request, name)):
        _write(recalled.text, output)
        _tell(host, recalled.outline, output, name)
        return
    try:
        compiled = host.compile(request, changes, told=told.append)
    except EmptySelectionError as nothing:
        if github_output:
            write_outputs(host, None)
        if fail_on_empty:
            raise
        host.report(replace(d, severity=Severity.NOTE) for d in nothing.diagnostics)
        return
    host.report(compiled.warnings)
    compiled = with_digests(host, compiled) if pin_images else compiled
    reasons = PlanReasons(compiled, next(iter(told), None), host.root)
    if why_not:
        _answer(host, reasons.why_not(why_not))
        return
    if fail_on_empty and not compiled.plan.jobs:
        raise EmptySelectionError(Diagnostic("usage/nothing-selected", "the plan has no jobs"))
    if check:
        _check(host, check, compiled)
    else:
        text = host.save(compiled, name)
        _write(_in_yaml(compiled) if output and form == "yaml" else text, output)
        save_lock(host, compiled.resolution.project.loaded.packages)
        if github_output:
            write_outputs(host, compiled.plan)
        summarize_plan(host, compiled)
    _tell(host, outline(compiled.plan), output, name, check=bool(check))
    if explain and report == "json":
        host.reporter.result = {**(host.reporter.result or {}), **_explained(reasons)}
    elif explain:
        click.echo("\n".join(_explanation(reasons)), err=output == "-")
    if view and report != "json" and output != "-":
        from orun_core.cli.views import show

        click.echo(show(compiled.plan, view, long=long))


def _form(form: str | None, output: str) -> str:
    by_name = {".yaml": "yaml", ".yml": "yaml", ".json": "json"}.get(Path(output).suffix)
    if form and by_name and form != by_name:
        text = f'-f {form} contradicts the extension of "{output}"'
        raise UsageError(Diagnostic("usage/conflict", text, hint="leave one of them out"))
    return form or by_name or "json"


def _in_yaml(compiled: Compiled) -> str:
    from orun_core.compiler.yaml_source import dump

    return dump(compiled.document)


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


def _answer(host: Host, found: tuple[LeftOut, ...]) -> None:
    from orun_core.spec.tree import document

    if host.reporter.format == "json":
        host.reporter.result = {"whyNot": [document(one) for one in found]}
    else:
        click.echo("\n".join(f"{one.component}@{one.environment}: {one.reason}" for one in found))


def _explained(reasons: PlanReasons) -> dict[str, Any]:
    from orun_core.spec.tree import document

    return {"compared": reasons.compared(), "planned": [document(one) for one in reasons.planned()]}


def _explanation(reasons: PlanReasons) -> Iterator[str]:
    if compared := reasons.compared():
        yield f"\n  Compared: {compared}"
    for one in reasons.planned():
        yield f"\n  {one.component}@{one.environment}  ({', '.join(one.jobs)})"
        yield from (f"    {reason}" for reason in one.reasons)


def _tell(host: Host, plan: Outline, output: str, name: str, *, check: bool = False) -> None:
    """Say what was planned; a plan on stdout stands alone."""
    if host.reporter.format == "json":
        host.reporter.result = _summary(plan)
    elif output != "-":
        click.echo(_said(plan, output, name, check=check))


def _summary(plan: Outline) -> dict[str, Any]:
    metadata = plan.metadata
    return {
        "checksum": metadata.checksum,
        "seal": metadata.seal,
        "trigger": metadata.trigger.name,
        "environments": list(metadata.selection.envs),
        "components": list(metadata.selection.components),
        "jobs": list(plan.jobs),
    }


def _said(plan: Outline, output: str, name: str, *, check: bool) -> str:
    selection, trigger = plan.metadata.selection, plan.metadata.trigger
    short = plan_id(plan.metadata.checksum)
    components = ", ".join(selection.components[:4])
    more = f" (+{len(selection.components) - 4} more)" if len(selection.components) > 4 else ""
    lines = [
        "✓ Plan checked" if check else "✓ Plan created",
        "",
        f"  Plan:     sha256-{short}" + (f"  ({name})" if name else ""),
        f"  Trigger:  {trigger.name} · {trigger.scope}",
        f"  Scope:    {amount(len(selection.components), 'component')} × {amount(len(selection.envs), 'environment')} → {amount(len(plan.jobs), 'job')}",
    ]
    if components:
        lines.append(f"  Includes: {components}{more}")
    if output:
        lines.append(f"  File:     {output}")
    lines += [f"  Pruned:   {edge.kind} {edge.from_} → {edge.to} ({edge.reason})" for edge in selection.pruned_edges]
    if plan.gated:
        lines.append(f"  Gates:    {amount(plan.gated, 'job')} wait for promotions outside this plan")
    if plan.obliged:
        needs = (f"{DUTIES.get(kind, kind)} ({amount(number, 'job')})" for kind, number in sorted(plan.obliged.items()))
        lines.append(f"  Needs:    {', '.join(needs)}, by policy")
    if plan.jobs and not check:
        lines += ["", f"  → orun run {name or short}"]
    return "\n".join(lines)
