"""GitHub expressions in the texts of a plan: where they may stand, and how everything else is kept literal."""

from __future__ import annotations

import re

EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}", re.DOTALL)
REFERENCES = {"bash": "${%s}", "sh": "${%s}", "pwsh": "${env:%s}", "powershell": "${env:%s}"}
"""How a shell reads a variable in the middle of a text."""


def literal(text: str) -> str:
    """The text as GitHub must be given it, so that no part of it is evaluated."""
    return text.replace("${{", "${{ '${{' }}")


def without_expressions(script: str, shell: str) -> tuple[str, dict[str, str]]:
    """A script whose expressions come through the environment, and that environment.

    What an expression gives is then data and never part of the script. A shell whose variables orun cannot write keeps them literal.
    """
    reference = REFERENCES.get(shell)
    if reference is None:
        return literal(script), {}
    values: dict[str, str] = {}

    def moved(found: re.Match[str]) -> str:
        name = next((key for key, value in values.items() if value == found[0]), f"ORUN_EXPRESSION_{len(values) + 1}")
        values[name] = found[0]
        return reference % name

    return literal(EXPRESSION.sub(moved, script)), values
