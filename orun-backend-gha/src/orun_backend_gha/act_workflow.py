"""A job of a plan as a workflow for act on this machine.

Scripts start through a wrapper of ours, which keeps exit statuses (act tells none of a step that may fail), repeats, and limits. On this
machine the first step makes the job's folder in act a link to the workspace, so that steps work in place and `uses: ./…` finds its action.
"""

from __future__ import annotations

import json
import os
import shlex
from base64 import b64encode
from dataclasses import replace
from typing import TYPE_CHECKING

from orun_core.spec.frozen import frozen

from orun_backend_gha import references
from orun_backend_gha.act_node import put_back
from orun_backend_gha.duration import seconds_of
from orun_backend_gha.expression import literal
from orun_backend_gha.naming import keys_of
from orun_backend_gha.workflow import is_image
from orun_backend_gha.workflow_step import Site, github_steps

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from orun_core.spec.backend import JobContext
    from orun_core.spec.plan import Job, Step

    from orun_backend_gha.yaml_text import Tree

LABEL = "orun"
VEIL = "ORUN_VEILED_"
LINK_STEP = "orun-link"
TEMPLATES = {
    "bash": "bash --noprofile --norc -eo pipefail {0}",
    "sh": "sh -e {0}",
    "python": "python3 {0}",
}
"""Shells that take a script of any name."""

WRAPPER = """\
key=$1 attempts=$2 limit=$3
shift 3
echo "$$" >> {folder}/groups
{restored}export GITHUB_SHA="${{GITHUB_SHA:-{sha}}}"
export ORUN_STEP_ID="$key" ORUN_ENV="$GITHUB_ENV" ORUN_OUTPUT="$GITHUB_OUTPUT" ORUN_PATH="$GITHUB_PATH"
export ORUN_STATE="$GITHUB_STATE" ORUN_STEP_SUMMARY="$GITHUB_STEP_SUMMARY"
attempt=1
while :; do
  if [ "$limit" = 0 ]; then
    "$@"
    status=$?
  else
    begun=$(date +%s)
    timeout -k 10 "$limit" "$@"
    status=$?
    # The timeout of busybox ends with the status of what it ended.
    if [ "$status" -eq 143 ] && [ $(($(date +%s) - begun)) -ge "${{limit%.*}}" ]; then
      status=124
    fi
  fi
  echo "$status" > {folder}/"$key.status"
  if [ "$status" -eq 0 ] || [ "$attempt" -ge "$attempts" ]; then
    echo "{marker}"
    exit "$status"
  fi
  echo "{marker} $status"
  sleep $((1 << (attempt > 5 ? 5 : attempt - 1)))
  attempt=$((attempt + 1))
done
"""


@frozen
class Place:
    """A step of the workflow: whose it is. `attempt` is above 1 for the repetition of an action."""

    step: Step
    index: int
    attempt: int = 1


def act_workflow(
    original: Job, event: str, context: JobContext, shell: str, name: str, *, link: bool = True
) -> tuple[dict[str, Tree], dict[str, Place]]:
    """The workflow of one job, and what its step ids stand for.

    `shell`: default shell; `name`: of the job, for act, which calls a container by it; `link`: the workspace is not in place yet.
    """
    site = Site(folder=original.path or ".", shell=shell, exact=False, names_files=False)
    keys = keys_of((step.id for step in original.steps), taken=[LINK_STEP])
    job = references.translated(original, keys)
    places: dict[str, Place] = {}
    steps: list[Tree] = [_link(context.workspace)] if link else []
    for index, step in enumerate(job.steps, start=1):
        key = keys[step.id]
        once = step if step.use else replace(step, retry=0, timeout="")
        for attempt, entry in enumerate(github_steps(once, key, site), start=1):
            places[str(entry["id"])] = Place(step, index, attempt)
            steps.append(entry if step.use else _wrapped(entry, step, key, site, context.scratch))
    whole: dict[str, Tree] = {"name": name, "runs-on": LABEL, "steps": steps}
    received = _received(original, context)
    if received:
        whole["env"] = received
    run: dict[str, Tree] = {"shell": shell}
    if site.folder != ".":
        run["working-directory"] = literal(site.folder)
    return {"name": "orun", "on": event, "defaults": {"run": run}, "jobs": {key_of(original): whole}}, places


def key_of(job: Job) -> str:
    """The key of the job in its workflow, `GITHUB_JOB` to its steps, as in an exported one."""
    return keys_of([job.id])[job.id]


def _received(job: Job, context: JobContext) -> dict[str, Tree]:
    """Outputs of dependencies, for expressions; scripts have them as variables.

    act evaluates the values of `env` a second time, so a value that looks like an expression is not given to any.
    """
    values = {name: context.environment.get(name, "") for name in references.needed(job).values()}
    return {name: values[name] for name in sorted(values) if "${{" not in values[name]}


def wrapper(scratch: Path, marker: str, sha: str, veiled: Iterable[str], node: str) -> str:
    """The script that starts every script of the job.

    `marker` tells the end of an attempt, with its status when it is repeated, and ends a last line, which act would lose in a container
    where the script does not; `veiled` are the variables that `past_act` hid; `node` is what `stand_in` put
    before the search path.
    """
    lines = (
        f'{name}="$(printf %s "${VEIL}{name}" | base64 -d; echo x)"\nexport {name}="${{{name}%x}}"\n' for name in veiled
    )
    return WRAPPER.format(
        sha=sha, folder=shlex.quote(str(scratch)), marker=marker, restored=put_back(node) + "".join(lines)
    )


def past_act(environment: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """An environment for act, and the variables that are hidden in it.

    act evaluates every variable that it inherits, so a value that looks like an expression goes by in base64.
    """
    veiled = sorted(name for name, value in environment.items() if "${{" in value and name.isidentifier())
    hidden = {f"{VEIL}{name}": b64encode(os.fsencode(environment[name])).decode() for name in veiled}
    return {name: value for name, value in environment.items() if name not in veiled} | hidden, veiled


def event_payload(facts: Mapping[str, str]) -> str:
    """A minimal payload, for a machine where no event happened."""
    name = facts.get("repository", "")
    owner, _, short = name.partition("/")
    repository = {"full_name": name, "name": short, "owner": {"login": owner}, "default_branch": "main"}
    return json.dumps({"ref": facts.get("ref", ""), "after": facts.get("sha", ""), "repository": repository})


def _link(workspace: Path) -> dict[str, Tree]:
    target = literal(shlex.quote(str(workspace)))
    script = f'folder="$GITHUB_WORKSPACE"\ncd /\nrmdir "$folder"\nln -s {target} "$folder"\n'
    return {"id": LINK_STEP, "shell": "sh", "working-directory": "/", "run": script}


def _wrapped(entry: dict[str, Tree], step: Step, key: str, site: Site, scratch: Path) -> dict[str, Tree]:
    """The script step, started through the wrapper. PowerShell insists on its own file name and so goes without."""
    shell = str(entry.get("shell", site.shell))
    template = TEMPLATES.get(shell, shell)
    if "{0}" not in template:
        return entry
    program = shlex.join(["sh", str(scratch / "wrapper.sh"), key, str(step.retry + 1), f"{seconds_of(step.timeout):g}"])
    return {**entry, "shell": f"{literal(program)} {template}"}


def runs_here(job: Job, *, containers: bool = False) -> bool:
    """True when the job asks for no container of its own, or, where jobs run in containers, for no service."""
    return (containers or not is_image(job.runs_on)) and not job.services
