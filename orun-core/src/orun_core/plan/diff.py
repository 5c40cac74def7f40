"""What one plan does that another does not: compared by meaning, with the cause of each change from provenance."""

from __future__ import annotations

from collections import Counter
from dataclasses import field, replace
from typing import TYPE_CHECKING, Any, Final, Literal

from orun_core.spec.frozen import frozen
from orun_core.spec.tree import document

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from orun_core.plan.explain import Provenance, Source
    from orun_core.spec.plan import Job, Plan

Kind = Literal["added", "removed", "changed", "moved"]

IGNORED: Final = frozenset(("uid", "digest", "id", "dependsOn", "advisoryDependsOn", "job"))
"""Fields that follow from others."""
KEYED: Final = {
    "policies": "name",
    "obligations": "kind",
    "secretRefs": "asEnv",
    "services": "name",
    "dependencies": "job",
    "waivers": "policy",
}
"""Lists that are compared by a key of their items."""


@frozen
class Change:
    """One difference. `path`: where in the job or plan (`parameters.replicas`, `steps.build.run`). `cause`: the authored value behind it."""

    path: str
    kind: Kind
    old: Any = None
    new: Any = None
    cause: Source | None = None


@frozen
class JobChange:
    """The differences of one job that both plans have."""

    job: str
    changes: tuple[Change, ...]


@frozen
class PlanDiff:
    """All differences. `runs_the_same`: the checksums are equal; `same_file`: the seals are."""

    old_checksum: str
    new_checksum: str
    same_file: bool
    added: tuple[Job, ...]
    removed: tuple[Job, ...]
    changed: tuple[JobChange, ...]
    plan: tuple[Change, ...] = ()
    sources: Mapping[str, Source] = field(default_factory=dict)
    """Why a job that comes or goes is, or was, in its environment."""

    @property
    def runs_the_same(self) -> bool:
        """True when nothing that runs differs."""
        return self.old_checksum == self.new_checksum

    def __bool__(self) -> bool:
        return not self.same_file


def diff(old: Plan, new: Plan, causes: Provenance | None = None, before: Provenance | None = None) -> PlanDiff:
    """Compare two plans. `causes` and `before` are the provenance of the new and the old one, when they are known."""
    old_jobs = {job.id: job for job in old.jobs}
    new_jobs = {job.id: job for job in new.jobs}
    common = [job.id for job in new.jobs if job.id in old_jobs and old_jobs[job.id].digest != job.digest]
    changed = (JobChange(i, tuple(_job_changes(old_jobs[i], new_jobs[i], causes, before))) for i in common)
    added = tuple(job for job in new.jobs if job.id not in old_jobs)
    removed = tuple(job for job in old.jobs if job.id not in new_jobs)
    return PlanDiff(
        old_checksum=old.metadata.checksum,
        new_checksum=new.metadata.checksum,
        same_file=old.metadata.seal == new.metadata.seal,
        added=added,
        removed=removed,
        changed=tuple(change for change in changed if change.changes),
        plan=tuple(_plan_changes(old, new)),
        sources=dict((*_sources(added, causes), *_sources(removed, before))),
    )


def _sources(jobs: tuple[Job, ...], provenance: Provenance | None) -> Iterator[tuple[str, Source]]:
    for job in jobs if provenance else ():
        if provenance and (found := provenance.explain(job, "environment").decided):
            yield job.id, found


def _plan_changes(old: Plan, new: Plan) -> Iterator[Change]:
    yield from _compare(document(old.execution), document(new.execution), "execution")
    a = {source.name: document(source) for source in old.spec.composition_sources}
    b = {source.name: document(source) for source in new.spec.composition_sources}
    yield from _compare(a, b, "compositions")
    skip = ("checksum", "seal", "compiler")
    a, b = ({k: v for k, v in document(plan.metadata).items() if k not in skip} for plan in (old, new))
    yield from _compare(a, b, "metadata")
    inputs = [{file.path: file.digest for file in plan.metadata.compiler.inputs} for plan in (old, new)]
    yield from _compare(inputs[0], inputs[1], "inputs")
    yield from _compare_values(old.metadata.compiler.version, new.metadata.compiler.version, "compiler")
    yield from _compare(old.spec.job_bindings, new.spec.job_bindings, "stacks")
    plugins = [{plugin.name: document(plugin) for plugin in plan.metadata.compiler.plugins} for plan in (old, new)]
    yield from _compare(plugins[0], plugins[1], "plugins")


