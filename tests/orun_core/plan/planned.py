"""A small sealed plan."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from orun_core.plan.seal import sealed
from orun_core.spec.plan import CompositionSource, Concurrency, Job, Plan, Spec
from orun_core.testing import plans

STEPS = (
    plans.step("make", id="build", env={"LEVEL": 0}),
    plans.step("rm -r out", id="clean", phase="post"),
)


def job(job_id: str, **more: Any) -> Job:
    """A job with two steps and without identity: sealing gives it one."""
    return plans.job(job_id, *STEPS, uid="", digest="", composition="svc", **more)


def plan(*jobs: Job) -> tuple[Plan, dict[str, Any]]:
    """A sealed plan with these jobs (two when none are given), and its tree."""
    jobs = jobs or (
        job("api.dev.deploy", parameters={"replicas": 2, "note": None}, concurrency=Concurrency("db")),
        job("web.dev.deploy", depends_on=("api.dev.deploy",), env={"A": "1"}),
    )
    spec = Spec({"svc": "stack"}, (CompositionSource("stack", "dir", "sha256:aa", path="stack", exports=("svc",)),))
    return sealed(replace(plans.plan(*jobs, name="shop"), spec=spec))
