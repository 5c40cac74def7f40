"""What to say when a name on the command line matches nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orun_core.spec.errors import Diagnostic
from orun_core.spec.nearest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence


def unknown(kind: str, name: str, known: Sequence[str], also: str = "") -> Diagnostic:
    """The diagnostic (`usage/unknown-name`) with the nearest of the known names; `also` follows on lines of its own."""
    return Diagnostic(
        "usage/unknown-name",
        "\n".join(filter(None, (f"no {kind} named '{name}'", also))),
        hint=did_you_mean(name, known),
    )
