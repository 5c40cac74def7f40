"""What a job of a workflow needs from elsewhere: files of earlier jobs, services, and orun itself."""

from __future__ import annotations

import posixpath
import shlex
from typing import TYPE_CHECKING

from orun_core.spec.ids import plan_id

from orun_backend_gha.actions import DOWNLOAD, SETUP_PYTHON, UPLOAD
from orun_backend_gha.expression import literal

if TYPE_CHECKING:
    from orun_core.spec.plan import Job, Plan, Service

    from orun_backend_gha.yaml_text import Tree


def given(job: Job, root: str) -> list[Tree]:
    """Steps that keep the job's output files for the jobs after it: one archive, so that paths survive."""
    if not job.outputs:
        return []
    paths = [posixpath.normpath(posixpath.join(root, job.path, output)) for output in job.outputs]
    script = f"""\
cd "$GITHUB_WORKSPACE"
set --
for path in {" ".join(shlex.quote(path) for path in paths)}; do
  if [ -e "$path" ]; then set -- "$@" "$path"; fi
done
tar -cf "$RUNNER_TEMP/outputs.tar" -T /dev/null "$@"
"""
    upload: dict[str, Tree] = {
        "name": f"outputs-{job.uid}",
        "path": "${{ runner.temp }}/outputs.tar",
        "retention-days": 1,
    }
    pack: dict[str, Tree] = {"name": "Pack outputs", "run": literal(script)}
    return [pack, {"name": "Keep outputs", "uses": UPLOAD, "with": upload}]


def received(job: Job, plan: Plan) -> list[Tree]:
    """Steps that bring the output files of all jobs before this one."""
    steps: list[Tree] = []
    for earlier in before(job, plan):
        folder = "${{ runner.temp }}/" + earlier.uid
        fetch: dict[str, Tree] = {"name": f"outputs-{earlier.uid}", "path": folder}
        steps.append({"name": literal(f"Outputs of {earlier.id}"), "uses": DOWNLOAD, "with": fetch})
        unpack = f'tar -xf "$RUNNER_TEMP/{earlier.uid}/outputs.tar" -C "$GITHUB_WORKSPACE"'
        steps.append(
            {
                "name": literal(f"Unpack outputs of {earlier.id}"),
                "working-directory": "${{ github.workspace }}",
                "run": unpack,
            }
        )
    return steps


def before(job: Job, plan: Plan) -> list[Job]:
    """The jobs with outputs that this one depends on, directly or not, in the order of the plan."""
    found = set(job.depends_on)
    for other in reversed(plan.jobs):
        if other.id in found:
            found.update(other.depends_on)
    return [other for other in plan.jobs if other.id in found and other.outputs]


def service(wanted: Service) -> dict[str, Tree]:
    """A service container; `health` becomes Docker's own health check, which GitHub waits for."""
    entry: dict[str, Tree] = {"image": literal(wanted.image)}
    if wanted.env:
        entry["env"] = {name: literal(wanted.env[name]) for name in sorted(wanted.env)}
    if wanted.ports:
        entry["ports"] = list(wanted.ports)
    if wanted.health:
        entry["options"] = literal(
            f"--health-cmd {shlex.quote(wanted.health)} --health-interval 5s --health-retries 20"
        )
    return entry


def orun_steps(job: Job, plan: Plan, install: str, root: str) -> list[Tree]:
    """Steps that compile the plan again, refuse another one, and run this job of it through orun."""
    short = plan_id(plan.metadata.checksum)
    compiled = shlex.join(["orun", "plan", *_selection(plan), "--output", "orun-plan.json"])
    same = f"""test "$(jq -r .metadata.checksum orun-plan.json)" = {shlex.quote(plan.metadata.checksum)}"""
    run = f"orun run --plan orun-plan.json --job {shlex.quote(job.id)}"
    script = [
        compiled,
        same,
        f'{run} --exec-id "gh-$GITHUB_RUN_ID-$GITHUB_RUN_ATTEMPT-{short}" --runner github-actions',
    ]
    step: dict[str, Tree] = {"name": "Run", "run": literal("\n".join(script) + "\n")}
    if root:
        step["working-directory"] = literal(root)
    setup: dict[str, Tree] = {"name": "Set up Python", "uses": SETUP_PYTHON, "with": {"python-version": "3.12"}}
    return [setup, {"name": "Install orun", "run": literal(install or _install(plan))}, step]


def _selection(plan: Plan) -> list[str]:
    """The flags that select what is in the plan."""
    trigger, selection = plan.metadata.trigger, plan.metadata.selection
    if trigger.type == "declared":
        return ["--trigger", trigger.name]
    if selection.mode == "full":
        return []
    flags = [flag for name in selection.components for flag in ("--component", name)]
    return ["--env", ",".join(selection.envs), *flags]


def _install(plan: Plan) -> str:
    """The command that installs the compiler of this plan: another version may compile another one."""
    return shlex.join(["python", "-m", "pip", "install", f"orun-core=={plan.metadata.compiler.version}", "orun[gha]"])
