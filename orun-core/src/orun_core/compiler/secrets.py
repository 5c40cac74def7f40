"""`secret://` references: `<scheme>://[<workspace>/][<dimension>:<value>/]*<KEY>[@<version>]` (spec compile §5.6)."""

from __future__ import annotations

import re
from typing import Final

SCHEMES: Final = ("secret", "config", "flag")
DIMENSIONS: Final = ("project", "env", "component")
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,127}")
_VALUE = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._-]{0,127}")
_VERSION = re.compile(r"[1-9][0-9]{0,8}")
GRAMMAR: Final = "<scheme>://[<workspace>/][<dim>:<value>/]*<KEY>[@<version>]"


def reference_problem(text: str) -> str:
    """Why `text` is no secret reference, empty when it is one. Never contains the value."""
    scheme, mark, body = text.partition("://")
    if not mark:
        return f"not a scope reference (want {GRAMMAR})"
    if scheme not in SCHEMES:
        return f"unknown scheme (want one of: {', '.join(SCHEMES)})"
    if not body:
        return "reference has no key"
    head, at, version = body.rpartition("@")
    if at and not _VERSION.fullmatch(version):
        return "@<version> must be a positive integer"
    *scopes, key = (head if at else body).split("/")
    if not _KEY.fullmatch(key):
        return "invalid key segment"
    return _scope_problem(scheme, scopes) or ("" if scheme == "secret" else "not a secret reference")


def _scope_problem(scheme: str, scopes: list[str]) -> str:
    named = [scope for scope in scopes if ":" in scope]
    bare = [scope for scope in scopes if ":" not in scope]
    if len(bare) == 3 and not named:
        wrong = [
            label
            for label, value in zip(("workspace", "project", "env"), bare, strict=True)
            if not _VALUE.fullmatch(value)
        ]
        return f"invalid {wrong[0]} segment" if wrong else ""
    if len(bare) > 1:
        return "at most one bare segment (the workspace) may precede named dimensions"
    if bare and scopes[0] != bare[0]:
        return "the workspace segment must come first"
    seen: set[str] = set()
    for scope in named:
        dimension, _, value = scope.partition(":")
        if dimension not in DIMENSIONS:
            return f'unknown dimension "{dimension}" (want one of: {", ".join(DIMENSIONS)})'
        if dimension in seen:
            return f'dimension "{dimension}" appears more than once'
        if scheme == "flag" and dimension == "component":
            return 'dimension "component" is not addressable on the flag plane'
        if not _VALUE.fullmatch(value):
            return f"invalid {dimension} segment"
        seen.add(dimension)
    return "" if not bare or _VALUE.fullmatch(bare[0]) else "invalid workspace segment"


def same_reference(a: str, b: str) -> bool:
    """True when two references name the same secret: the positional form equals the named one."""
    return _canonical(a) == _canonical(b)


def _canonical(text: str) -> tuple[str, ...]:
    scheme, _, body = text.partition("://")
    *scopes, key = body.split("/")
    if len(scopes) == 3 and not any(":" in scope for scope in scopes):
        workspace, project, env = scopes
        scopes = [workspace, f"project:{project}", f"env:{env}"]
    bare = [scope for scope in scopes if ":" not in scope]
    return (scheme, *bare, *sorted(scope for scope in scopes if ":" in scope), key)
