"""GitHub expressions in the texts of a plan: where they are kept, and how all other text is written literally."""

from __future__ import annotations

import re

OUTPUT = re.compile(r"\$\{\{\s*(?:steps\.[^\s{}]+\.outputs|env)\.[A-Za-z0-9_-]+\s*\}\}")
"""The expressions that a script may hold; any other `${{ … }}` belongs to a file that the script writes."""

REFERENCES = {"bash": "${%s}", "sh": "${%s}", "pwsh": "${env:%s}", "powershell": "${env:%s}"}
"""How a shell reads a variable in the middle of a text."""


def literal(text: str) -> str:
    """The text as GitHub must be given it, so that no part of it is evaluated."""
    return text.replace("${{", "${{ '${{' }}")


def without_expressions(script: str, shell: str) -> tuple[str, dict[str, str]]:
    """A script whose outputs of earlier steps come through the environment, and that environment.

    What they hold is then data and never part of the script. A shell whose variables orun cannot write gets them as text.
    """
    reference = REFERENCES.get(shell)
    names: dict[str, str] = {}
    written: list[str] = []
    place = 0
    for found in OUTPUT.finditer(script):
        name = names.setdefault(found[0], f"ORUN_EXPRESSION_{len(names) + 1}")
        written += [literal(script[place : found.start()]), reference % name if reference else found[0]]
        place = found.end()
    written.append(literal(script[place:]))
    return "".join(written), {name: text for text, name in names.items()} if reference else {}
