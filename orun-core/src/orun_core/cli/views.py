"""A plan drawn as text: `orun plan --view dag|dependencies|component=NAME`."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from orun_core.cli.names import unknown
from orun_core.spec.errors import Diagnostic, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from orun_core.spec.plan import Job, Plan, Step

VIEWS = ("dag", "dependencies", "component=NAME")


def check_view(view: str) -> None:
    """Raise `UsageError` (`usage/unknown-name`) for a view that there is not."""
    if view not in ("dag", "dag:long", "dependencies") and not re.fullmatch("component=.+", view):
        hint = f"views: {', '.join(VIEWS)}"
        raise UsageError(Diagnostic("usage/unknown-name", f'no view is called "{view}"', hint=hint))


def show(plan: Plan, view: str, *, long: bool = False) -> str:
    """The text of a view that `check_view` lets pass; raises `UsageError` for an unknown component."""
    if view in ("dag", "dag:long"):
        return "\n".join(
            [
                "",
                "Component graph",
                *_dag(plan, long=long or view == "dag:long"),
                "",
                f"  components   {len({job.component for job in plan.jobs})}",
                f"  jobs         {len(plan.jobs)}",
            ]
        )
    if view == "dependencies":
        return "\n".join(["", "Dependency graph", *_dependencies(plan), "", f"  jobs         {len(plan.jobs)}"])
    return "\n".join(["", *_component(plan, view.partition("=")[2])])


def _tree(items: Sequence[tuple[str, list[str]]], indent: str = "") -> Iterator[str]:
    """Lines of a tree: each item with the lines below it."""
    for index, (head, below) in enumerate(items):
        last = index == len(items) - 1
        yield f"{indent}{'└─' if last else '├─'} {head}"
        yield from (f"{indent}{'   ' if last else '│  '}{line}" for line in below)


def _dag(plan: Plan, *, long: bool) -> Iterator[str]:
    grouped: dict[str, dict[str, list[Job]]] = defaultdict(lambda: defaultdict(list))
    for job in plan.jobs:
        grouped[job.component][job.environment].append(job)
    components = []
    for component, environments in sorted(grouped.items()):
        items = []
        for environment, jobs in sorted(environments.items()):
            rows = [
                (_title(job), list(_tree(_inside(job, long=long)))) for job in sorted(jobs, key=lambda job: job.name)
            ]
            items.append((environment + _badges(jobs[0]), list(_tree(rows))))
        components.append((component, list(_tree(items))))
    return _tree(components)


def _badges(job: Job) -> str:
    text = ""
    if job.profile:
        via = f" via {job.profile_rule_trigger_ref}" if job.profile_rule_trigger_ref else ""
        text += f" [{job.profile}{via}]"
    if job.dependency_mode != "enforced":
        text += f" ({job.dependency_mode} dependencies, {job.dependency_rule_trigger_ref or job.dependency_source})"
    return text


def _title(job: Job) -> str:
    timeout = f" · {job.timeout}" if job.timeout else ""
    retries = f" · {job.retries} retries" if job.retries else ""
    return f"{job.name}{timeout}{retries}"


def _inside(job: Job, *, long: bool) -> list[tuple[str, list[str]]]:
    rows: list[tuple[str, list[str]]] = [(f"(depends on) {job_id}", []) for job_id in job.depends_on]
    rows += [(f"(advisory) {job_id}", []) for job_id in job.advisory_depends_on]
    rows += [(f"(gate) {gate.component}@{gate.environment} {gate.condition}", []) for gate in job.gates]
    return rows + [(step.id, _command(step) if long else []) for step in job.steps]


def _command(step: Step) -> list[str]:
    kind, text = ("use", step.use) if step.use else ("run", step.run)
    return [
        f"{kind}: {line}" if index == 0 else f"     {line}" for index, line in enumerate(text.rstrip("\n").split("\n"))
    ]


def _dependencies(plan: Plan) -> Iterator[str]:
    rows: list[tuple[str, list[str]]] = []
    for job in sorted(plan.jobs, key=lambda job: job.id):
        below: list[tuple[str, list[str]]] = [
            (f"{edge.mode} {edge.kind}: {edge.job}  ({edge.reason})", []) for edge in job.dependencies
        ]
        rows.append((job.id, list(_tree(below)) or ["no dependencies"]))
    return _tree(rows)


def _component(plan: Plan, name: str) -> Iterator[str]:
    jobs = sorted((job for job in plan.jobs if job.component == name), key=lambda job: (job.environment, job.name))
    if not jobs:
        raise UsageError(unknown("component", name, sorted({job.component for job in plan.jobs})))
    yield f"{name} [{jobs[0].composition}]"
    yield from _tree([(f"{job.environment} · {_title(job)}{_badges(job)}", list(_facts(job))) for job in jobs])
    yield f"\n  jobs         {len(jobs)}"


def _facts(job: Job) -> Iterator[str]:
    for label, value in (("path", job.path), ("runs on", job.runs_on), ("registry", job.job_registry)):
        if value:
            yield f"{label}: {value}"
    yield from _tree(_inside(job, long=True))
