"""Names and patterns: how a user's words select environments and components."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orun_core.spec.errors import Diagnostic, UsageError
from orun_core.spec.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def matches(pattern: str, name: str) -> bool:
    """True for `*`, an exact name, or a prefix ending in `*`."""
    return pattern == name or (pattern.endswith("*") and name.startswith(pattern[:-1]))


def select(patterns: Sequence[str], names: Iterable[str], what: str) -> tuple[str, ...]:
    """The names that any pattern matches, sorted. Raises `UsageError` with one diagnostic per pattern that matches none."""
    known = sorted(names)
    unmatched = [p for p in patterns if not any(matches(p, name) for name in known)]
    if unmatched:
        raise UsageError(
            [
                Diagnostic("usage/unknown-name", f'no {what} matches "{p}"', hint=_available(p, known, what))
                for p in unmatched
            ]
        )
    return tuple(name for name in known if any(matches(p, name) for p in patterns))


def _available(pattern: str, known: list[str], what: str) -> str:
    near = nearest(pattern.rstrip("*"), known)
    listed = f"available {what}s: {', '.join(known) or 'none'}"
    return f'did you mean "{near}"? {listed}' if near else listed
