"""Durations of plans in the units of GitHub."""

from __future__ import annotations

from orun_core.spec.duration import seconds


def seconds_of(duration: str) -> float:
    """Seconds of a plan's duration; 0 for none."""
    return seconds(duration) if duration else 0.0


def minutes_of(duration: str) -> int:
    """Whole minutes, rounded up: GitHub counts in no smaller unit."""
    return max(1, int(-(-seconds_of(duration) // 60)))
