"""From the file of a plan to its value: version, shape and seal are verified before anything else looks at it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from orun_core.plan.seal import verify
from orun_core.plan.soundness import hidden_characters, unsound
from orun_core.spec.errors import Diagnostic, Location, PlanError
from orun_core.spec.nearest import did_you_mean
from orun_core.spec.plan import API_VERSION, KIND, Plan
from orun_core.spec.tree import ShapeError, build

if TYPE_CHECKING:
    from pathlib import Path

    from orun_core.spec.tree import Fault

_HIDDEN: Final = re.compile(rb"\0|\\u(?:0000|[dD][89a-fA-F])")
"""What every JSON document has that holds a NUL or a surrogate, in any encoding."""


def read_plan(path: Path) -> Plan:
    """The plan in a JSON file, sealed and of this version.

    Raises `PlanError`: `plan/unreadable`, `plan/version`, `plan/schema` with one diagnostic per wrong value, `plan/seal`,
    `plan/graph` when its jobs are not a DAG.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise PlanError(Diagnostic("plan/unreadable", f"{path} cannot be read: {error.strerror}")) from error
    return parse_plan(content, str(path))


def parse_plan(content: bytes, file: str) -> Plan:
    """The plan in the bytes of a JSON document called `file`; errors as `read_plan`."""
    try:
        tree = json.loads(content, object_pairs_hook=_unique, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        where = Location(file, error.lineno, error.colno)
        raise PlanError(Diagnostic("plan/unreadable", f"the plan is not JSON: {error.msg}", where)) from error
    except (ValueError, RecursionError) as error:
        raise PlanError(Diagnostic("plan/unreadable", f"the plan is not JSON: {error}", Location(file))) from error
    return plan_of(tree, file, plain=not _HIDDEN.search(content))


def plan_of(tree: Any, file: str, *, plain: bool = False) -> Plan:
    """The plan in a JSON tree that was read from `file`; errors as `read_plan`, without `plan/unreadable`.

    `plain`: it is known that no text of the tree holds a NUL or a surrogate.
    """
    _check_version(tree, file)
    try:
        plan = build(Plan, tree, closed=True)
    except ShapeError as error:
        raise PlanError(_diagnostic(fault, file) for fault in error.faults) from error
    verify(tree, file)
    problems = [*(() if plain else hidden_characters(tree, file)), *unsound(plan, file)]
    if problems:
        raise PlanError(problems)
    return plan


def _check_version(tree: Any, file: str) -> None:
    found = (tree.get("apiVersion"), tree.get("kind")) if isinstance(tree, dict) else (None, None)
    if found != (API_VERSION, KIND):
        message = f"this is no plan of version {API_VERSION}: apiVersion is {found[0]!r}, kind is {found[1]!r}"
        hint = "compile one with `orun plan`, or use the orun that wrote this one"
        raise PlanError(Diagnostic("plan/version", message, Location(file), hint))
    metadata = tree.get("metadata")
    if isinstance(metadata, dict) and not ({"seal", "compiler"} & metadata.keys()):
        hint = "compile it anew with `orun plan`"
        raise PlanError(
            Diagnostic("plan/version", "another orun wrote this plan: it has no seal", Location(file), hint)
        )


def _diagnostic(fault: Fault, file: str) -> Diagnostic:
    where = Location(file, pointer=fault.pointer)
    hint = did_you_mean(fault.unknown, fault.known) if fault.unknown else ""
    return Diagnostic("plan/schema", f"{fault.pointer or 'the plan'} {fault.message}", where, hint)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    tree = dict(pairs)
    if len(tree) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f'an object has the key "{twice}" twice')
    return tree


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON number")
