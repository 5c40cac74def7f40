"""`orun run --dry-run`: what would run, in order, without pretending that it did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orun_core.spec.amount import amount

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orun_core.runtime.launch import Launch
    from orun_core.spec.plan import Job


def preview(launch: Launch) -> Iterator[str]:
    """Every selected job in the order of the plan, with its place and its steps."""
    from orun_core.runtime.launch import check

    check(launch)
    jobs, plan = launch.jobs, launch.plan
    components = amount(len({job.component for job in jobs}), "component")
    scope = [components, amount(len(jobs), "job"), f"{launch.slots}× parallel", launch.runner]
    yield from ("", f"▲ orun {plan.metadata.name}", f"  Plan: {plan.metadata.checksum[:12]}")
    yield from (f"  Scope: {' · '.join(scope)}", "")
    resumed = launch.earlier.resumed(jobs)
    for number, job in enumerate(jobs, start=1):
        yield f"  ◌ {number:>2}  {job.id}"
        if job.id in resumed:
            yield f"        cached ({resumed[job.id]})"
            continue
        yield from (f"        {line}" for line in _facts(launch, job))
    yield from ("", "◌ Preview, nothing ran", f"  {len(jobs)} selected")


def _facts(launch: Launch, job: Job) -> Iterator[str]:
    from orun_core.runtime.stepwise import ordered

    if job.depends_on:
        yield f"needs    {', '.join(job.depends_on)}"
    yield f"cwd      {launch.workdir or job.path or '.'}"
    yield f"runner   {launch.runner}" + (f"  {job.runs_on}" if job.runs_on else "")
    if job.timeout or job.retries:
        yield f"limits   timeout {job.timeout or 'none'}, {amount(job.retries, 'retry', 'retries')}"
    if job.gates:
        yield f"gates    {', '.join(f'{gate.component} in {gate.environment}' for gate in job.gates)}"
    for step in ordered(job):
        how = f"use {step.use}" if step.use else (step.shell or "bash")
        where = f"  in {step.working_directory}" if step.working_directory else ""
        limit = f"  timeout {step.timeout}" if step.timeout else ""
        yield f"{step.phase:<8} {step.id}  {how}{where}{limit}"
        yield from (f"           {line}" for line in step.run.rstrip("\n").splitlines())
