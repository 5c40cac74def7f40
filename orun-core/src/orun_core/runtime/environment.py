"""The environment of a step: OS < job < written by earlier steps < step < secrets < ORUN_*."""

from __future__ import annotations

import json
import re
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from orun_core.spec.errors import Diagnostic, PlanError
from orun_core.spec.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from orun_core.spec.plan import Job

_RESERVED = ("ORUN_", "GITHUB_")
_COMMANDS = ("ENV", "OUTPUT", "PATH", "STATE", "STEP_SUMMARY")
_CLEAN = ("PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "TERM")


class EnvPolicy(StrEnum):
    """What a step inherits of orun's own environment: all of it, or only what any program needs to start."""

    INHERIT = "inherit"
    CLEAN = "clean"


@frozen
class RunFacts:
    """What is the same for all jobs of a run."""

    exec_id: str
    plan_id: str
    runner: str
    context: str


def inherited(environ: Mapping[str, str], policy: EnvPolicy) -> dict[str, str]:
    """The part of orun's environment that steps see: never `ORUN_*`, so that no secret of another job and no outer run leaks in."""
    if policy is EnvPolicy.CLEAN:
        return {name: environ[name] for name in _CLEAN if name in environ}
    outer = {f"GITHUB_{name}" for name in _COMMANDS}
    return {name: value for name, value in environ.items() if not name.startswith("ORUN_") and name not in outer}


def of_job(facts: RunFacts, job: Job, attempt: int) -> dict[str, str]:
    """The `ORUN_*` variables of a job."""
    return {
        "ORUN_CONTEXT": facts.context,
        "ORUN_RUNNER": facts.runner,
        "ORUN_EXEC_ID": facts.exec_id,
        "ORUN_PLAN_ID": facts.plan_id,
        "ORUN_JOB_ID": job.id,
        "ORUN_JOB_UID": job.uid,
        "ORUN_JOB_RUN_ID": f"{facts.exec_id}/{job.uid}",
        "ORUN_JOB_ATTEMPT": str(attempt),
        "ORUN_ENVIRONMENT": job.environment,
        "ORUN_COMPONENT": job.component,
    }


def of_files(located: Mapping[str, str]) -> dict[str, str]:
    """Both names of each file command: `ORUN_ENV` and `GITHUB_ENV` …"""
    return {f"{prefix}{name}": path for name, path in located.items() for prefix in _RESERVED}


def of_needs(job: Job, outputs: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Outputs of the jobs that `job` depends on: `ORUN_OUTPUT_<JOB ID>_<NAME>`, upper case, other characters as `_`."""
    return {
        f"ORUN_OUTPUT_{shout(need)}_{shout(name)}": value
        for need in job.depends_on
        for name, value in outputs.get(need, {}).items()
    }


def shout(name: str) -> str:
    """A name as an environment variable writes it."""
    return re.sub(r"[^A-Za-z0-9]", "_", name).upper()


def plain(values: Mapping[str, Any]) -> dict[str, str]:
    """Environment values of a plan as strings: `true`, `7`, an empty string for null, JSON for lists and maps."""
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)


def check_names(jobs: Iterable[Job]) -> None:
    """Refuse plans that set `ORUN_*` or `GITHUB_*` variables, or what can be no variable; raises `PlanError` with all of them."""
    found = tuple(
        problem
        for job in jobs
        for where, names in _authored(job)
        for name in names
        for problem in _wrong_name(where, name)
    )
    if found:
        raise PlanError(found)


def _wrong_name(where: str, name: str) -> Iterator[Diagnostic]:
    if name.startswith(_RESERVED):
        yield Diagnostic("run/reserved-name", f"{where} sets {name}: names with {_prefix(name)} belong to orun")
    elif not name or "=" in name:
        hint = "the name of a variable is not empty and has no ="
        yield Diagnostic("run/bad-variable", f"{where} sets {name!r}, which can be no variable", hint=hint)


def _authored(job: Job) -> Iterator[tuple[str, Iterable[str]]]:
    yield f"job {job.id}", job.env
    for step in job.steps:
        yield f"step {step.id} of job {job.id}", step.env


def _prefix(name: str) -> str:
    return next(prefix for prefix in _RESERVED if name.startswith(prefix))
