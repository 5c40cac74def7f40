"""`${{ steps.ID.outputs.NAME }}` and `${{ needs.JOB.outputs.NAME }}` in the fields of a step.

Every other `${{ … }}` is left as it stands: it may belong to a file that the script writes. Values are inserted as text; a
value that is not trusted belongs in `env`, from where the script reads it as a variable.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from orun_core.spec.errors import Diagnostic, RunError

if TYPE_CHECKING:
    from collections.abc import Mapping

_EXPRESSION = re.compile(r"\$\{\{\s*(steps|needs)\.([^\s{}]+)\.outputs\.([A-Za-z0-9_-]+)\s*\}\}")


def substitute(text: str, contexts: Mapping[str, Mapping[str, Mapping[str, str]]]) -> str:
    """The text with outputs filled in; an output that was not written is empty. Raises `RunError` for an unknown step or job."""
    if "${{" not in text:
        return text

    def value(found: re.Match[str]) -> str:
        kind, owner, name = found.groups()
        if owner not in contexts[kind]:
            known = ", ".join(sorted(contexts[kind])) or "none"
            message = f"{found[0]}: no earlier {'step' if kind == 'steps' else 'dependency'} {owner!r}"
            raise RunError(Diagnostic("run/unknown-output", message, hint=f"known here: {known}"))
        return contexts[kind][owner].get(name, "")

    return _EXPRESSION.sub(value, text)
