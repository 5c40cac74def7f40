"""A small sealed plan."""

from __future__ import annotations

from typing import Any

from orun_core.plan.seal import sealed
from orun_core.spec.plan import (
    Compiler,
    CompositionSource,
    Concurrency,
    Execution,
    Job,
    Metadata,
    Plan,
    Selection,
    Spec,
    Step,
    Trigger,
)


def job(job_id: str, **more: Any) -> Job:
    """A job without identity."""
    component, environment, name = job_id.split(".")
    return Job(
        id=job_id,
        uid="",
        display_name=name.capitalize(),
        check_name=f"{component} · {environment} · {name}",
        name=name,
        component=component,
        environment=environment,
        composition="svc",
        digest="",
        profile_source="composition-default",
        dependency_mode="enforced",
        dependency_source="default",
        steps=(Step("build", "main", run="make", env={"LEVEL": 0}), Step("clean", "post", run="rm -r out")),
        **more,
    )


def plan(*jobs: Job) -> tuple[Plan, dict[str, Any]]:
    """A sealed plan with these jobs (two when none are given), and its tree."""
    jobs = jobs or (
        job("api.dev.deploy", parameters={"replicas": 2, "note": None}, concurrency=Concurrency("db")),
        job("web.dev.deploy", depends_on=("api.dev.deploy",), env={"A": "1"}),
    )
    trigger = Trigger("system", "system.manual", "manual", (), ("dev",), "full")
    selection = Selection(("dev",), ("api", "web"), "full", False)
    metadata = Metadata("shop", "", "", trigger, selection, Compiler("0.1.0", ()))
    spec = Spec({"svc": "stack"}, (CompositionSource("stack", "dir", "sha256:aa", path="stack", exports=("svc",)),))
    return sealed(Plan("orun.io/v1", "Plan", metadata, Execution(4, True), spec, jobs))
