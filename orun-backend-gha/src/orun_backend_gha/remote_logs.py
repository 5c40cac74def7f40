"""A job's log from GitHub, cut into its steps."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LINE = re.compile(rb"^\xef?\xbb?\xbf?(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.\d+Z ?", re.MULTILINE)
BEGINNING = b"##[group]Run "
"""Every script and action begins with a group of this title; actions may open more of them inside."""


def cut(log: bytes, steps: Sequence[Mapping[str, Any]]) -> dict[int, bytes]:
    """The text of each step by its number, without time stamps.

    GitHub tells when a step began, to the second; a new step is entered at the first beginning that is not before that.
    """
    ran = [step for step in steps if step.get("started_at") and step.get("conclusion") != "skipped"]
    texts: dict[int, list[bytes]] = {int(step["number"]): [] for step in ran}
    place = 0
    for line in log.splitlines(keepends=True):
        stamp = LINE.match(line)
        text = line[stamp.end() :] if stamp else line
        if stamp:
            place = _place(ran, place, stamp[1].decode(), text)
        if ran:
            texts[int(ran[place]["number"])].append(text)
    return {number: b"".join(lines) for number, lines in texts.items() if lines}


def _place(ran: Sequence[Mapping[str, Any]], place: int, second: str, text: bytes) -> int:
    """The step that a line belongs to, given the step of the line before."""
    while place + 1 < len(ran):
        begins = str(ran[place + 1]["started_at"])[:19]
        if second < begins or (second == begins and not text.startswith(BEGINNING)):
            break
        place += 1
        if second == begins:
            break
    return place
