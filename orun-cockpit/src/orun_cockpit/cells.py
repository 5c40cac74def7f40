"""Text measured in terminal cells, and the lines that frames are made of.

A frame is a tuple of lines, a line a tuple of spans, a span a text with a tone. Painting them is `style.Theme`'s job.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from orun_core.spec.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f]).*?(?:\x07|\x1b\\|\x9c|$)"
    r"|\x1b[ -/]*[0-~]"
)
"""Control sequences, strings such as titles and links, and short escapes; in their forms of one and of two characters."""
_JOINER = "\u200d"
_EMOJI_FORM = "\ufe0f"


class Tone(StrEnum):
    """What a span means; each is a colour of the palette."""

    FG = "fg"
    DIM = "dim"
    MUTED = "muted"
    BRAND = "brand"
    BRAND_SOFT = "brand_soft"
    RUNNING = "running"
    SUCCESS = "success"
    WARNING = "warning"
    ERROR = "error"
    BORDER = "border"
    ROW_ALT = "row_alt"
    ROW_SELECTED = "row_selected"


@frozen
class Span:
    """A piece of a line."""

    text: str
    tone: Tone = Tone.FG
    bold: bool = False


Line: TypeAlias = tuple[Span, ...]
Frame: TypeAlias = tuple[Line, ...]


def clean(text: str) -> str:
    """The text without escape sequences, control characters and direction overrides: safe to show on a terminal."""
    if text.isprintable():
        return text
    text = _ESCAPES.sub("", text).expandtabs(4)
    return "".join(c for c in text if c.isprintable() or c == _JOINER)


def log_text(line: bytes) -> str:
    """A raw line of a log as text: what a carriage return overwrote is gone, escape sequences too."""
    return clean(line.decode("utf-8", "replace").rstrip("\r").rpartition("\r")[2])


def width(text: str) -> int:
    """Cells that the text takes on a terminal: 2 for East Asian wide characters and emoji, 0 for combining marks."""
    if text.isascii():
        return len(text)
    return sum(cells for _, cells in _clusters(text))


def _clusters(text: str) -> Iterator[tuple[str, int]]:
    """What a reader sees as one character, with its cells: joined emoji and combining marks stay together."""
    cluster, cells = "", 0
    for char in text:
        attached = bool(cluster) and (
            cluster[-1] == _JOINER or char in (_JOINER, _EMOJI_FORM) or unicodedata.category(char) in ("Mn", "Me")
        )
        if attached:
            cluster += char
            cells = 2 if char == _EMOJI_FORM else cells
            continue
        if cluster:
            yield cluster, cells
        cluster, cells = char, _char_cells(char)
    if cluster:
        yield cluster, cells


def _char_cells(char: str) -> int:
    if unicodedata.east_asian_width(char) in "WF":
        return 2
    return 0 if unicodedata.category(char) in ("Mn", "Me", "Cf") else 1


def clip(text: str, cells: int, ellipsis: str = "…") -> str:
    """The text cut to `cells` at its end, the ellipsis included."""
    if width(text) <= cells:
        return text
    return _head(text, cells - width(ellipsis)) + ellipsis[: max(cells, 0)]


def clip_middle(text: str, cells: int, ellipsis: str = "…") -> str:
    """The text cut to `cells` in its middle, so that the ends, which tell ids apart, stay."""
    room = cells - width(ellipsis)
    if width(text) <= cells or room < 2:
        return clip(text, cells, ellipsis)
    tail = "".join(reversed(_head_clusters([c for c, _ in _clusters(text)][::-1], room // 2)))
    return _head(text, room - width(tail)) + ellipsis + tail


def _head(text: str, cells: int) -> str:
    return "".join(_head_clusters([c for c, _ in _clusters(text)], cells))


def _head_clusters(clusters: list[str], cells: int) -> list[str]:
    kept, used = [], 0
    for cluster in clusters:
        used += width(cluster)
        if used > cells:
            break
        kept.append(cluster)
    return kept


def pad(text: str, cells: int, ellipsis: str = "…") -> str:
    """The text in exactly `cells`: cut, or filled with spaces."""
    text = clip(text, cells, ellipsis)
    return text + " " * (cells - width(text))


def line_width(line: Line) -> int:
    """Cells of a line."""
    return sum(width(span.text) for span in line)


def clip_line(line: Line, cells: int, ellipsis: str = "…") -> Line:
    """The line cut to `cells`, spans and tones kept."""
    if line_width(line) <= cells:
        return line
    kept: list[Span] = []
    room = cells
    for span in line:
        taken = width(span.text)
        if taken >= room:
            kept.append(replace(span, text=clip(span.text + " " * (taken == room), room, ellipsis)))
            break
        kept.append(span)
        room -= taken
    return tuple(kept)


def plain(frame: Frame) -> str:
    """The text of a frame without colour, each line ended."""
    return "".join("".join(span.text for span in line).rstrip() + "\n" for line in frame)


def fold_line(line: Line, cells: int) -> Frame:
    """The line broken into lines of so many cells, at spaces where it can be; further lines stand below its last span."""
    if line_width(line) <= cells or not line:
        return (line,)
    lead, last = line[:-1], line[-1]
    margin = line_width(lead)
    if margin > cells // 2:
        return (lead, *(fold_line((Span(" " * 4), last), cells)))
    folded: list[Line] = []
    rest = last.text
    while width(rest) > cells - margin:
        head = _head(rest, cells - margin)
        broken = head.rpartition(" ")[0] or head
        folded.append((*(lead if not folded else (Span(" " * margin),)), replace(last, text=broken)))
        rest = rest[len(broken) :].lstrip(" ")
    return (*folded, (Span(" " * margin), replace(last, text=rest)))
