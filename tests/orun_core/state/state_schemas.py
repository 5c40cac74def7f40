"""The JSON Schemas of the files of a run, made from the dataclasses; `python tests/orun_core/state/state_schemas.py` writes them."""

from __future__ import annotations

import json
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any

import orun_core
from orun_core.spec import run
from orun_core.spec.json_form import json_name
from orun_core.state import snapshot
from pydantic import TypeAdapter

FOLDER = Path(orun_core.__file__).parent / "schemas"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
VERSION = {"pattern": r"^orun\.run/v1(\.\d+)?$"}


def generated() -> dict[str, dict[str, Any]]:
    """Schema by file name. Unknown fields are allowed: a newer minor version may write some."""
    for owner in (*vars(run).values(), *vars(snapshot).values()):
        if is_dataclass(owner) and isinstance(owner, type):
            owner.__pydantic_config__ = {"alias_generator": json_name}
    return {
        "run.schema.json": _versioned(_schema(snapshot.RunRequest, "What was asked for: .orun/runs/ID/run.json")),
        "state.schema.json": _versioned(_schema(snapshot.Snapshot, "A fold of the journal: .orun/runs/ID/state.json")),
        "event.schema.json": _event(),
    }


def _schema(owner: type, title: str) -> dict[str, Any]:
    return {"$schema": DIALECT, **TypeAdapter(owner).json_schema(by_alias=True), "title": title}


def _versioned(schema: dict[str, Any]) -> dict[str, Any]:
    schema["properties"]["schemaVersion"].update(VERSION)
    return schema


def _event() -> dict[str, Any]:
    """One line of the journal: the envelope, and the fields of its type beside it."""
    definitions: dict[str, Any] = {}
    kinds = []
    for name, owner in run.EVENT_TYPES.items():
        schema = TypeAdapter(owner).json_schema(by_alias=True)
        definitions.update(schema.pop("$defs", {}))
        schema["properties"] = {"type": {"const": name}, **schema["properties"]}
        schema["required"] = ["type", *schema["required"]]
        kinds.append(_versioned(schema) if owner is run.RunStarted else schema)
    return {
        "$schema": DIALECT,
        "title": "A line of the journal: .orun/runs/ID/events.ndjson",
        "type": "object",
        "properties": {
            "seq": {"type": "integer", "minimum": 1, "description": "Counts from 1 without gaps."},
            "at": {"type": "string", "format": "date-time", "description": "RFC 3339, UTC, milliseconds."},
            "type": {"type": "string", "description": "Readers ignore types that they do not know."},
        },
        "required": ["seq", "at", "type"],
        "if": {"properties": {"type": {"enum": list(run.EVENT_TYPES)}}},
        "then": {"oneOf": kinds},
        "$defs": definitions,
    }


def text(schema: dict[str, Any]) -> str:
    """The file's content."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for name, schema in generated().items():
        (FOLDER / name).write_text(text(schema))
