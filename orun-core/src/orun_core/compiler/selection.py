"""Names, patterns and near misses: how a user's words select environments and components."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orun_core.spec.errors import Diagnostic, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def matches(pattern: str, name: str) -> bool:
    """True for `*`, an exact name, or a prefix ending in `*`."""
    return pattern == name or (pattern.endswith("*") and name.startswith(pattern[:-1]))


def nearest(word: str, names: Iterable[str]) -> str:
    """The name with the fewest edits from `word`, empty when none is within max(2, half its length). Ties: first in sorted order."""
    best, limit = "", max(2, len(word) // 2) + 1
    for name in sorted(names):
        distance = _edits(word.lower(), name.lower(), limit)
        if distance < limit:
            best, limit = name, distance
    return best


def _edits(a: str, b: str, limit: int) -> int:
    """Levenshtein distance, or `limit` when it is at least that."""
    if abs(len(a) - len(b)) >= limit:
        return limit
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        previous, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (x != y))
        if min(row) >= limit:
            return limit
    return row[-1]


def did_you_mean(word: str, names: Iterable[str]) -> str:
    """A hint with the nearest name, else with all names."""
    listed = sorted(names)
    near = nearest(word, listed)
    return f'did you mean "{near}"?' if near else f"known: {', '.join(listed) or 'none'}"


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
