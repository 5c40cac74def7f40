"""A check of a plugin's module against the contract, for the plugin's own tests."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING

from orun_core.spec import hooks

if TYPE_CHECKING:
    from types import FunctionType, ModuleType


def check_plugin(module: ModuleType) -> tuple[str, ...]:
    """What is wrong with the hook implementations of a module, one sentence each; empty when it keeps the contract.

    Looks at names, parameters and annotations. A type checker sees none of this: it does not relate an implementation to
    its specification. Annotations are compared as written, so both sides need `from __future__ import annotations`.
    """
    problems: list[str] = []
    for name, function in vars(module).items():
        if inspect.isfunction(function) and hasattr(function, "orun_impl"):
            specified = vars(hooks).get(name)
            problems += [f"{name}: no such hook"] if specified is None else _differences(name, function, specified)
    return tuple(problems)


def _differences(name: str, function: FunctionType, specified: FunctionType) -> list[str]:
    given, wanted = inspect.signature(function), inspect.signature(specified)
    problems = [
        f"{name}: parameter {parameter} should be {wanted.parameters.get(parameter.name, 'left out')}"
        for parameter in given.parameters.values()
        if parameter.name not in wanted.parameters
        or _bare(parameter.annotation) != _bare(wanted.parameters[parameter.name].annotation)
    ]
    returned = _bare(wanted.return_annotation).removesuffix(" | None")
    if _bare(given.return_annotation) not in (returned, f"{returned} | None"):
        problems.append(f"{name}: returns {given.return_annotation}, should return {returned}")
    options = [option for option in ("wrapper", "hookwrapper", "tryfirst", "trylast") if function.orun_impl[option]]  # type: ignore[attr-defined]
    return problems + [f"{name}: {option} is refused" for option in options]


def _bare(annotation: object) -> str:
    """An annotation as written, without the modules before its names: `stages.Plan` is `Plan`."""
    return re.sub(r"\b\w+\.", "", str(annotation))
