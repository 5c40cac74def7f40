"""Durations of plans, in the units of GitHub and in words."""

from __future__ import annotations

from orun_core.spec.duration import seconds


def seconds_of(duration: str) -> float:
    """Seconds of a plan's duration; 0 for none."""
    return seconds(duration) if duration else 0.0


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
