"""Which jobs of a plan a run is about, and what becomes of their dependencies outside that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orun_core.plan.graph import closure
from orun_core.spec.errors import Diagnostic, UsageError
from orun_core.spec.frozen import frozen
from orun_core.spec.nearest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from orun_core.spec.plan import Job, Plan


@frozen
class Wanted:
    """Filters of the command line; empty ones select everything. `with_deps` adds what the selected jobs depend on."""

    jobs: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    with_deps: bool = False

    def __bool__(self) -> bool:
        return bool(self.jobs or self.components or self.environments)


def select(plan: Plan, wanted: Wanted, done: Collection[str] = ()) -> tuple[Job, ...]:
    """The selected jobs in plan order; raises `UsageError` for names that match nothing, all at once.

    `done`: jobs whose success is on record, which `with_deps` need not add.
    """
    problems: list[Diagnostic] = []
    ids = {found for name in wanted.jobs for found in _job(plan, name, problems)}
    components = _names("component", wanted.components, {job.component for job in plan.jobs}, problems)
    environments = _names("environment", wanted.environments, {job.environment for job in plan.jobs}, problems)
    if problems:
        raise UsageError(problems)
    chosen = {
        job.id
        for job in plan.jobs
        if (not wanted.jobs or job.id in ids)
        and (not wanted.components or job.component in components)
        and (not wanted.environments or job.environment in environments)
    }
    if wanted.with_deps:
        left = {job.id: () if job.id in done else job.depends_on for job in plan.jobs}
        chosen |= {job for job in closure({**left, **_edges(plan, chosen)}, chosen) if job not in done}
    return tuple(job for job in plan.jobs if job.id in chosen)


def _edges(plan: Plan, chosen: Collection[str]) -> dict[str, tuple[str, ...]]:
    return {job.id: job.depends_on for job in plan.jobs if job.id in chosen}


def find_job(plan: Plan, name: str) -> Job:
    """The job with this id, `component@environment.job` or unique prefix; raises `UsageError`."""
    problems: list[Diagnostic] = []
    found = _job(plan, name, problems)
    if problems:
        raise UsageError(problems)
    return plan.job(found[0])


def _job(plan: Plan, name: str, problems: list[Diagnostic]) -> list[str]:
    written = name.replace("@", ".", 1)
    ids = [job.id for job in plan.jobs]
    if written in ids:
        return [written]
    found = [job for job in ids if job.startswith(written)]
    if len(found) == 1:
        return found
    if found:
        shown = ", ".join(found[:5]) + (" …" if len(found) > 5 else "")
        problems.append(
            Diagnostic("usage/ambiguous-name", f"job {name!r} could be {shown}", hint="write more of the id")
        )
        return []
    problems.append(_unknown("job", name, ids))
    return []


def _names(kind: str, patterns: Iterable[str], known: Collection[str], problems: list[Diagnostic]) -> set[str]:
    found: set[str] = set()
    for pattern in patterns:
        prefix = pattern[:-1] if pattern.endswith("*") else None
        matched = {name for name in known if name == pattern or (prefix is not None and name.startswith(prefix))}
        if not matched:
            problems.append(_unknown(kind, pattern, sorted(known)))
        found |= matched
    return found


def _unknown(kind: str, name: str, known: Sequence[str]) -> Diagnostic:
    return Diagnostic("usage/unknown-name", f"no {kind} named '{name}' in the plan", hint=did_you_mean(name, known))


def missing_dependencies(jobs: Sequence[Job], satisfied: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Dependencies that are neither selected nor satisfied, by job, in plan order."""
    inside = {job.id for job in jobs} | set(satisfied)
    missing = {job.id: tuple(need for need in job.depends_on if need not in inside) for job in jobs}
    return {job: needs for job, needs in missing.items() if needs}


def refuse_missing(missing: dict[str, tuple[str, ...]]) -> None:
    """Raise `UsageError` for dependencies outside the selection; offers the ways out."""
    if missing:
        hint = "add --with-deps to run them too, or --assume-deps to take them as done"
        raise UsageError(
            Diagnostic(
                "run/missing-dependencies",
                f"job {job} depends on {', '.join(needs)}, outside the selection and not recorded as succeeded",
                hint=hint,
            )
            for job, needs in missing.items()
        )
