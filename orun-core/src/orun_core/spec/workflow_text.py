"""Text for the log of a step of GitHub Actions, whose runner looks for commands in every line of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_COMMAND: Final = re.compile(r"^[^\S\n]*:(?=:)|#(?=#\[)", re.MULTILINE)


def in_actions(environ: Mapping[str, str]) -> bool:
    """True when what is printed is the log of a step."""
    return environ.get("GITHUB_ACTIONS") == "true"


def without_commands(text: str) -> str:
    """The text with a space in whatever the runner would take for a command: `::` at the start of a line, `##[` anywhere."""
    return _COMMAND.sub(lambda found: f"{found[0]} ", text)
