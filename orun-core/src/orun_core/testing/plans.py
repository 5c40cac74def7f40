"""Small plans for tests, built from the contract's values without a compiler."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from orun_core.spec.plan import (
    API_VERSION,
    KIND,
    Compiler,
    Execution,
    Job,
    Metadata,
    Plan,
    Selection,
    Spec,
    Step,
    Trigger,
)

if TYPE_CHECKING:
    from collections.abc import Iterable


def step(run: str = "", id: str = "main", phase: Any = "main", **fields: Any) -> Step:  # noqa: A002 - the field's name
    """A step of a plan."""
    return Step(id=id, phase=phase, run=run, **fields)


def job(id: str = "web.dev.deploy", *steps: Step | str, **fields: Any) -> Job:  # noqa: A002 - the field's name
    """A job called `component.environment.job`; steps may be given as scripts."""
    component, environment, name = id.split(".")
    made = tuple(
        item if isinstance(item, Step) else step(item, id=f"step-{at}") for at, item in enumerate(steps, start=1)
    )
    content = repr((id, made, sorted(fields.items(), key=lambda item: item[0])))
    short = hashlib.sha256(id.encode()).hexdigest()[:12]
    values: dict[str, Any] = {
        "uid": f"job_0000000_{short}",
        "display_name": name.replace("-", " ").capitalize(),
        "check_name": f"{component} · {environment} · {name}",
        "name": name,
        "component": component,
        "environment": environment,
        "composition": "test",
        "digest": "sha256-" + hashlib.sha256(content.encode()).hexdigest(),
        "profile_source": "legacy-none",
        "dependency_mode": "enforced",
        "dependency_source": "default",
        **fields,
    }
    return Job(id=id, steps=made, **values)


def plan(*jobs: Job, name: str = "demo", concurrency: int = 4, fail_fast: bool = True) -> Plan:
    """A plan of jobs that are given in topological order; its checksum follows their digests."""
    content = "".join(job.digest for job in jobs)
    checksum = "sha256-" + hashlib.sha256(content.encode()).hexdigest()
    environments, components = _sorted(job.environment for job in jobs), _sorted(job.component for job in jobs)
    return Plan(
        api_version=API_VERSION,
        kind=KIND,
        metadata=Metadata(
            name=name,
            checksum=checksum,
            seal="",
            trigger=Trigger("system", "system.manual", "manual", (), environments, "full"),
            selection=Selection(environments, components, "full", all_envs=True),
            compiler=Compiler("0", ()),
        ),
        execution=Execution(concurrency, fail_fast),
        spec=Spec(),
        jobs=jobs,
    )


def _sorted(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(names)))
