"""The one place where secrets are taken out of text: every byte that leaves a run passes a `Masker` first.

A masker knows all variants of all secrets. A `MaskedStream` masks a byte stream chunk by chunk: it holds back only the bytes
that may turn out to be the beginning of a secret, so a value never leaks because it was split, and memory stays constant.

Speed: one regular expression of all variants is slow when there are many. A sieve decides first: the chunk's aligned 8-byte
words (4-byte ones when there are many short variants) are looked up in the set of all such pieces of the variants, at the same
speed for one secret and for hundreds.
"""

from __future__ import annotations

import re
import sys
import threading
from typing import TYPE_CHECKING

from orun_core.runtime.secret_variants import variants

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MASK = b"***"
_ANCHOR = 8
_FEW = 8


def _pattern(forms: Iterable[bytes]) -> re.Pattern[bytes] | None:
    ordered = sorted(forms, key=lambda form: (-len(form), form))
    return re.compile(b"|".join(map(re.escape, ordered))) if ordered else None


class _Sieve:
    """Says quickly that no variant is in a chunk: a variant of `2 * width - 1` bytes or more holds a whole aligned word."""

    def __init__(self, forms: frozenset[bytes]) -> None:
        medium = sum(len(form) < 15 for form in forms)
        self._width = 8 if medium <= _FEW else 4
        long = {form for form in forms if len(form) >= 2 * self._width - 1}
        self._short = tuple(sorted(forms - long))
        self._words = frozenset(
            int.from_bytes(form[at : at + self._width], sys.byteorder)
            for form in long
            for at in range(len(form) - self._width + 1)
        )

    def passes(self, data: bytes) -> bool:
        """False only when no variant is in `data`."""
        if any(form in data for form in self._short):
            return True
        whole = memoryview(data)[: len(data) // self._width * self._width]
        return not self._words.isdisjoint(whole.cast("Q") if self._width == 8 else whole.cast("I"))


class _Compiled:
    """The variants of one moment, ready to search."""

    def __init__(self, forms: frozenset[bytes]) -> None:
        self.forms = forms
        self._every = _pattern(forms)
        self._sieve = _Sieve(forms) if len(forms) > _FEW else None
        self._stems = frozenset(form[:size] for form in forms for size in range(1, min(_ANCHOR, len(form))))
        self._anchors = _pattern({form[:_ANCHOR] for form in forms if len(form) > _ANCHOR})
        self._longest = max(map(len, forms), default=0)

    def matches(self, data: bytes) -> Iterator[tuple[int, int]]:
        """Merged spans of all variants in `data`, also of overlapping ones, in order."""
        if self._every is None or (self._sieve is not None and not self._sieve.passes(data)):
            return
        match = self._every.search(data)
        if match is None:
            return
        start, end = match.span()
        while match is not None:
            match = self._every.search(data, match.start() + 1)
            if match is not None and match.start() <= end:
                end = max(end, match.end())
            else:
                yield start, end
                if match is not None:
                    start, end = match.span()

    def safe(self, data: bytes) -> int:
        """Position from which the end of `data` may be the beginning of a variant; its length when nothing may."""
        if not self.forms:
            return len(data)
        window = max(0, len(data) - self._longest + 1)
        if self._anchors is not None:
            at = window
            while match := self._anchors.search(data, at):
                tail = data[match.start() :]
                if any(len(form) > len(tail) and form.startswith(tail) for form in self.forms):
                    return match.start()
                at = match.start() + 1
        for size in range(min(_ANCHOR - 1, len(data)), 0, -1):
            if data[-size:] in self._stems:
                return len(data) - size
        return len(data)


class Masker:
    """All secrets of a run. Values may be added while streams are open; they count from the next chunk on."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._lock = threading.Lock()
        self.compiled = _Compiled(frozenset())
        self.add(*values)

    def add(self, *values: str) -> None:
        """Mask these values, too."""
        with self._lock:
            forms = self.compiled.forms.union(*map(variants, values))
            if forms != self.compiled.forms:
                self.compiled = _Compiled(forms)

    def mask(self, text: str) -> str:
        """The text without secrets."""
        if not self.compiled.forms:
            return text
        stream = MaskedStream(self)
        data = text.encode("utf-8", "surrogateescape")
        return (stream.feed(data) + stream.finish()).decode("utf-8", "surrogateescape")

    def reveals(self, text: str) -> bool:
        """True when the text holds a secret in any form."""
        return self.mask(text) != text


class MaskedStream:
    """Masks one byte stream; a secret, or secrets that overlap, become one `***`."""

    def __init__(self, masker: Masker) -> None:
        self._masker = masker
        self._held = b""
        self._covered = 0

    def feed(self, data: bytes) -> bytes:
        """The next bytes that are safe to show."""
        return self._advance(self._held + data if self._held else data, final=False)

    def finish(self) -> bytes:
        """The held rest, once the stream ended."""
        return self._advance(self._held, final=True)

    def _advance(self, data: bytes, *, final: bool) -> bytes:
        compiled = self._masker.compiled
        cut = len(data) if final else compiled.safe(data)
        shown, at = [], self._covered
        for start, end in compiled.matches(data):
            if start >= cut:
                break
            if start >= at and (start > at or at == 0):
                shown += [data[at:start], MASK]
            at = max(at, end)
        if at < cut:
            shown.append(data[at:cut])
            at = cut
        self._held, self._covered = data[cut:], at - cut
        return b"".join(shown)
