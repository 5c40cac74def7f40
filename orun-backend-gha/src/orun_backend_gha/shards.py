"""A plan too large for one workflow, as reusable workflows that one workflow calls.

The jobs are cut in the order of the plan, so a file only depends on files before it. Each file reports which of its jobs succeeded;
a job whose dependency is in an earlier file asks that report, and so runs exactly when it would in one large file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orun_backend_gha.naming import keys_of
from orun_backend_gha.workflow import COLLECTOR, collector, defaults, dispatch, heading, plan_job
from orun_backend_gha.yaml_text import Commented

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from orun_core.spec.plan import Job, Plan

    from orun_backend_gha.workflow import Settings
    from orun_backend_gha.yaml_text import Tree

REPORT = """\
succeeded="$(jq -c --argjson earlier "$EARLIER" '$earlier + [to_entries[] | select(.value.result == "success") | .key]' <<<"$NEEDS")"
echo "succeeded=$succeeded" >> "$GITHUB_OUTPUT"
jq -e 'all(.[]; .result == "success")' <<<"$NEEDS" > /dev/null
"""


def sharded(plan: Plan, settings: Settings, share: int) -> dict[str, dict[str, Tree]]:
    """The calling workflow and one reusable workflow per `share` jobs, by path."""
    keys = keys_of((job.id for job in plan.jobs), taken=[COLLECTOR])
    parts = [plan.jobs[start : start + share] for start in range(0, len(plan.jobs), share)]
    stem = settings.path.rpartition(".")[0]
    paths = [f"{stem}-{number}.yml" for number in range(1, len(parts) + 1)]
    files = {settings.path: _caller(parts, paths, settings)}
    for part, path in zip(parts, paths, strict=True):
        files[path] = _part(part, plan, keys, settings, path)
    return files


def _caller(parts: Sequence[Sequence[Job]], paths: Sequence[str], settings: Settings) -> dict[str, Tree]:
    jobs: dict[str, Tree] = {}
    for number, (part, path) in enumerate(zip(parts, paths, strict=True), start=1):
        entry: dict[str, Tree] = {"name": f"Part {number} of {len(parts)}"}
        if number > 1:
            entry["needs"] = f"part-{number - 1}"
            entry["if"] = "!cancelled()"
        entry["permissions"] = {"contents": "read"}
        entry["uses"] = Commented(
            f"./{path}", "zizmor: ignore[self-repository] -- not every server knows the newer form"
        )
        if number > 1:
            entry["with"] = {"succeeded": f"${{{{ needs.part-{number - 1}.outputs.succeeded }}}}"}
        secrets = _secrets(part)
        if secrets:
            entry["secrets"] = {name: f"${{{{ secrets.{name} }}}}" for name in secrets}
        jobs[f"part-{number}"] = entry
    jobs[COLLECTOR] = collector(list(jobs))
    return {**heading(settings), "on": dispatch(), "permissions": {}, "jobs": jobs}


def _part(part: Sequence[Job], plan: Plan, keys: Mapping[str, str], settings: Settings, path: str) -> dict[str, Tree]:
    here = {job.id: keys[job.id] for job in part}
    jobs: dict[str, Tree] = {}
    for job in part:
        entry = plan_job(job, plan, here, settings)
        elsewhere = [keys[name] for name in job.depends_on if name not in here]
        if elsewhere:
            entry = _asking(entry, elsewhere)
        jobs[keys[job.id]] = entry
    jobs[COLLECTOR] = _reporter(list(jobs))
    call: dict[str, Tree] = {
        "inputs": {
            "succeeded": {"description": "Jobs of earlier parts that succeeded", "type": "string", "default": "[]"}
        },
        "outputs": {
            "succeeded": {
                "description": "Jobs that succeeded, of earlier parts too",
                "value": f"${{{{ jobs.{COLLECTOR}.outputs.succeeded }}}}",
            }
        },
    }
    secrets = _secrets(part)
    if secrets:
        call["secrets"] = {name: {"required": False} for name in secrets}
    name = path.rpartition("/")[2].removesuffix(".yml")
    return {"name": name, "on": {"workflow_call": call}, **defaults(), "jobs": jobs}


def _asking(entry: dict[str, Tree], elsewhere: Sequence[str]) -> dict[str, Tree]:
    """The job, run only when the jobs of earlier files succeeded."""
    asked = [f"contains(fromJSON(inputs.succeeded || '[]'), '{key}')" for key in elsewhere]
    condition = " && ".join([*([str(entry["if"])] if "if" in entry else []), *asked])
    place = ("name", "needs")
    return {
        **{key: entry[key] for key in place if key in entry},
        "if": condition,
        **{key: value for key, value in entry.items() if key not in (*place, "if")},
    }


def _reporter(keys: Sequence[str]) -> dict[str, Tree]:
    entry = collector(keys)
    entry["outputs"] = {"succeeded": "${{ steps.report.outputs.succeeded }}"}
    env: dict[str, Tree] = {"EARLIER": "${{ inputs.succeeded || '[]' }}", "NEEDS": "${{ toJSON(needs) }}"}
    entry["steps"] = [{"id": "report", "name": "Report", "env": env, "run": REPORT}]
    return entry


def _secrets(part: Sequence[Job]) -> list[str]:
    return sorted({ref.as_env for job in part for ref in job.secret_refs})
