"""What `orun plan` says about a plan, as text or as the result of `--format json`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from orun_core.spec.amount import amount
from orun_core.spec.ids import plan_id
from orun_core.spec.tree import document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orun_core.cli.plan_reasons import LeftOut, PlanReasons
    from orun_core.host import Host
    from orun_core.plan.outline import Outline

DUTIES: Final = {
    "approval": "an approval",
    "clean-git-tree": "a clean git tree",
    "isolation": "a copy of the workspace",
}
"""Kind of an obligation → what it asks of a run."""


def tell(host: Host, plan: Outline, output: str, name: str, *, check: bool = False) -> None:
    """Say what was planned; as text, nothing when the plan itself goes to stdout (`output` is `-`)."""
    if host.reporter.format == "json":
        host.reporter.result = _summary(plan)
    elif output != "-":
        click.echo(_text(plan, output, name, check=check))


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


def _text(plan: Outline, output: str, name: str, *, check: bool) -> str:
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


def tell_reasons(host: Host, reasons: PlanReasons, output: str) -> None:
    """Say what was compared and why each component is planned; on stderr when the plan itself goes to stdout."""
    if host.reporter.format == "json":
        planned = [document(one) for one in reasons.planned()]
        host.reporter.result = {**(host.reporter.result or {}), "compared": reasons.compared(), "planned": planned}
    else:
        click.echo("\n".join(_reason_lines(reasons)), err=output == "-")


def _reason_lines(reasons: PlanReasons) -> Iterator[str]:
    if compared := reasons.compared():
        yield f"\n  Compared: {compared}"
    for one in reasons.planned():
        yield f"\n  {one.component}@{one.environment}  ({', '.join(one.jobs)})"
        yield from (f"    {reason}" for reason in one.reasons)


def tell_why_not(host: Host, found: tuple[LeftOut, ...]) -> None:
    """Say why a component is not planned in each environment that was asked about."""
    if host.reporter.format == "json":
        host.reporter.result = {"whyNot": [document(one) for one in found]}
    else:
        click.echo("\n".join(f"{one.component}@{one.environment}: {one.reason}" for one in found))
