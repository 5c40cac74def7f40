"""Go durations, as plans write them."""

from __future__ import annotations

import re

SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
PART = re.compile(r"(\d+(?:\.\d+)?)(ms|us|µs|ns|h|m|s)")


def seconds_of(duration: str) -> float:
    """Seconds of `1h30m`, `90s` or `500ms`; the compiler has refused everything else. 0 for an empty text."""
    return sum(float(number) * SECONDS[unit] for number, unit in PART.findall(duration))


def minutes_of(duration: str) -> int:
    """Whole minutes, rounded up: GitHub counts in no smaller unit."""
    return max(1, int(-(-seconds_of(duration) // 60)))


def shown(seconds: float) -> str:
    """A duration as every part of orun writes it: `0.3s` below a minute, then `1m5s`, `1h2m`."""
    if seconds < 59.95:
        return f"{seconds:.1f}s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes}m"
    return f"{minutes}m{rest}s" if rest else f"{minutes}m"
