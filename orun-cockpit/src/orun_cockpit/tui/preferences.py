"""The user's preferences for the cockpit, kept in `~/.config/orun/tui.json`."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING

from orun_core.spec.json_text import loads

from orun_cockpit.style import theme_path

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(slots=True)
class Preferences:
    """`keys` maps ids of actions, such as `logs.errors`, to other keys."""

    surface: str = "components"
    inspector: bool = True
    band: bool = True
    graph: bool = False
    environments: list[str] = field(default_factory=list)
    trigger: str = ""
    keys: dict[str, str] = field(default_factory=dict)


def preferences_path(environ: Mapping[str, str]) -> Path:
    """Where they are kept: beside the theme file."""
    return theme_path(environ).with_name("tui.json")


def load(path: Path) -> Preferences:
    """The kept preferences; the usual ones where the file says nothing that fits."""
    usual = Preferences()
    try:
        kept = loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return usual
    known = {each.name: getattr(usual, each.name) for each in fields(Preferences)}
    found = kept if isinstance(kept, dict) else {}
    return Preferences(**{name: found[name] for name in known if _fits(found.get(name), type(known[name]))})


def _fits(value: object, kind: type) -> bool:
    """True for a value of the kind; what a list or a mapping holds is text."""
    held = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return isinstance(value, kind) and all(isinstance(each, str) for each in held)


def save(preferences: Preferences, path: Path) -> None:
    """Replace the file as a whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(asdict(preferences), file, indent=2)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    Path(name).replace(path)