def _job_changes(old: Job, new: Job, causes: Provenance | None, before: Provenance | None) -> Iterator[Change]:
    a, b = document(old), document(new)
    for name in dict.fromkeys((*b, *a)):
        if name in IGNORED or a.get(name) == b.get(name):
            continue
        if name == "steps":
            found: Iterable[Change] = _step_changes(a.get(name, []), b.get(name, []))
        elif name in KEYED:
            key = KEYED[name]
            label = "dependsOn" if name == "dependencies" else name
            keyed = [{item[key]: item for item in tree.get(name, [])} for tree in (a, b)]
            found = _compare(keyed[0], keyed[1], label)
        else:
            found = _compare_values(a.get(name), b.get(name), name)
        for change in found:
            yield _with_cause(change, old, new, causes, before)


def _step_changes(old: list[Any], new: list[Any]) -> Iterator[Change]:
    a, b = _steps_by_name(old), _steps_by_name(new)
    for name in b:
        if name not in a:
            yield Change(f"steps.{name}", "added", None, _command(b[name]))
        else:
            yield from _compare(a[name], b[name], f"steps.{name}")
    yield from (Change(f"steps.{name}", "removed", _command(a[name]), None) for name in a if name not in b)
    kept_a, kept_b = [n for n in a if n in b], [n for n in b if n in a]
    if kept_a != kept_b:
        yield Change("steps", "moved", kept_a, kept_b)


def _steps_by_name(steps: list[Any]) -> dict[str, Any]:
    """Steps by id; a second one of the same id is `id#2`."""
    seen: Counter[str] = Counter()
    found = {}
    for step in steps:
        seen[step["id"]] += 1
        name = step["id"] if seen[step["id"]] == 1 else f"{step['id']}#{seen[step['id']]}"
        found[name] = step
    return found


def _command(step: Mapping[str, Any]) -> str:
    return str(step.get("run") or step.get("use", ""))


def _compare(old: Mapping[str, Any], new: Mapping[str, Any], path: str) -> Iterator[Change]:
    for key in sorted({**old, **new}):
        yield from _compare_values(old.get(key), new.get(key), f"{path}.{key}")


def _compare_values(old: Any, new: Any, path: str) -> Iterator[Change]:
    if old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        yield from _compare(old, new, path)
    elif old is None or new is None:
        whole = new if old is None else old
        if isinstance(whole, dict) and ("." not in path or path.endswith((".env", ".with"))):
            yield from _compare(old or {}, new or {}, path)
        else:
            yield Change(path, "added" if old is None else "removed", old, new)
    else:
        yield Change(path, "changed", old, new)


def _with_cause(change: Change, old: Job, new: Job, causes: Provenance | None, before: Provenance | None) -> Change:
    """The change with the authored value that decides it now, or decided it before when it is gone."""
    job, provenance = (old, before) if change.kind == "removed" else (new, causes)
    if provenance is None:
        return change
    try:
        cause = provenance.explain(job, _authored(change.path)).decided
    except KeyError:
        return change
    return replace(change, cause=cause)


def _authored(path: str) -> str:
    """The field whose origin explains a change: of `env.A.x` it is `env.A`, of `steps.build#2.env.A` it is `steps.build.env`."""
    head, *inside = path.split(".")
    if head in ("parameters", "env", "policies", "secretRefs"):
        return ".".join([head, *inside[:1]])
    if head == "steps" and inside:
        return ".".join([head, inside[0].partition("#")[0], *inside[1:2]])
    return path
