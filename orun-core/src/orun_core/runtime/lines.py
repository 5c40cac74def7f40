"""Turns masked bytes into lines for live subscribers, and finds links on the way."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_LONGEST = 1 << 16
_MOST_LINKS = 20
_LINK = re.compile(r"(?P<label>[^\n]*?)(?P<url>https?://[^\s\"'<>`\x1b]+)")
_LOOPBACK = re.compile(r"https?://(localhost|127\.|0\.0\.0\.0|\[::1?\])")


class LineSplitter:
    """Cuts a byte stream into lines without their ends; an endless line is cut into pieces, so memory stays constant.

    `show` receives each line, None when nobody wants them; `links` collects label → URL.
    """

    def __init__(self, show: Callable[[str], None] | None, links: dict[str, str]) -> None:
        self._show = show
        self._links = links
        self._rest = b""

    def feed(self, data: bytes) -> None:
        """The next bytes."""
        if self._show is None and b"http" not in data and b"http" not in self._rest:
            self._rest = data[-200:]
            return
        *whole, self._rest = (self._rest + data).split(b"\n")
        for line in whole:
            self._line(line.removesuffix(b"\r"))
        while len(self._rest) > _LONGEST:
            self._line(self._rest[:_LONGEST])
            self._rest = self._rest[_LONGEST:]

    def finish(self) -> None:
        """The stream ended."""
        if self._rest:
            self._line(self._rest)
            self._rest = b""

    def _line(self, line: bytes) -> None:
        text = line.decode("utf-8", "replace")
        if self._show is not None:
            self._show(text)
        if "http" in text and len(self._links) < _MOST_LINKS:
            collect_links(text, self._links)


def collect_links(text: str, links: dict[str, str]) -> None:
    """Add the URLs of a line by label: the text before the URL, at most 20 characters, `Link` when there is none."""
    for found in _LINK.finditer(text):
        url = found["url"].rstrip(".,;:)]}")
        label = found["label"].strip().rstrip(":-=").strip()[-20:].strip() or "Link"
        if url in links.values() or _LOOPBACK.match(url):
            continue
        name, number = label, 2
        while name in links:
            name, number = f"{label} {number}", number + 1
        links[name] = url
