"""The published JSON Schema of plans, and the check that what is written keeps it."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from orun_core.spec.errors import Diagnostic, PlanError

if TYPE_CHECKING:
    from collections.abc import Mapping


def plan_schema() -> dict[str, Any]:
    """The schema that ships with the package."""
    found: dict[str, Any] = json.loads(files("orun_core").joinpath("schemas/plan.schema.json").read_bytes())
    return found


def check_plan(tree: Mapping[str, Any]) -> None:
    """Raise `PlanError` (`plan/schema`) with every value that breaks the schema: a stage plugin wrote it, or it is a bug."""
    import jsonschema_rs

    errors = jsonschema_rs.validator_for(plan_schema()).iter_errors(tree)
    problems = [
        Diagnostic("plan/schema", f"/{'/'.join(map(str, error.instance_path))}: {error.message}") for error in errors
    ]
    if problems:
        raise PlanError(problems)
