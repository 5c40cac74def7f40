"""The one way this plugin refuses something."""

from __future__ import annotations

from orun_core.spec.errors import CompileError, Diagnostic


def refused(code: str, message: str, hint: str = "") -> CompileError:
    """An error with one diagnostic; `code` without its area `source/`."""
    return CompileError(Diagnostic(f"source/{code}", message, hint=hint))
