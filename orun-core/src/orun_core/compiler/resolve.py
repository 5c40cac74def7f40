"""Stage 5, resolve: draw the edges, prune what the selection left out, refuse cycles, sort."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Literal

from orun_core.compiler.sites import problem
from orun_core.plan.graph import CycleError, topological_order
from orun_core.spec.errors import CompileError, Diagnostic, Location, Related
from orun_core.spec.plan import Dependency, Gate, PrunedEdge, Selection
from orun_core.spec.stages import Binding, BoundJob, Origin, Resolution, ResolvedJob

if TYPE_CHECKING:
    from orun_core.spec.documents import DependsOn, PromotionDependency
    from orun_core.spec.stages import Instance

REASONS: Final = "; "
"""Between the reasons of one edge."""


def resolve(binding: Binding) -> Resolution:
    """The DAG of the bound jobs; raises `CompileError` for absent `include: always` dependencies and for cycles."""
    return _Resolver(binding).resolve()


@dataclass(slots=True)
class _Edges:
    """Edges of one job while they are drawn."""

    dependencies: dict[tuple[str, str], Dependency] = field(default_factory=dict)
    gates: list[Gate] = field(default_factory=list)
    causes: dict[str, Origin] = field(default_factory=dict)

    def add(self, job: str, kind: str, mode: str, reason: str, cause: Origin) -> None:
        """One edge; declared again it says both reasons, and stays of the first kind."""
        found = self.dependencies.setdefault((job, mode), Dependency(job, kind, mode, reason))  # type: ignore[arg-type]
        if reason != found.reason and reason not in found.reason.split(REASONS):
            self.dependencies[job, mode] = replace(found, reason=f"{found.reason}{REASONS}{reason}")
        self.causes.setdefault(job, cause)

    def ids(self, mode: str) -> tuple[str, ...]:
        return tuple(sorted(job for job, m in self.dependencies if m == mode))


class _Resolver:
    def __init__(self, binding: Binding) -> None:
        self.binding = binding
        self.project = binding.expansion.project
        self.active = binding.expansion.environments
        self.edges = {job.id: _Edges() for job in binding.jobs}
        self.by_instance: dict[tuple[str, str], list[BoundJob]] = {}
        self.by_environment: dict[str, list[BoundJob]] = {}
        for job in binding.jobs:
            self.by_instance.setdefault((job.instance.name, job.instance.environment), []).append(job)
            self.by_environment.setdefault(job.instance.environment, []).append(job)
        self.present = {(i.name, i.environment) for i in binding.expansion.instances}
        self.pruned: set[PrunedEdge] = set()
        self.problems: list[Diagnostic] = []

    def resolve(self) -> Resolution:
        for instance in self.binding.expansion.instances:
            for index, dependency in enumerate(instance.component.value.depends_on):
                self.component_edge(instance, dependency, instance.component.origin.at("dependsOn", index))
        for environment in self.active:
            for index, promotion in enumerate(self.project.environments[environment].promotion.depends_on):
                origin = self.project.origin("environments", environment, "promotion", "dependsOn", index)
                self.promotion_edge(environment, promotion, origin)
        if self.problems:
            raise CompileError(self.problems)
        enforced = {job_id: edges.ids("enforced") for job_id, edges in self.edges.items()}
        try:
            order = topological_order(enforced)
        except CycleError as error:
            raise self.cycle(error.cycle) from error
        bound = {job.id: job for job in self.binding.jobs}
        jobs = tuple(self.resolved(bound[job_id], enforced[job_id]) for job_id in order)
        pruned = tuple(sorted(self.pruned, key=lambda edge: (edge.kind, edge.from_, edge.to, edge.reason)))
        return Resolution(self.binding, jobs, pruned, self.selection(pruned))

    def resolved(self, job: BoundJob, depends_on: tuple[str, ...]) -> ResolvedJob:
        edges = self.edges[job.id]
        dependencies = tuple(edges.dependencies[key] for key in sorted(edges.dependencies))
        return ResolvedJob(job, depends_on, edges.ids("advisory"), dependencies, tuple(edges.gates), edges.causes)

    def component_edge(self, instance: Instance, dependency: DependsOn, origin: Origin) -> None:
        environment = dependency.environment
        if environment in ("", "__same__"):
            environment = instance.environment
        target = (dependency.component, environment)
        if target not in self.present:
            if dependency.include == "always":
                text = f"{instance.name}.{instance.environment} depends on {dependency.component}.{environment}, which is not in the plan"
                hint = f"select {dependency.component} too, or drop `include: always`"
                self.problems.append(problem("resolve/missing-dependency", text, origin, hint))
            else:
                reason = "component-not-selected" if environment in self.active else "env-not-selected"
                self.pruned.add(PrunedEdge("component", instance.name, dependency.component, reason))  # type: ignore[arg-type]
            return
        if instance.dependency_mode == "disabled":
            return
        reason = dependency.reason or f"{instance.name} dependsOn {dependency.component}"
        if environment != instance.environment:
            reason += f" in {environment}"
        for job in self.by_instance.get((instance.name, instance.environment), ()):
            for before in self.by_instance.get(target, ()):
                self.edges[job.id].add(before.id, "component", instance.dependency_mode, reason, origin)

    def promotion_edge(self, environment: str, promotion: PromotionDependency, origin: Origin) -> None:
        before, satisfy = promotion.environment, promotion.satisfy
        jobs = self.by_environment.get(environment, ())
        if before in self.active:
            if satisfy in ("same-plan", "same-plan-or-previous-success"):
                self.promotion_edges(jobs, promotion, origin)
        elif satisfy == "same-plan":
            self.pruned.add(PrunedEdge("promotion", environment, before, "env-not-selected"))
        elif satisfy in ("previous-success", "same-plan-or-previous-success"):
            for job in jobs:
                match = {"revision": promotion.match.revision}
                gate = Gate("environment-promotion", before, job.instance.name, promotion.condition, match)
                self.edges[job.id].gates.append(gate)

    def promotion_edges(self, jobs: list[BoundJob] | tuple[()], promotion: PromotionDependency, origin: Origin) -> None:
        before = promotion.environment
        for job in jobs:
            if promotion.strategy == "same-component":
                targets = self.by_instance.get((job.instance.name, before), [])
            elif promotion.strategy == "environment-barrier":
                targets = self.by_environment.get(before, [])
            else:
                return
            reason = f"{job.instance.environment} is promoted from {before} ({promotion.strategy})"
            for target in targets:
                self.edges[job.id].add(target.id, "promotion", "enforced", reason, origin)

    def cycle(self, cycle: tuple[str, ...]) -> CompileError:
        """The error that names the shortest cycle with the place of each edge."""
        path = " → ".join((*cycle, cycle[0]))
        related = []
        for job, before in zip(cycle, (*cycle[1:], cycle[0]), strict=True):
            cause = self.edges[job].causes[before]
            related.append(Related(f"{job} depends on {before}", Location(cause.file, pointer=cause.pointer)))
        first = related[0].where
        hint = "remove one of these edges, or make it advisory with dependencyMode"
        return CompileError(
            Diagnostic("resolve/cycle", f"jobs depend on each other: {path}", first, hint, related=tuple(related))
        )

    def selection(self, pruned: tuple[PrunedEdge, ...]) -> Selection:
        request, project = self.project.loaded.request, self.project
        filtered = project.active is not None or project.changed is not None
        scoped = bool(request.environments or request.components) or filtered
        mode: Literal["full", "scoped"] = "scoped" if scoped else "full"
        all_envs = request.all_environments
        if request.recorded:
            mode, all_envs = request.recorded.selection.mode, request.recorded.selection.all_envs
        components = tuple(sorted({instance.name for instance in self.binding.expansion.instances}))
        return Selection(self.active, components, mode, all_envs, pruned)
