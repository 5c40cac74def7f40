"""Texts with marks: `▶` stands before what a diagnostic must point at, `▷` before each value that it overrode."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

MARK = re.compile("[▶▷]")


@dataclass
class Marks:
    """`where`: the one place marked `▶`; `overridden`: those marked `▷`, both as `file:line:column`."""

    where: str = ""
    overridden: list[str] = field(default_factory=list)

    def strip(self, file: str, text: str, first_line: int = 1) -> str:
        """The text without its marks, whose places are kept."""
        lines = []
        for number, line in enumerate(text.split("\n"), first_line):
            while found := MARK.search(line):
                place = f"{file}:{number}:{found.start() + 1}"
                if found.group() == "▶":
                    self.where = place
                else:
                    self.overridden.append(place)
                line = line[: found.start()] + line[found.end() :]
            lines.append(line)
        return "\n".join(lines)
