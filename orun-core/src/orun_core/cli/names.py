"""What to say when a name on the command line matches nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orun_core.spec.errors import Diagnostic

if TYPE_CHECKING:
    from collections.abc import Sequence


def unknown(kind: str, name: str, known: Sequence[str], also: str = "") -> Diagnostic:
    """The diagnostic (`usage/unknown-name`) with the nearest of the known names; `also` follows on lines of its own."""
    from difflib import get_close_matches

    near = get_close_matches(name, known, 1)
    hint = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(known)}"
    return Diagnostic("usage/unknown-name", "\n".join(filter(None, (f"no {kind} named '{name}'", also))), hint=hint)
