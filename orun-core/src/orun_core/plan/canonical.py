"""The written forms of a plan's JSON tree (`spec.tree.document`): text for people, and the canonical bytes that are hashed."""

from __future__ import annotations

import json
from hashlib import sha256
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Any, Final

from orun_core.spec.errors import Diagnostic, PlanError

if TYPE_CHECKING:
    from collections.abc import Mapping

_ENCODER: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def canonical(tree: Any) -> bytes:
    """The bytes that are hashed: sorted keys, no spaces, UTF-8, no HTML escaping, floats in their shortest form.

    Raises `PlanError` (`plan/unencodable`) for infinities and NaN.
    """
    return canonical_text(tree).encode("utf-8", "surrogatepass")


def canonical_text(tree: Any) -> str:
    """The canonical form before it is encoded."""
    try:
        return _ENCODER.encode(tree)
    except ValueError as error:
        raise PlanError(Diagnostic("plan/unencodable", f"a value of the plan has no JSON form: {error}")) from error


def digest(tree: Any) -> str:
    """`sha256-` + hex SHA-256 of the canonical form."""
    return "sha256-" + sha256(canonical(tree)).hexdigest()


def to_json(tree: Mapping[str, Any]) -> str:
    """The form people read: two spaces, order as given, a newline at the end; what `json.dumps(indent=2)` gives, several times faster."""
    return _indented(tree, "\n") + "\n"


def _indented(value: Any, newline: str) -> str:
    if type(value) is str:
        return encode_basestring(value)
    if type(value) is dict:
        if not value:
            return "{}"
        inner = newline + "  "
        items = [
            f"{encode_basestring(key)}: {encode_basestring(item) if type(item) is str else _indented(item, inner)}"
            for key, item in value.items()
        ]
        return f"{{{inner}{f',{inner}'.join(items)}{newline}}}"
    if type(value) is list:
        if not value:
            return "[]"
        inner = newline + "  "
        return f"[{inner}{f',{inner}'.join([_indented(item, inner) for item in value])}{newline}]"
    return int.__repr__(value) if type(value) is int else json.dumps(value, allow_nan=False)
