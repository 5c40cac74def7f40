"""The exporter `github-output`: what `orun plan --github-output` appends to `$GITHUB_OUTPUT` for a matrix of jobs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from orun_core.spec.errors import Diagnostic, Severity
from orun_core.spec.ids import github_exec_id, plan_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from orun_core.spec.plan import Job, Plan

LIMIT = 256
"""Entries that GitHub accepts in one matrix."""
FILE = "GITHUB_OUTPUT"


def export(plan: Plan, options: Mapping[str, Any]) -> dict[str, bytes]:
    """The lines of the outputs `matrix`, `plan_id`, `exec_id`, and for a plan above the limit `shards` and `matrix_1` ….

    `options`: `environ`, from which the run's number comes, and `report`, told of a plan above the limit.
    """
    environ: Mapping[str, str] = options.get("environ", {})
    short = plan_id(plan.metadata.checksum)
    values = {"matrix": _matrix(plan.jobs), "plan_id": short, "exec_id": github_exec_id(short, environ)}
    if len(plan.jobs) > LIMIT:
        parts = [plan.jobs[start : start + LIMIT] for start in range(0, len(plan.jobs), LIMIT)]
        values["shards"] = json.dumps([number for number, _ in enumerate(parts, start=1)])
        values |= {f"matrix_{number}": _matrix(part) for number, part in enumerate(parts, start=1)}
        if "report" in options:
            options["report"]((_above(plan, len(parts)),))
    return {FILE: "".join(_line(name, value) for name, value in values.items()).encode()}


def _matrix(jobs: Sequence[Job]) -> str:
    entries = [
        {
            "id": job.id,
            "uid": job.uid,
            "component": job.component,
            "env": job.environment,
            "composition": job.composition,
            "profile": job.profile,
        }
        for job in jobs
    ]
    return json.dumps({"include": entries}, separators=(",", ":"), ensure_ascii=False)


def _line(name: str, value: str) -> str:
    """One output. JSON holds no line end, so the delimiter cannot occur alone on a line of it."""
    return f"{name}<<EOF\n{value}\nEOF\n" if value.startswith("{") else f"{name}={value}\n"


def _above(plan: Plan, parts: int) -> Diagnostic:
    message = f"the plan has {len(plan.jobs)} jobs and GitHub accepts {LIMIT} in a matrix"
    hint = f"use the outputs matrix_1 to matrix_{parts}, or `orun github export`"
    return Diagnostic("github/matrix-limit", message, hint=hint, severity=Severity.WARNING)
