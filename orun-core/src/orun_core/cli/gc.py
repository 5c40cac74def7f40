"""`orun gc`: removes old runs and, when asked, plans that nothing uses."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, cast

import click

from orun_core.spec.amount import amount
from orun_core.spec.errors import Diagnostic, RunError, Severity, UsageError

if TYPE_CHECKING:
    from orun_core.host import Host
    from orun_core.state.gc import Removal, Retention
    from orun_core.state.local import LocalStore

KEPT_RUNS = 10
_KINDS = ("run", "plan", "leftover", "container", "network")


@click.command("gc")
@click.option("--keep", type=click.IntRange(min=0), metavar="N", help=f"Keep the newest N runs ({KEPT_RUNS}).")
@click.option("--max-age", metavar="AGE", help="Keep runs that ended within AGE, such as 12h or 7d.")
@click.option("--all", "everything", is_flag=True, help="Remove every run that is not live.")
@click.option("--plans", is_flag=True, help="Remove plans too that no run, no name and no `latest` uses.")
@click.option("--grace", default="1h", metavar="AGE", help="Never remove what changed within AGE (1h).")
@click.option("--dry-run", is_flag=True, help="Say what would be removed.")
@click.option("--json", "as_json", is_flag=True, help="Print the removals as JSON.")
@click.pass_obj
def command(
    host: Host,
    keep: int | None,
    max_age: str | None,
    everything: bool,
    plans: bool,
    grace: str,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Remove old runs with their logs, and what killed commands left behind. Live runs are never touched."""
    from orun_core.state.gc import removals, remove

    store = cast("LocalStore", host.store)
    used = frozenset(run.backend for run in store.runs())
    found = removals(store, _retention(keep, max_age, everything, plans, grace))
    gone = found if dry_run else tuple(removal for removal in found if remove(store, removal))
    far, unreached = _reaped(host, used, dry_run)
    host.report(unreached)
    click.echo(_document(gone, far, dry_run) if as_json else _text(gone, far, dry_run))


def _reaped(host: Host, used: frozenset[str], dry_run: bool) -> tuple[tuple[str, ...], tuple[Diagnostic, ...]]:
    """What backends removed, or would remove, that dead runs left elsewhere: `container NAME`, `network NAME`.

    And why one of `used`, those that ran something here, could not look; the others may have no elsewhere.
    """
    from orun_core.plugins.invoke import blame
    from orun_core.state.owner import is_gone

    found: list[str] = []
    failed: list[Diagnostic] = []
    for offer in host.registry.offers("orun_backends"):
        plugin, entry = host.registry.find("orun_backends", offer.name)
        if not entry.reap:
            continue
        try:
            with blame(plugin, f"reaping of backend '{offer.name}'"):
                found += entry.reap(host, is_gone, dry_run)
        except RunError as error:
            failed += [_unreached(offer.name, problem) for problem in error.diagnostics if offer.name in used]
    return tuple(found), tuple(failed)


def _unreached(backend: str, problem: Diagnostic) -> Diagnostic:
    message = f"what dead runs left at {backend} stays there: {problem.message}"
    return Diagnostic("gc/unreached", message, hint=problem.hint, severity=Severity.WARNING)


def _retention(keep: int | None, max_age: str | None, everything: bool, plans: bool, grace: str) -> Retention:
    from orun_core.state.gc import Retention, parse_age

    if everything and (keep is not None or max_age is not None):
        raise UsageError(Diagnostic("usage/conflict", "--all keeps nothing: leave out --keep and --max-age"))
    if keep is None and max_age is None:
        keep = KEPT_RUNS
    return Retention(keep, parse_age(max_age) if max_age else None, everything, plans, parse_age(grace))


def _text(gone: tuple[Removal, ...], far: tuple[str, ...], dry_run: bool) -> str:
    lines = [f"{removal.kind}  {removal.name}  {removal.size} bytes" for removal in gone]
    lines += [name.replace(" ", "  ", 1) for name in far]
    names = {(removal.kind, removal.name) for removal in gone} | {_kind_and_name(name) for name in far}
    numbers = Counter(kind for kind, _ in names)
    counts = ", ".join(amount(numbers[kind], kind) for kind in _KINDS if numbers[kind])
    verb = "would remove" if dry_run else "removed"
    total = sum(removal.size for removal in gone)
    return "\n".join([*lines, f"{verb} {counts}, {total} bytes" if lines else "nothing to remove"])


def _kind_and_name(text: str) -> tuple[str, str]:
    kind, _, name = text.partition(" ")
    return kind, name


def _document(gone: tuple[Removal, ...], far: tuple[str, ...], dry_run: bool) -> str:
    removed = [{"kind": removal.kind, "name": removal.name, "bytes": removal.size} for removal in gone]
    removed += [{"kind": kind, "name": name, "bytes": 0} for kind, name in map(_kind_and_name, far)]
    tree = {"dryRun": dry_run, "removed": removed, "bytes": sum(removal.size for removal in gone)}
    return json.dumps(tree, indent=2)
