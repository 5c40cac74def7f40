"""The timeouts of a plan in seconds."""

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
