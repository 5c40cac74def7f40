"""What a plain scalar of YAML means: the core schema of version 1.2, with the numbers of the original orun.

`0b` integers and underscores in numbers are read, too. `on`, `yes`, `012` and dates are strings.
"""

from __future__ import annotations

import re
from math import isfinite
from typing import Any, Final

_INT = re.compile(r"[-+]?(?:0|[1-9][0-9_]*|0x(?=_*[0-9a-fA-F])[0-9a-fA-F_]+|0b(?=_*[01])[01_]+|0o(?=_*[0-7])[0-7_]+)")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9][0-9_]*(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_WIDEST: Final = 20
"""Digits of the largest integer of 64 bits."""
NULLS: Final = frozenset(("", "~", "null", "Null", "NULL"))
_WORDS: Final[dict[str, Any]] = {
    **dict.fromkeys(NULLS),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}
_NUMERIC_START: Final = frozenset("+-.0123456789")


def resolve(text: str) -> Any:
    """The value of a plain scalar: None, bool, int, float or str. A number that no float can hold stays text."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] in _NUMERIC_START:
        number: float | None = None
        if _INT.fullmatch(text):
            number = _integer(text.replace("_", ""))
        elif _FLOAT.fullmatch(text) and ("." in text or "e" in text or "E" in text):
            number = float(text.replace("_", ""))
        if number is not None and isfinite(number):
            return number
    return text


def _integer(text: str) -> int | float | None:
    """The integer when it has 64 bits, a decimal one as a float when it is larger."""
    digits = text.lstrip("+-")
    base = {"0x": 16, "0b": 2, "0o": 8}.get(digits[:2], 10)
    if base == 10 and len(digits) > _WIDEST:
        return float(text)
    number = int(digits, base)
    number = -number if text.startswith("-") else number
    if -(2**63) <= number < 2**64:
        return number
    return float(text) if base == 10 else None
