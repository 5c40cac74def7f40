"""Times that GitHub gives, in the form of the journal."""

from __future__ import annotations

from datetime import UTC, datetime


def stamp(moment: object) -> str:
    """A time in the journal's form, UTC with milliseconds; nothing for none. Raises `ValueError`."""
    if not moment:
        return ""
    parsed = datetime.fromisoformat(str(moment)).astimezone(UTC)
    return parsed.strftime("%Y-%m-%dT%H:%M:%S.") + f"{parsed.microsecond // 1000:03d}Z"
