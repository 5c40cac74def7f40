"""Lines of logs as they are kept while they are shown: bounded, filtered, searched. Knows nothing of widgets."""

from __future__ import annotations

import re
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from orun_cockpit.view import LogLine

CAP = 10_000
"""Lines that are kept; the log itself is on disk."""
ERROR = re.compile(r"\b(error|errors|err|fatal|panic|fail|failed|failure|exception|traceback)\b", re.IGNORECASE)


class Lines:
    """What was read of some logs. `errors`: only lines that speak of errors."""

    def __init__(self, rule: str) -> None:
        self.errors = False
        self.dropped = False
        """True when lines before the first one were forgotten."""
        self._rule = rule
        self._lines: deque[LogLine] = deque()

    def __len__(self) -> int:
        return len(self._lines)

    def clear(self) -> None:
        """Forget all."""
        self._lines.clear()
        self.dropped = False

    def add(self, lines: Iterable[LogLine]) -> list[str]:
        """Keep lines that came; returns the texts to append to what is shown."""
        last = self._lines[-1] if self._lines else None
        new = list(lines)
        self._lines.extend(new)
        while len(self._lines) > CAP:
            self._lines.popleft()
            self.dropped = True
        return self._texts(new, last)

    def put_before(self, lines: Iterable[LogLine]) -> None:
        """Keep lines that stand before the first one, as many as there is room for."""
        room = CAP - len(self._lines)
        self._lines.extendleft(list(reversed(list(lines)))[: max(room, 0)])

    @property
    def full(self) -> bool:
        """True when no line before the first one can be kept."""
        return len(self._lines) >= CAP

    def texts(self) -> list[str]:
        """Everything to show: what is kept, each step below a line of its own."""
        return self._texts(self._lines, None)

    def heading(self, line: LogLine) -> str:
        """The line above the output of a step."""
        again = f" attempt {line.attempt}" if line.attempt > 1 else ""
        return f"{self._rule * 2} {line.job} {self._rule} {line.step}{again} {self._rule * 2}"

    def _texts(self, lines: Iterable[LogLine], before: LogLine | None) -> list[str]:
        texts = []
        for line in lines:
            if self.errors and not ERROR.search(line.text):
                continue
            if before is None or (before.job, before.step, before.attempt) != (line.job, line.step, line.attempt):
                texts.append(self.heading(line))
            texts.append(line.text)
            before = line
        return texts
