"""Durations of a plan in seconds, and seconds as people read them."""

from __future__ import annotations

from orun_core.spec.duration import seconds
from orun_core.spec.errors import Diagnostic, PlanError


def parse_duration(text: str, where: str) -> float | None:
    """Seconds of a duration; None for an empty text or zero. Raises `PlanError` (`run/bad-duration`) naming `where`."""
    if not text:
        return None
    try:
        return seconds(text) or None
    except ValueError as error:
        raise PlanError(Diagnostic("run/bad-duration", f"{where}: {error}")) from error


def show_duration(seconds: float) -> str:
    """`0.3s` below a minute, then `1m5s`, `1h2m`."""
    if seconds < 59.95:
        return f"{seconds:.1f}s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes}m"
    return f"{minutes}m{rest}s" if rest else f"{minutes}m"
