"""Durations in Go's form, as people write them (`90s`, `1h30m`, `1.5m`, `250ms`), read and written."""

from __future__ import annotations

import re
from typing import Final

UNITS: Final = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h|d)")


def seconds(text: str) -> float:
    """The seconds of a duration; raises `ValueError` when the text is no duration. `0` needs no unit."""
    stripped = text.strip()
    if stripped == "0":
        return 0.0
    parts = _PART.findall(stripped)
    if not parts or "".join(number + unit for number, unit in parts) != stripped:
        raise ValueError(f'"{text}" is no duration; write 90s, 15m or 1h30m')
    return sum(float(number) * UNITS[unit] for number, unit in parts)


def show_duration(seconds: float) -> str:
    """Seconds as plans and log lines have them: `0.3s` below a minute, then `1m5s`, `1h2m`."""
    if seconds < 59.95:
        return f"{seconds:.1f}s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes}m"
    return f"{minutes}m{rest}s" if rest else f"{minutes}m"
