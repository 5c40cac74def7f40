"""A line per hook call, in the file that `ORUN_DEMO_TRANSCRIPT` names."""

from __future__ import annotations

import os
from pathlib import Path


def called(what: str) -> None:
    """Append a line, when somebody wants to read it."""
    if file := os.environ.get("ORUN_DEMO_TRANSCRIPT"):
        with Path(file).open("a", encoding="utf-8") as stream:
            stream.write(what + "\n")
