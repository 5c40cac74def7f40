"""The error that this distribution raises."""

from __future__ import annotations

from orun_core.spec.errors import CompileError, Diagnostic


def refused(code: str, message: str, hint: str = "") -> CompileError:
    """A `CompileError` with one diagnostic, to be raised; `code` is given without its area `source/`."""
    return CompileError(Diagnostic(f"source/{code}", message, hint=hint))
