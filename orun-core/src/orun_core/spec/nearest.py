"""Near misses: which known name a misspelt one means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable


_TYPING_MISTAKE: Final = 2
"""Edits up to which a name is sooner misspelt than written out at length."""
_SHORTEST: Final = 3
"""Letters of a name that may stand for a longer word, as `env` does for `environment`."""


def nearest(word: str, names: Iterable[str]) -> str:
    """The name that `word` begins, else one two edits away, else one that begins `word`, else the one with the fewest edits.

    Empty when none is within max(2, half its length), or when they have no letter in common. Ties go to the first in sorted order.
    """
    known, lower = sorted(names), word.lower()
    begun = [name for name in known if len(word) > 1 and name.lower().startswith(lower)]
    if begun:
        return begun[0]
    best, limit = "", max(2, len(word) // 2) + 1
    for name in known:
        distance = _edits(lower, name.lower(), limit)
        if distance < limit and not set(lower).isdisjoint(name.lower()):
            best, limit = name, distance
    if best and limit <= _TYPING_MISTAKE:
        return best
    short = [name for name in known if lower.startswith(name.lower()) and len(name.lstrip("-")) >= _SHORTEST]
    return max(short, key=len) if short else best


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


MANY = 20
"""Names that a hint lists, at the most."""


def did_you_mean(word: str, names: Iterable[str]) -> str:
    """A hint with the nearest name, else with all names, or with some and how many more there are."""
    listed = sorted(names)
    near = nearest(word, listed)
    more = f" and {len(listed) - MANY} more" if len(listed) > MANY else ""
    return f'did you mean "{near}"?' if near else f"known: {', '.join(listed[:MANY]) or 'none'}{more}"
