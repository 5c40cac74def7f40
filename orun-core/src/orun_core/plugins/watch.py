"""Telling observers what happened: frozen values in, nothing out, a failure is a warning with a name on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orun_core.plugins.invoke import nothing
from orun_core.spec.errors import OrunError, Severity

if TYPE_CHECKING:
    from orun_core.plugins.registry import Registry
    from orun_core.spec.errors import Diagnostic


def tell(registry: Registry, hook: str, **what: object) -> tuple[Diagnostic, ...]:
    """Call every observer of a hook in name order; the warnings are about those that failed."""
    warnings: list[Diagnostic] = []
    for observer in registry.observers(hook):
        try:
            nothing(observer, **what)
        except OrunError as error:
            warnings.extend(_attributed(problem, observer.plugin.name) for problem in error.diagnostics)
    return tuple(warnings)


def _attributed(problem: Diagnostic, plugin: str) -> Diagnostic:
    from dataclasses import replace

    return replace(problem, severity=Severity.WARNING, plugin=plugin)
