"""`orun plugins`: who is installed, what they offer, who does not work and why."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from orun_core.host import Host
    from orun_core.plugins.discover import Installed
    from orun_core.plugins.registry import Registry


@click.command("plugins")
@click.argument("action", type=click.Choice(["list"]), default="list")
@click.option("-f", "--format", "form", type=click.Choice(["text", "json"]), default="text", help="Form of the output.")
@click.pass_obj
def command(host: Host, action: str, form: str) -> None:  # noqa: ARG001 - `list` is the only action
    """List the plugins, what they offer and why one does not work."""
    rows = [describe(host.registry, plugin) for plugin in host.registry.plugins]
    if form == "json":
        click.echo(json.dumps({"plugins": rows}, indent=2, ensure_ascii=False))
    else:
        click.echo("\n".join(_table(rows)))
    host.report(host.registry.clashes())


def describe(registry: Registry, plugin: Installed) -> dict[str, Any]:
    """One plugin: name, distribution, version, hooks, offered names, `ok`, `failed` or `foreign`, and the error."""
    error = registry.error(plugin)
    offers = [offer for offer in registry.index.offers if offer.plugin == plugin.name and not plugin.foreign]
    return {
        "name": plugin.name,
        "distribution": plugin.distribution,
        "version": plugin.version,
        "status": "foreign" if plugin.foreign else "failed" if error else "ok",
        "hooks": [] if plugin.foreign else list(registry.index.hooks.get(plugin.name, ())),
        "offers": [{"hook": offer.hook, "name": offer.name, "summary": offer.summary} for offer in offers],
        "error": error,
    }


def _table(rows: list[dict[str, Any]]) -> list[str]:
    width = max((len(row["name"]) for row in rows), default=0)
    lines: list[str] = []
    for row in rows:
        lines.append(f"{row['name']:<{width}}  {row['distribution']} {row['version']}  {row['status']}")
        if row["error"]:
            lines.append(f"{'':<{width}}    {row['error']}")
        if row["hooks"]:
            lines.append(f"{'':<{width}}    {' '.join(hook.removeprefix('orun_') for hook in row['hooks'])}")
    return lines
