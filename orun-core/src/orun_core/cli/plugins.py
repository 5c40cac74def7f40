"""`orun plugins`: who is installed, what they offer, who does not work and why."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import click

from orun_core.cli.report import visible
from orun_core.plugins.acting import RESULTS
from orun_core.plugins.index import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orun_core.host import Host
    from orun_core.plugins.discover import Installed
    from orun_core.plugins.index import Offer
    from orun_core.plugins.registry import Registry

WATCHING: Final = ("orun_stage_finished", "orun_plan_compiled", "orun_run_advanced")
OFFERED: Final = (*(kind for kind, _ in KINDS.values()), "display")
WIDTH: Final = max(len(kind) for kind in OFFERED)


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
        click.echo(visible("\n".join(_table(rows))))
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
        "offers": [
            {"hook": offer.hook, "kind": _kind(offer), "name": offer.name, "summary": offer.summary} for offer in offers
        ],
        "error": error,
    }


def _kind(offer: Offer) -> str:
    """The word for what is offered; a surface that is no command draws runs."""
    return "display" if offer.display and not offer.command else KINDS[offer.hook][0]


def _table(rows: list[dict[str, Any]]) -> list[str]:
    lines: list[str] = []
    for row in rows:
        status = "" if row["status"] == "ok" else f"  {row['status']}"
        lines.append(f"{row['name']}  {row['distribution']} {row['version']}{status}")
        lines += [f"  {line}" for line in row["error"].splitlines()]
        lines += [f"  {label:<{WIDTH}}  {', '.join(names)}" for label, names in _groups(row) if names]
    return lines


def _groups(row: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """What a plugin does, by kind: stages, what it watches, and the names it offers."""
    yield "stages", [stage for stage in RESULTS if f"orun_{stage}" in row["hooks"]]
    for kind in OFFERED:
        yield kind, [offer["name"] for offer in row["offers"] if offer["kind"] == kind]
    yield "watches", [hook.removeprefix("orun_") for hook in row["hooks"] if hook in WATCHING]
