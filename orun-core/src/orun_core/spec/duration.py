"""Durations as people write them: Go's form, `90s`, `1h30m`, `1.5m`, `250ms`."""

from __future__ import annotations

import re
from typing import Final

UNITS: Final = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h|d)")


def seconds(text: str) -> float:
    """Seconds of a duration; raises `ValueError` when it is none. `0` needs no unit."""
    stripped = text.strip()
    if stripped == "0":
        return 0.0
    parts = _PART.findall(stripped)
    if not parts or "".join(number + unit for number, unit in parts) != stripped:
        raise ValueError(f'"{text}" is no duration; write 90s, 15m or 1h30m')
    return sum(float(number) * UNITS[unit] for number, unit in parts)
