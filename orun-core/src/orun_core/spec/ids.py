"""Ids that are derived, so that everybody who needs one finds the same: of a plan, and of a run inside GitHub Actions."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def plan_id(checksum: str) -> str:
    """The id of the plan with this checksum, its first 12 hex digits: `ORUN_PLAN_ID`; `orun run ID` finds the plan by it."""
    return checksum.removeprefix("sha256-")[:12]


def github_exec_id(plan: str, environ: Mapping[str, str]) -> str:
    """The execution id `gh-RUN-ATTEMPT-PLAN`, which all jobs of one attempt of a run of GitHub Actions share.

    `plan` is the id of a plan. Empty outside GitHub Actions, and without a plan.
    """
    run = environ.get("GITHUB_RUN_ID", "")
    return f"gh-{run}-{environ.get('GITHUB_RUN_ATTEMPT') or '1'}-{plan}" if run and plan else ""
