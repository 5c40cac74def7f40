"""Rego modules, judged over one job."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from orun_core.spec.policy import Violation
from orun_core.spec.tree import document
from regopy import Interpreter, LogLevel, RegoError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orun_core.spec.stages import ResolvedJob


def judge(module: str, job: ResolvedJob) -> Iterator[Violation]:
    """What `deny` of the package `orun` says about a job. A module that cannot be evaluated allows nothing."""
    try:
        rego = _interpreter(module)
        rego.set_input(_input(job))
        answer = rego.query("data.orun.deny")
    except RegoError as error:
        yield Violation(f"cannot be evaluated: {str(error).splitlines()[0]}")
        return
    if not answer.ok() or not answer.results or not answer.results[0].expressions:
        yield Violation("cannot be evaluated: the module has no set data.orun.deny")
        return
    for said in answer.results[0].expressions[0]:
        if isinstance(said, str):
            yield Violation(said)
        else:
            yield Violation(said["msg"], said.get("field", ""))


@cache
def _interpreter(module: str) -> Interpreter:
    rego = Interpreter()
    rego.log_level = LogLevel.NONE
    rego.add_module("constraint", module)
    return rego


def _input(job: ResolvedJob) -> dict[str, Any]:
    instance, template = job.bound.instance, job.bound.template.value
    component = instance.component.value
    return {
        "component": {"name": component.name, "type": component.type, "owner": component.owner},
        "environment": instance.environment,
        "parameters": document(instance.parameters),
        "env": document(instance.env),
        "labels": document(component.labels),
        "profile": instance.profile,
        "job": {"id": job.id, "name": job.bound.name, "runsOn": template.runs_on, "dependsOn": list(job.depends_on)},
        "steps": [document(bound.step) for bound in job.bound.steps],
    }
