"""The exporter `github-workflow`: the files of a plan's workflow, sharded when GitHub's limits ask for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orun_backend_gha.shards import sharded
from orun_backend_gha.workflow import Settings, workflow
from orun_backend_gha.yaml_text import yaml_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orun_core.spec.plan import Plan

    from orun_backend_gha.yaml_text import Tree

MAX_JOBS = 256
"""Jobs of one workflow file, the collector included."""
MAX_BYTES = 500_000
"""GitHub refuses files above 512 KB."""

HEAD = "# Written by `orun github export`"


def export(plan: Plan, options: Mapping[str, Any]) -> dict[str, bytes]:
    """Path in the repository → content. `options` are the fields of `Settings`."""
    settings = Settings(**options)
    whole = _content(workflow(plan, settings), plan)
    if len(plan.jobs) < MAX_JOBS and len(whole) <= MAX_BYTES:
        return {settings.path: whole}
    share = min(MAX_JOBS - 1, max(1, len(plan.jobs) * MAX_BYTES // len(whole) * 9 // 10))
    return {path: _content(tree, plan) for path, tree in sharded(plan, settings, share).items()}


def _content(tree: dict[str, Tree], plan: Plan) -> bytes:
    head = f"{HEAD} from plan {plan.metadata.checksum}.\n# Do not edit: change the intent and export again.\n"
    return (head + yaml_text(tree)).encode()
