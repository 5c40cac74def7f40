"""Durations as plans write them (Go syntax) and as people read them."""

from __future__ import annotations

from orun_core.spec.duration import seconds
from orun_core.spec.errors import Diagnostic, PlanError


def parse_duration(text: str, where: str) -> float | None:
    """Seconds of a Go duration such as `90s` or `1h30m`; None for an empty text or zero. Raises `PlanError` naming `where`."""
    if not text or text == "0":
        return None
    try:
        return seconds(text) or None
    except ValueError as error:
        hint = "write a Go duration such as 90s, 5m or 1h30m"
        raise PlanError(Diagnostic("run/bad-duration", f"{where}: {text!r} is not a duration", hint=hint)) from error


def show_duration(elapsed: float) -> str:
    """`0.3s` below a minute, then `1m5s`, `1h2m`."""
    if elapsed < 59.95:
        return f"{elapsed:.1f}s"
    minutes, rest = divmod(round(elapsed), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes}m"
    return f"{minutes}m{rest}s" if rest else f"{minutes}m"
