"""The three written forms of a plan: for people (JSON, YAML), and the canonical one that is hashed."""

from __future__ import annotations

import json
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from orun_core.spec.errors import Diagnostic, PlanError
from orun_core.spec.plan import json_name

if TYPE_CHECKING:
    from collections.abc import Mapping


def document(value: Any) -> Any:
    """The JSON tree of a contract value: dataclasses become dicts in field order, maps become dicts with sorted keys.

    A field with a default is left out when it is empty; a field without one is always there.
    """
    if is_dataclass(value) and not isinstance(value, type):
        tree = {}
        for name, key, optional in _fields(type(value)):
            item = getattr(value, name)
            if item or not optional:
                tree[key] = document(item)
        return tree
    return _plain(value)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(value[key]) for key in sorted(value)}
    if isinstance(value, tuple | list):
        return [document(item) for item in value]
    return value


@cache
def _fields(cls: type) -> tuple[tuple[str, str, bool], ...]:
    return tuple(
        (f.name, json_name(f.name), f.default is not MISSING or f.default_factory is not MISSING) for f in fields(cls)
    )


def canonical(tree: Any) -> bytes:
    """The bytes that are hashed: sorted keys, no spaces, UTF-8, no HTML escaping.

    Floats are written in Python's shortest round-trip form, integral ones without a fraction; raises `PlanError` for infinities and NaN.
    """
    try:
        text = json.dumps(_exact(tree), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    except ValueError as error:
        raise PlanError(Diagnostic("plan/unencodable", f"a value of the plan has no JSON form: {error}")) from error
    return text.encode("utf-8", "surrogatepass")


def _exact(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _exact(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_exact(item) for item in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value


def digest(tree: Any) -> str:
    """`sha256-` + hex SHA-256 of the canonical form."""
    return "sha256-" + sha256(canonical(tree)).hexdigest()


def to_json(tree: Mapping[str, Any]) -> str:
    """The form people read: two spaces, order as given, a newline at the end."""
    return json.dumps(tree, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
