"""Finds what a name that somebody typed means: an exact name, a part of one, or else the nearest names for the error."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from orun_core.spec.errors import Diagnostic, UsageError
from orun_core.spec.nearest import did_you_mean, nearest

if TYPE_CHECKING:
    from collections.abc import Sequence


def matching(kind: str, reference: str, names: Sequence[str]) -> tuple[str, ...]:
    """The names that a reference means: the one it is, else all it is a part of.

    `component@environment.job` means `component.environment.job`. Raises `UsageError` (`usage/unknown-name`) for none.
    """
    plain = reference.replace("@", ".")
    if plain in names:
        return (plain,)
    found = tuple(name for name in names if plain in name)
    if not found:
        raise UsageError(Diagnostic("usage/unknown-name", f"no {kind} named '{reference}'", hint=hint(plain, names)))
    return found


def hint(reference: str, names: Sequence[str]) -> str:
    """The nearest name, or beginning of one, as a component is of its jobs; else all names."""
    beginnings = {name[: end.start()] for name in names for end in re.finditer(r"[.\-_]", name)}
    near = nearest(reference, {*names, *beginnings})
    return f'did you mean "{near}"?' if near else did_you_mean(reference, names)


def one(kind: str, reference: str, names: Sequence[str]) -> str:
    """The name that a reference means; raises `UsageError` (`usage/unknown-name`, `usage/ambiguous-name`)."""
    found = matching(kind, reference, names)
    if len(found) > 1:
        some = "name one of: " + ", ".join(found[:8]) + (", …" if len(found) > 8 else "")
        raise UsageError(Diagnostic("usage/ambiguous-name", f"{len(found)} {kind}s match '{reference}'", hint=some))
    return found[0]
