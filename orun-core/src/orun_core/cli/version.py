"""`orun version`: what is installed."""

from __future__ import annotations

import json
import platform
from typing import TYPE_CHECKING

import click

from orun_core.spec import API_VERSION

if TYPE_CHECKING:
    from orun_core.host import Host


@click.command("version")
@click.option("-f", "--format", "form", type=click.Choice(["text", "json"]), default="text", help="Form of the output.")
@click.pass_obj
def command(host: Host, form: str) -> None:
    """Print the versions of orun, Python and the plugins."""
    plugins = {plugin.distribution: plugin.version for plugin in host.registry.plugins}
    facts = {
        "orun": plugins.pop("orun-core", ""),
        "pluginApi": ".".join(map(str, API_VERSION)),
        "python": platform.python_version(),
        "plugins": plugins,
    }
    if form == "json":
        click.echo(json.dumps(facts, indent=2))
        return
    click.echo(f"orun {facts['orun']} (plugin API {facts['pluginApi']}, Python {facts['python']})")
    for distribution, version in plugins.items():
        click.echo(f"{distribution} {version}")
