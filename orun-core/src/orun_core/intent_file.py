"""Which file is the intent, and what is said where there is none."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from orun_core.spec.errors import Diagnostic

INTENT_NAMES: Final = ("intent.yaml", "intent.yml")


def find_intent(start: Path) -> Path | None:
    """The nearest intent file from a folder upward, not above the git root."""
    for folder in (start, *start.parents):
        for name in INTENT_NAMES:
            if (folder / name).is_file():
                return folder / name
        if (folder / ".git").exists():
            return None
    return None


def no_intent(folder: Path) -> Diagnostic:
    """The diagnostic of a command that needs an intent where there is none."""
    names = " or ".join(INTENT_NAMES)
    return Diagnostic(
        "usage/no-intent",
        f"no {names} in {folder} or above it",
        hint="change to a folder of the project, or name the file with --intent",
    )


def no_file(intent: Path) -> Diagnostic:
    """The diagnostic of an --intent that names no file."""
    shown = intent.relative_to(Path.cwd()) if intent.is_relative_to(Path.cwd()) else intent
    inside = [name for name in INTENT_NAMES if (intent / name).is_file()]
    hint = f"write --intent {shown / inside[0]}" if inside else "--intent names a file, from the working folder"
    return Diagnostic("usage/no-intent", f"{shown} is {'a folder' if intent.is_dir() else 'not there'}", hint=hint)
