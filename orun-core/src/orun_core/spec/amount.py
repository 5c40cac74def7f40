"""Numbers with their noun, as every surface writes them."""

from __future__ import annotations


def amount(number: int, noun: str) -> str:
    """`1 job`, `3 jobs`, for nouns that take an s."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
