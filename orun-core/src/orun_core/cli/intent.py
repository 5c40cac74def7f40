"""`orun intent explain | render`: the intent that is compiled, with its presets merged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from orun_core.cli.request import PACKAGES, options_of, request_from
from orun_core.spec.errors import Location

if TYPE_CHECKING:
    from orun_core.host import Host

HEADER = "# Effective intent: presets merged, defaults left out.\n"


@click.group("intent")
def command() -> None:
    """The intent that is compiled, with its presets merged."""


@command.command("explain")
@click.option("--json", "as_json", is_flag=True, help="The answer as JSON.")
@options_of(PACKAGES)
@click.pass_obj
def explain(host: Host, /, as_json: bool, **options: Any) -> None:
    """List what each preset contributes, field by field, and where it says so."""
    host.reporter.format = "json" if as_json else "text"
    project, sites = host.project(request_from(host, options))
    presets = []
    for preset in project.loaded.presets:
        file = preset.origin.file
        fields = [
            {"field": pointer, "where": str(sites.locate(Location(origin.file, pointer=origin.pointer)))}
            for pointer, origin in sorted(project.origins.items())
            if origin.file == file
        ]
        presets.append({"preset": preset.name, "file": file, "contributes": fields})
    if as_json:
        host.reporter.result = {"presets": presets}
    elif not presets:
        click.echo("No presets: the intent is used as it is.")
    else:
        click.echo("\n\n".join(_described(preset) for preset in presets))


@command.command("render")
@options_of(PACKAGES)
@click.pass_obj
def render(host: Host, /, **options: Any) -> None:
    """Print the merged intent as YAML, without the presets that are merged into it."""
    from orun_core.compiler.yaml_source import dump

    project, _ = host.project(request_from(host, options))
    merged = project.intent.model_copy(update={"extends": ()})
    tree = merged.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    click.echo((HEADER if project.loaded.presets else "") + dump(tree), nl=False)


def _described(preset: dict[str, Any]) -> str:
    width = max((len(field["field"]) for field in preset["contributes"]), default=0)
    lines = [f"{preset['preset']}  {preset['file']}"]
    lines += [f"  {field['field']:<{width}}  {field['where']}" for field in preset["contributes"]]
    return "\n".join(lines if preset["contributes"] else [*lines, "  nothing: the intent sets all of it"])
