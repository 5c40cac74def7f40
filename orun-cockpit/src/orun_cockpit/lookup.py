"""Names that people type: exact, with `@`, in part; and the nearest ones when nothing fits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orun_core.spec.errors import Diagnostic, UsageError
from orun_core.spec.nearest import did_you_mean

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
        hint = did_you_mean(plain, names)
        raise UsageError(Diagnostic("usage/unknown-name", f"no {kind} named '{reference}'", hint=hint))
    return found


def one(kind: str, reference: str, names: Sequence[str]) -> str:
    """The name that a reference means; raises `UsageError` (`usage/unknown-name`, `usage/ambiguous-name`)."""
    found = matching(kind, reference, names)
    if len(found) > 1:
        hint = "name one of: " + ", ".join(found[:8]) + (", …" if len(found) > 8 else "")
        raise UsageError(Diagnostic("usage/ambiguous-name", f"{len(found)} {kind}s match '{reference}'", hint=hint))
    return found[0]
