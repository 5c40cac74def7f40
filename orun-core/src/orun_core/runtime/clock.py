"""Durations as plans write them (Go syntax) and as people read them."""

from __future__ import annotations

import re

from orun_core.spec.errors import Diagnostic, PlanError

_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)")


def parse_duration(text: str, where: str) -> float | None:
    """Seconds of a Go duration such as `90s` or `1h30m`; None for an empty text or zero. Raises `PlanError` naming `where`."""
    if not text or text == "0":
        return None
    end, seconds = 0, 0.0
    for part in _PART.finditer(text):
        if part.start() != end:
            break
        seconds += float(part[1]) * _UNITS[part[2]]
        end = part.end()
    if end != len(text):
        hint = "write a Go duration such as 90s, 5m or 1h30m"
        raise PlanError(Diagnostic("run/bad-duration", f"{where}: {text!r} is not a duration", hint=hint))
    return seconds or None


def show_duration(seconds: float) -> str:
    """`0.3s` below a minute, then `1m5s`, `1h2m`."""
    if seconds < 59.95:
        return f"{seconds:.1f}s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes}m"
    return f"{minutes}m{rest}s" if rest else f"{minutes}m"
