"""`orun compositions lock | pull | outdated`: which packages an intent uses, to the byte."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from orun_core.spec.errors import CompileError, Diagnostic, UsageError

if TYPE_CHECKING:
    from orun_core.compiler.lockfile import Lock
    from orun_core.host import Host
    from orun_core.spec.source import SourceContext
    from orun_core.spec.stages import Package

offline_option = click.option("--offline", is_flag=True, help="Never touch the network.")


@click.command("lock")
@click.option("--update", metavar="NAME", multiple=True, help="Resolve this source anew (repeatable).")
@click.option("--check", is_flag=True, help="Write nothing; fail when the lock would change.")
@offline_option
@click.pass_obj
def lock(host: Host, update: tuple[str, ...], check: bool, offline: bool) -> None:
    """Resolve the packages that are not locked yet and write the lock."""
    before, packages = resolve(host, _context(host, offline=offline), update)
    after = _lock_of(packages)
    if check and after != before:
        text = f"the lock would change: {', '.join(changes(before, after)) or 'its order'}"
        raise CompileError(Diagnostic("lock/stale", text, hint="run `orun compositions lock` and commit the lock"))
    if not check:
        save_lock(host, packages)
    click.echo("\n".join(_rows(after)))


@click.command("pull")
@click.option("--frozen/--no-frozen", default=None, help="Take exactly what is locked; the default when CI is set.")
@offline_option
@click.pass_obj
def pull(host: Host, frozen: bool | None, offline: bool) -> None:
    """Fetch the locked packages into the cache."""
    if frozen is None:
        frozen = host.environ.get("CI", "").lower() in ("1", "true")
    _, packages = resolve(host, _context(host, offline=offline, frozen=frozen))
    if not frozen:
        save_lock(host, packages)
    click.echo("\n".join(_rows(_lock_of(packages))))


@click.command("outdated")
@click.option("-f", "--format", "form", type=click.Choice(["text", "json"]), default="text", help="Form of the output.")
@click.pass_obj
def outdated(host: Host, form: str) -> None:
    """List the sources whose reference means another package now."""
    context = _context(host)
    before, packages = resolve(host, context)
    found = []
    for package in packages:
        entry = before.find(package.request) if before else None
        locked = entry.digest if entry else package.digest
        latest = host.source(package.request.kind).latest(package.request, context)
        if latest != locked:
            found.append({"name": package.request.name, "locked": locked, "latest": latest, "version": package.version})
    if form == "json":
        click.echo(json.dumps({"outdated": found}, indent=2))
        return
    for row in found:
        click.echo(f"{row['name']}\n  locked  {row['locked']}\n  latest  {row['latest']}")
    click.echo("update with `orun compositions lock --update NAME`" if found else "everything is up to date")


COMMANDS = (lock, pull, outdated)


def resolve(
    host: Host, context: SourceContext, update: tuple[str, ...] = ()
) -> tuple[Lock | None, tuple[Package, ...]]:
    """The lock as it is, and the packages fetched under it, the sources `update` resolved anew. Raises `CompileError`."""
    from orun_core.compiler.load import load
    from orun_core.compiler.lockfile import LockedSources, read_lock
    from orun_core.compiler.pipeline import locating
    from orun_core.compiler.sites import Sites
    from orun_core.plugins.acting import Acting
    from orun_core.spec.stages import Request, Workspace

    intent = host.needed_intent()
    before = read_lock(host.root)
    kept = before and replace(before, sources=tuple(s for s in before.sources if s.name not in update))
    sources = LockedSources(kept, context, Acting(host.registry).fetch)
    workspace = Workspace(host.root, intent, sources.fetch, host.config_dir)
    with locating(Sites(workspace.root, workspace.package_folders)):
        packages = load(workspace, Request()).packages
    strangers = set(update) - {package.request.name for package in packages}
    if strangers:
        from orun_core.cli.names import unknown

        names = [package.request.name for package in packages]
        raise UsageError([unknown("composition source", name, names) for name in sorted(strangers)])
    sources.settled(packages)
    return before, packages


def save_lock(host: Host, packages: tuple[Package, ...]) -> None:
    """Write the lock of these packages when it is not the one on disk."""
    from orun_core.compiler.lockfile import read_lock, write_lock

    after = _lock_of(packages)
    if after.sources and after != read_lock(host.root):
        write_lock(host.root, after)


def changes(before: Lock | None, after: Lock) -> list[str]:
    """Names of the sources whose entries differ."""
    sides = [{source.name: source for source in side.sources} if side else {} for side in (before, after)]
    return sorted(name for name in sides[0] | sides[1] if sides[0].get(name) != sides[1].get(name))


def _context(host: Host, *, offline: bool = False, frozen: bool = False) -> SourceContext:
    from orun_core.spec.source import SourceContext

    return SourceContext(host.root, host.cache, offline, frozen)


def _lock_of(packages: tuple[Package, ...]) -> Lock:
    from orun_core.compiler.lockfile import lock_of

    return lock_of(packages)


def _rows(lock: Lock) -> list[str]:
    rows = []
    for source in lock.sources:
        rows.append(
            " ".join(filter(None, (source.name, f"({source.kind})", source.ref or source.path, source.version)))
        )
        rows += [f"  {source.digest}", f"  {', '.join(source.exports)}"]
    return rows or ["the intent has no composition sources"]
