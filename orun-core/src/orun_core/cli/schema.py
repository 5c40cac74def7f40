"""`orun schema`: JSON Schemas for editors and pipelines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from orun_core.cli.names import unknown
from orun_core.spec.errors import UsageError

if TYPE_CHECKING:
    from orun_core.host import Host


@click.command("schema")
@click.argument("kind", required=False)
@click.pass_obj
def command(host: Host, /, kind: str | None) -> None:
    """Print the JSON Schema of KIND (Intent, Component, …, plan, backend:NAME); without KIND, list them."""
    from orun_core.spec.documents import KINDS

    if kind and kind.startswith("backend:"):
        _, entry = host.registry.find("orun_backends", kind.partition(":")[2])
        options = entry.options().model_json_schema() if entry.options else {"type": "object", "maxProperties": 0}
        click.echo(json.dumps(options, indent=2, ensure_ascii=False))
        return
    kinds = {name.lower(): name for name in ("plan", "diff", *KINDS)}
    if kind is None:
        click.echo("\n".join(kinds.values()))
    elif kind.lower() in kinds:
        click.echo(json.dumps(schema(kinds[kind.lower()]), indent=2, ensure_ascii=False))
    else:
        raise UsageError(unknown("kind", kind, list(kinds.values())))


def schema(kind: str) -> dict[str, Any]:
    """The JSON Schema of a kind, generated from its model."""
    if kind == "diff":
        from orun_core.cli.diff_forms import diff_schema

        return diff_schema()
    from pydantic import TypeAdapter

    from orun_core.spec.documents import KINDS
    from orun_core.spec.plan import Plan

    model: Any = Plan if kind == "plan" else KINDS[kind]
    tree = TypeAdapter(model).json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **tree}
