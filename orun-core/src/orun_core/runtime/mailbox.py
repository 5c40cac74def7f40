"""Waits for messages in short turns, so that signals are handled soon."""

from __future__ import annotations

from queue import Empty, SimpleQueue
from typing import Final, TypeVar

Message = TypeVar("Message")

TURN: Final = 0.2
"""Seconds. A signal that comes just before a wait begins is handled when the wait ends, so no wait is long."""


def take(mailbox: SimpleQueue[Message]) -> Message:
    """The next message."""
    while True:
        try:
            return mailbox.get(timeout=TURN)
        except Empty:
            continue
