"""Near misses: which known name a misspelt one means."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def nearest(word: str, names: Iterable[str]) -> str:
    """The name that `word` begins, else the one with the fewest edits from it; empty when none is within max(2, half its length).

    Ties go to the first in sorted order.
    """
    begun = [name for name in sorted(names) if len(word) > 1 and name.lower().startswith(word.lower())]
    if begun:
        return begun[0]
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
