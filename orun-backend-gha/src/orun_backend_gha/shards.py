"""Splits a plan that is too large for one workflow into reusable workflows, which one workflow calls.

The jobs are cut in the order of the plan, so a file only depends on files before it. Each file reports which of its jobs succeeded;
a job whose dependency is in an earlier file asks that report, and so runs exactly when it would in one large file. Outputs of steps that a
later file reads are outputs of the one and inputs of the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from orun_core.spec.frozen import frozen

from orun_backend_gha import references
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


@frozen
class Part:
    """The jobs of one file. `reads`: outputs of jobs of other files, and `gives`: outputs that other files read, by (job, output)."""

    jobs: Sequence[Job]
    path: str
    reads: Mapping[tuple[str, str], str]
    gives: Mapping[tuple[str, str], str]


def sharded(plan: Plan, settings: Settings, share: int) -> dict[str, dict[str, Tree]]:
    """The calling workflow and one reusable workflow per `share` jobs, by path."""
    keys = keys_of((job.id for job in plan.jobs), taken=[COLLECTOR])
    parts = _parts(plan, settings, share)
    files = {settings.path: _caller(parts, settings)}
    for part in parts:
        files[part.path] = _part(part, plan, keys, settings)
    return files


def _parts(plan: Plan, settings: Settings, share: int) -> list[Part]:
    """The plan cut into files; what goes from one to another has a name that all of them share."""
    pieces = [plan.jobs[start : start + share] for start in range(0, len(plan.jobs), share)]
    home = {job.id: number for number, piece in enumerate(pieces) for job in piece}
    read = [
        {pair for job in piece for pair in references.needed(job) if home.get(pair[0], number) != number}
        for number, piece in enumerate(pieces)
    ]
    crossing = sorted(set().union(*read)) if settings.style == "native" else []
    names = dict(zip(crossing, keys_of(map(".".join, crossing), taken=["succeeded"]).values(), strict=True))
    stem = settings.path.rpartition(".")[0]
    return [
        Part(
            piece,
            f"{stem}-{number + 1}.yml",
            {pair: name for pair, name in names.items() if pair in read[number]},
            {pair: name for pair, name in names.items() if home[pair[0]] == number},
        )
        for number, piece in enumerate(pieces)
    ]


def _caller(parts: Sequence[Part], settings: Settings) -> dict[str, Tree]:
    jobs: dict[str, Tree] = {}
    giver = {name: number for number, part in enumerate(parts, start=1) for name in part.gives.values()}
    for number, part in enumerate(parts, start=1):
        entry: dict[str, Tree] = {"name": f"Part {number} of {len(parts)}"}
        sources = {"succeeded": number - 1} | {name: giver[name] for name in part.reads.values()}
        if number > 1:
            entry["needs"] = [f"part-{source}" for source in sorted(set(sources.values()))]
            entry["if"] = "!cancelled()"
        entry["permissions"] = {"contents": "read"}
        entry["uses"] = Commented(
            f"./{part.path}", "zizmor: ignore[self-repository] -- not every server knows the newer form"
        )
        if number > 1:
            entry["with"] = {name: f"${{{{ needs.part-{source}.outputs.{name} }}}}" for name, source in sources.items()}
        secrets = _secrets(part.jobs)
        if secrets:
            entry["secrets"] = {name: f"${{{{ secrets.{name} }}}}" for name in secrets}
        jobs[f"part-{number}"] = entry
    jobs[COLLECTOR] = collector(list(jobs))
    return {**heading(settings), "on": dispatch(), "permissions": {}, "jobs": jobs}


def _part(part: Part, plan: Plan, keys: Mapping[str, str], settings: Settings) -> dict[str, Tree]:
    here = {job.id: keys[job.id] for job in part.jobs}
    jobs: dict[str, Tree] = {}
    for job in part.jobs:
        entry = _reading(plan_job(job, plan, here, settings), job, part)
        elsewhere = [keys[name] for name in job.depends_on if name not in here]
        if elsewhere:
            entry = _asking(entry, elsewhere)
        jobs[keys[job.id]] = entry
    jobs[COLLECTOR] = _reporter(list(jobs))
    name = part.path.rpartition("/")[2].removesuffix(".yml")
    return {"name": name, "on": {"workflow_call": _call(part, keys)}, **defaults(), "jobs": jobs}


def _call(part: Part, keys: Mapping[str, str]) -> dict[str, Tree]:
    """What a file takes and gives."""
    succeeded: dict[str, Tree] = {
        "description": "Jobs of earlier parts that succeeded",
        "type": "string",
        "default": "[]",
    }
    inputs: dict[str, Tree] = {"succeeded": succeeded}
    outputs: dict[str, Tree] = {
        "succeeded": {
            "description": "Jobs that succeeded, of earlier parts too",
            "value": f"${{{{ jobs.{COLLECTOR}.outputs.succeeded }}}}",
        }
    }
    for (job, output), name in part.reads.items():
        inputs[name] = {"description": f"Output {output} of {job}", "type": "string", "default": ""}
    for (job, output), name in part.gives.items():
        value = f"${{{{ jobs.{keys[job]}.outputs.{output} }}}}"
        outputs[name] = {"description": f"Output {output} of {job}", "value": value}
    call: dict[str, Tree] = {"inputs": inputs, "outputs": outputs}
    secrets = _secrets(part.jobs)
    if secrets:
        call["secrets"] = {name: {"required": False} for name in secrets}
    return call


def _reading(entry: dict[str, Tree], job: Job, part: Part) -> dict[str, Tree]:
    """The job, with the outputs of jobs of other files in its environment."""
    needed = references.needed(job)
    given: dict[str, Tree] = {
        needed[pair]: f"${{{{ inputs.{name} }}}}" for pair, name in part.reads.items() if pair in needed
    }
    if not given:
        return entry
    env = entry.get("env")
    whole = {**(env if isinstance(env, dict) else {}), **given}
    return {**entry, "env": {name: whole[name] for name in sorted(whole)}}


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
