"""Views as documents: JSON and YAML for machines, and the JSON Schemas that describe them."""

from __future__ import annotations

import json
from dataclasses import MISSING, fields, is_dataclass
from enum import StrEnum
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, get_args, get_origin, get_type_hints

from orun_core.spec.json_form import json_name
from orun_core.spec.tree import document

from orun_cockpit.view import SCHEMA_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator

VERSION = "schemaVersion"


def versioned(view: Any) -> Any:
    """The JSON tree of a view, `schemaVersion` first."""
    return {VERSION: SCHEMA_VERSION, **document(view)}


def to_json(view: Any) -> str:
    """The document as indented JSON, ended."""
    return json.dumps(versioned(view), indent=2, ensure_ascii=False) + "\n"


def to_json_line(view: Any) -> str:
    """The document as one line of NDJSON, ended."""
    return json.dumps(versioned(view), separators=(",", ":"), ensure_ascii=False) + "\n"


def to_yaml(view: Any) -> str:
    """The document as YAML in block style; scalars are written as JSON, which YAML reads the same way."""
    return "".join(line + "\n" for line in _block(versioned(view), ""))


def _block(tree: Any, indent: str) -> Iterator[str]:
    if isinstance(tree, dict) and tree:
        for key, value in tree.items():
            yield from _entry(f"{indent}{key}:", value, indent + "  ")
    elif isinstance(tree, list) and tree:
        for item in tree:
            first, *rest = _block(item, indent + "  ")
            yield f"{indent}- {first.lstrip()}"
            yield from rest
    else:
        yield indent + json.dumps(tree, ensure_ascii=False)


def _entry(key: str, value: Any, indent: str) -> Iterator[str]:
    if value and isinstance(value, dict | list):
        yield key
        yield from _block(value, indent)
    else:
        yield f"{key} {json.dumps(value, ensure_ascii=False)}"


def schema(view: type) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a view class, made from its fields."""
    definitions: dict[str, Any] = {}
    root = _object(view, definitions)
    root["properties"] = {VERSION: {"const": SCHEMA_VERSION}, **root["properties"]}
    root["required"] = [VERSION, *root["required"]]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": view.__name__,
        **root,
        "$defs": dict(sorted(definitions.items())),
    }


def _object(view: type, definitions: dict[str, Any]) -> dict[str, Any]:
    hints = get_type_hints(view)
    return {
        "description": (view.__doc__ or "").partition("\n")[0],
        "type": "object",
        "properties": {json_name(field.name): _type(hints[field.name], definitions) for field in fields(view)},
        "required": [json_name(field.name) for field in fields(view) if field.default is MISSING],
        "additionalProperties": False,
    }


def _type(hint: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    """The schema of a type; classes go to `definitions` once."""
    if get_origin(hint) is tuple:
        item, *rest = get_args(hint)
        if rest == [...]:
            return {"type": "array", "items": _type(item, definitions)}
        items = [_type(part, definitions) for part in (item, *rest)]
        return {"type": "array", "prefixItems": items, "minItems": len(items), "maxItems": len(items)}
    if isinstance(hint, UnionType):
        return {"anyOf": [_type(part, definitions) for part in get_args(hint)]}
    if isinstance(hint, type) and (is_dataclass(hint) or issubclass(hint, StrEnum)):
        if hint.__name__ not in definitions:
            definitions[hint.__name__] = {}
            definitions[hint.__name__] = (
                _object(hint, definitions)
                if is_dataclass(hint)
                else {"type": "string", "enum": [member.value for member in hint]}
            )
        return {"$ref": f"#/$defs/{hint.__name__}"}
    return {"type": {str: "string", int: "integer", float: "number", bool: "boolean", NoneType: "null"}[hint]}
