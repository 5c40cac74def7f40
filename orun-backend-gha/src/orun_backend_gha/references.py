"""Values that steps and jobs pass on: `${{ steps.ID.outputs.NAME }}`, `${{ needs.JOB.outputs.NAME }}`, and the variables for them.

A plan names jobs and steps by their ids; a workflow by its own keys.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orun_core.spec.plan import Job, Plan, Step

REFERENCE = re.compile(r"\$\{\{\s*(steps|needs)\.([^\s{}]+)\.outputs\.([A-Za-z0-9_-]+)\s*\}\}")
NEEDED = re.compile(REFERENCE.pattern.replace("(steps|needs)", "needs"))
FILES = ("ENV", "OUTPUT", "PATH", "STATE", "STEP_SUMMARY")
VARIABLE = re.compile(r"\bORUN_(\w+)")


def needed(job: Job) -> dict[tuple[str, str], str]:
    """Outputs of dependencies that a job reads: (job, name) → the variable that carries it."""
    found: dict[tuple[str, str], str] = {}
    for text in texts(job):
        for kind, owner, name in REFERENCE.findall(text):
            if kind == "needs":
                found[owner, name] = variable(owner, name)
        for owner in job.depends_on:
            for tail in re.findall(rf"\b{variable(owner, '')}([A-Z0-9_]+)", text):
                found.setdefault((owner, tail.lower()), variable(owner, tail))
    return found


def asked(job: Job, plan: Plan) -> list[str]:
    """Names of the outputs of a job that the jobs after it read, sorted."""
    after = [other for other in plan.jobs if job.id in other.depends_on]
    return sorted({name for other in after for owner, name in needed(other) if owner == job.id})


def variable(job: str, name: str) -> str:
    """The variable of an output, as the runtime calls it."""
    return f"ORUN_OUTPUT_{_shout(job)}_{_shout(name)}"


def translated(job: Job, step_keys: Mapping[str, str]) -> Job:
    """The job with references as a workflow writes them: steps by their keys, dependencies' outputs by their variables."""

    def translate(found: re.Match[str]) -> str:
        kind, owner, name = found.groups()
        if kind == "needs":
            return f"${{{{ env.{variable(owner, name)} }}}}"
        return f"${{{{ steps.{step_keys.get(owner, owner)}.outputs.{name} }}}}"

    def of(value: Any) -> Any:
        return REFERENCE.sub(translate, value) if isinstance(value, str) else value

    def script(one: Step) -> str:
        return str(of(NEEDED.sub(_read, one.run) if one.shell in ("", "bash", "sh") else one.run))

    def step(one: Step) -> Step:
        with_ = {name: of(value) for name, value in one.with_.items()}
        env = {name: of(value) for name, value in one.env.items()}
        return replace(one, run=script(one), with_=with_, env=env, working_directory=of(one.working_directory))

    return replace(job, steps=tuple(step(one) for one in job.steps))


def with_variables(script: str, step: str, root: str) -> str:
    """A script for sh, told the variables that it reads and only a step can know: its id, the workspace, and GitHub's files by orun's names."""
    known = {name: f'"$GITHUB_{name}"' for name in FILES}
    known |= {
        "STEP_ID": shlex.quote(step),
        "WORKSPACE": '"$GITHUB_WORKSPACE"' + (f"/{shlex.quote(root)}" if root else ""),
    }
    read = set(VARIABLE.findall(script))
    return "".join(f"export ORUN_{name}={value}\n" for name, value in known.items() if name in read) + script


def texts(job: Job) -> Iterator[str]:
    """Everything in a job's steps that may hold a reference."""
    for step in job.steps:
        values = [step.run, step.working_directory, *step.with_.values(), *step.env.values()]
        yield from (value for value in values if isinstance(value, str))


def _read(found: re.Match[str]) -> str:
    """The variable of a dependency's output, as a shell reads it."""
    return f"${{{variable(found[1], found[2])}}}"


def _shout(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9]", "_", name).upper()
