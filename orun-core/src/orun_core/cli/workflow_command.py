"""Commands that the runner of GitHub Actions finds in the output of a step."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from orun_core.spec.errors import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from orun_core.spec.errors import Diagnostic

KINDS: Final[Mapping[Severity, str]] = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.NOTE: "notice",
}


def escape(text: str) -> str:
    """Text of a workflow command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def escape_property(text: str) -> str:
    """Value of a property of a workflow command."""
    return escape(text).replace(":", "%3A").replace(",", "%2C")


def annotation(diagnostic: Diagnostic, folder: Path, checkout: str) -> str:
    """The command that shows a problem beside its source line. `folder`: of the intent; `checkout`: of the repository."""
    where = diagnostic.where
    properties = {"title": diagnostic.code}
    if where:
        path = folder / where.file
        properties["file"] = os.path.relpath(path, checkout) if checkout else where.file
        numbers = {"line": where.line, "col": where.column}
        properties |= {name: str(number) for name, number in numbers.items() if number}
    told = ",".join(f"{name}={escape_property(value)}" for name, value in properties.items())
    message = f"{diagnostic.message}\n{diagnostic.hint}".strip()
    return f"::{KINDS[diagnostic.severity]} {told}::{escape(message)}"
