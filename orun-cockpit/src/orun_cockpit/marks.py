"""How statuses and times are shown: the mark of a status, its word, and how long something took. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import assert_never

from orun_core.spec.run import Status

from orun_cockpit.view import Mark

BAD = (Mark.FAILED, Mark.TIMED_OUT, Mark.CANCELLED, Mark.INTERRUPTED)
"""Marks of what went wrong."""


def mark_of(status: Status, *, interrupted: bool = False, allowed: bool = False, resumed: bool = False) -> Mark:
    """How a status is shown, when its owner died, when the plan allows its failure, when an earlier attempt did it."""
    match status:
        case Status.PENDING:
            return Mark.PENDING
        case Status.QUEUED:
            return Mark.QUEUED
        case Status.RUNNING:
            return Mark.INTERRUPTED if interrupted else Mark.RUNNING
        case Status.SUCCEEDED:
            return Mark.RESUMED if resumed else Mark.SUCCEEDED
        case Status.FAILED:
            return Mark.ALLOWED if allowed else Mark.FAILED
        case Status.CANCELLED:
            return Mark.CANCELLED
        case Status.SKIPPED:
            return Mark.RESUMED if resumed else Mark.SKIPPED
        case Status.TIMED_OUT:
            return Mark.ALLOWED if allowed else Mark.TIMED_OUT
        case _:
            assert_never(status)


def word(mark: Mark) -> str:
    """The word of a mark."""
    match mark:
        case Mark.TIMED_OUT:
            return "timed out"
        case Mark.ALLOWED:
            return "failed, allowed"
        case _:
            return mark.value


def moment(text: str) -> datetime | None:
    """A recorded time; None for none."""
    return datetime.fromisoformat(text).astimezone(UTC) if text else None


def seconds(start: str, end: str | datetime | None) -> float | None:
    """Seconds between two recorded times; None when one is missing."""
    began = moment(start)
    ended = moment(end) if isinstance(end, str) else end
    return max((ended - began).total_seconds(), 0.0) if began and ended else None
