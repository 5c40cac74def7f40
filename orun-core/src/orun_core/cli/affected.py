"""`orun affected`: what a change touches, why, and the proof that nothing is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from orun_core.cli.request import (
    COMPARED,
    EVENT,
    PACKAGES,
    TRIGGER,
    changes_from,
    options_of,
    request_from,
)
from orun_core.spec.amount import amount
from orun_core.spec.errors import CompileError, Diagnostic, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orun_core.changes.affected import Affected, Reasons
    from orun_core.changes.verify import Verification
    from orun_core.host import Host


@click.command("affected")
@click.option("--json", "as_json", is_flag=True, help="The answer as JSON.")
@click.option("--explain", is_flag=True, help="Say what was compared, and every reason of every component.")
@click.option("--verify", is_flag=True, help="Compile both ends and show that no job that changed is left out.")
@options_of(COMPARED, TRIGGER, EVENT, PACKAGES)
@click.pass_obj
def command(host: Host, /, as_json: bool, explain: bool, verify: bool, **options: Any) -> None:
    """Say which components a change touches, which of them `--changed` plans, and why."""
    from orun_core.spec.tree import document

    host.reporter.format = "json" if as_json else "text"
    changes = changes_from(options)
    project, sites = host.project(request_from(host, options))
    host.report(sites.located(project.warnings))
    found = host.affected(project, changes)
    proof = _proof(host, found) if verify else None
    if as_json:
        host.reporter.result = {**document(found), **({"verification": document(proof)} if proof else {})}
    else:
        click.echo("\n".join(_text(found, explain=explain)))
        if proof:
            click.echo("\n".join(_proved(proof)))
    if proof and not proof.proved:
        raise CompileError(_left_out(proof))


def _proof(host: Host, found: Affected) -> Verification:
    """Both ends compiled in full and compared."""
    from orun_core.changes.verify import verify
    from orun_core.cli.revisions import compiled_at
    from orun_core.spec.stages import Request

    change = found.change
    if not change.start:
        hint = "name a revision with --base, or compare with --uncommitted"
        raise UsageError(Diagnostic("changes/no-start", "there is no revision to compare the plans with", hint=hint))
    before = compiled_at(host, change.start, Request())
    after = compiled_at(host, change.end, Request()) if change.end else host.compile(Request())
    return verify(before.plan, after.plan, found.selection)


def _left_out(proof: Verification) -> Iterator[Diagnostic]:
    for job in proof.left_out:
        hint = "let its component watch what changed with change.watches, or use --intent-impact all"
        yield Diagnostic("changes/left-out", f"{job} changed and is not selected", hint=hint)


def _text(found: Affected, *, explain: bool) -> Iterator[str]:
    files = found.change.files
    yield f"{amount(len(files), 'file')} changed: {found.change}"
    if explain:
        yield from (f"  {file.status or '·'} {file.path}" for file in files)
    yield from _section("Changed", found.direct, explain=explain)
    yield from _section("Depends on them, not planned", found.dependents, explain=explain)
    yield from _section("Planned with --changed", found.selection, explain=explain)
    if found.outside:
        yield "\nOutside every component"
        yield from (f"  {path}" for path in found.outside)
    yield f"\nConfidence: {found.confidence}"
    yield from (f"  {note}" for note in found.notes)


def _section(title: str, reasons: Reasons, *, explain: bool) -> Iterator[str]:
    if not reasons:
        return
    yield f"\n{title} ({len(reasons)})"
    width = max(map(len, reasons))
    for name, found in reasons.items():
        shown = found if explain else found[:1]
        more = f" (+{len(found) - 1} more)" if len(found) > len(shown) else ""
        yield f"  {name:<{width}}  {shown[0]}{more}"
        yield from (f"  {'':<{width}}  {reason}" for reason in shown[1:])


def _proved(proof: Verification) -> Iterator[str]:
    mark = "✓ no job that changed is left out" if proof.proved else "✗ jobs that changed are left out"
    yield f"\n{mark}: {len(proof.covered)} changed and selected, {proof.unchanged} as before"
    yield from (f"  left out: {job}" for job in proof.left_out)
    yield from (f"  only its edges changed: {job}" for job in proof.reordered)
