"""A number with its noun, as all of orun writes it."""

from __future__ import annotations


def amount(number: int, noun: str, plural: str = "") -> str:
    """`1 job`, `3 jobs`; `plural` for nouns that do not take an s."""
    return f"{number} {noun}" if number == 1 else f"{number} {plural or noun + 's'}"
