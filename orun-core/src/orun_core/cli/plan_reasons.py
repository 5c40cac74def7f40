"""`orun plan --explain` and `--why-not`: why a component is planned in an environment, or is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orun_core.compiler.selection import matches, membership, obstacle
from orun_core.compiler.sites import Sites
from orun_core.spec.components import ComponentSummary
from orun_core.spec.errors import Location, UsageError
from orun_core.spec.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from orun_core.changes.affected import Affected
    from orun_core.spec.documents import Component
    from orun_core.spec.stages import Authored, Compiled


@frozen
class Planned:
    """A component in an environment, its jobs by name, and everything that puts it there."""

    component: str
    environment: str
    jobs: tuple[str, ...]
    reasons: tuple[str, ...]


@frozen
class LeftOut:
    """A component in an environment, and why it is not planned there; `planned` when it is."""

    component: str
    environment: str
    reason: str
    planned: bool = False


class PlanReasons:
    """What was decided about the components of one compile. `affected`: what a change touches, None when nobody asked."""

    def __init__(self, compiled: Compiled, affected: Affected | None, root: Path) -> None:
        """Index the jobs of the plan."""
        self._project = compiled.resolution.project
        self._request = self._project.loaded.request
        self._affected = affected
        self._sites = Sites(root, {})
        self._jobs: dict[tuple[str, str], list[str]] = {}
        for job in compiled.plan.jobs:
            self._jobs.setdefault((job.component, job.environment), []).append(job.name)

    def compared(self) -> str:
        """What change detection looked at; empty without it."""
        if self._affected is None:
            return ""
        files = len(self._affected.change.files)
        return f"{self._affected.change}: {files} file{'' if files == 1 else 's'} changed"

    def planned(self) -> tuple[Planned, ...]:
        """Every component of the plan by environment, with its reasons."""
        summaries = {summary.name: summary for summary in self._project.components.summaries}
        return tuple(
            Planned(name, environment, tuple(jobs), tuple(self._why(summaries[name], environment)))
            for (name, environment), jobs in sorted(self._jobs.items(), key=lambda item: (item[0][1], item[0][0]))
        )

    def why_not(self, target: str) -> tuple[LeftOut, ...]:
        """For COMPONENT, or COMPONENT@ENV, what keeps it out; raises `UsageError` for names that do not exist."""
        from orun_core.cli.names import unknown

        name, _, asked = target.partition("@")
        components = self._project.loaded.components
        known = sorted({summary.name for summary in components.summaries})
        if name not in known:
            raise UsageError(unknown("component", name, known))
        component = components.named(name)
        environments = self._project.environments
        if asked and asked not in environments:
            raise UsageError(unknown("environment", asked, list(environments)))
        return tuple(self._why_not(component, environment) for environment in ((asked,) if asked else environments))

    # --- why --------------------------------------------------------------------------------------------------------

    def _why(self, component: ComponentSummary, environment: str) -> Iterator[str]:
        pattern = membership(component, environment, self._project.environments[environment])
        if component.environments:
            yield f"it subscribes to {pattern}"
        else:
            yield f"environments.{environment}.selectors.components has {pattern}"
        if self._project.active is not None:
            yield f"{self._triggers()} activates {environment}"
        if self._request.environments:
            yield f"--env {','.join(self._request.environments)} names {environment}"
        if self._request.components:
            yield f"--component {', '.join(self._request.components)} names it"
        if self._affected is not None:
            yield from map(str, self._affected.selection[component.name])

    def _why_not(self, component: Authored[Component], environment: str) -> LeftOut:
        name = component.value.name
        if jobs := self._jobs.get((name, environment)):
            return LeftOut(name, environment, f"it is planned: {', '.join(jobs)}", planned=True)
        return LeftOut(name, environment, self._obstacle(component, environment))

    def _obstacle(self, component: Authored[Component], environment: str) -> str:
        name, project, request = component.value.name, self._project, self._request
        if not component.value.enabled:
            return f"it is disabled at {self._place(component, 'enabled')}"
        summary = ComponentSummary.of(component.value, component.origin.file)
        if found := obstacle(summary, environment, project.environments[environment]):
            return f"{found} ({self._place(component, 'subscribe')})"
        if project.active is not None and environment not in project.active:
            return f"{self._triggers()} does not activate {environment}"
        if request.environments and not any(matches(pattern, environment) for pattern in request.environments):
            return f"--env {','.join(request.environments)} does not name {environment}"
        if request.components and not any(matches(pattern, name) for pattern in request.components):
            return f"--component {', '.join(request.components)} does not name it"
        if self._affected is not None and name not in self._affected.selection:
            return self._unchanged(name, self._affected)
        return "its composition has no job for it"

    def _unchanged(self, name: str, affected: Affected) -> str:
        if name in affected.dependents:
            because = ", ".join(map(str, affected.dependents[name]))
            return f"{because}, which changed, and takes no input of it (`input: true`)"
        return f"nothing that it consists of changed ({affected.change})"

    def _triggers(self) -> str:
        names = self._project.trigger.matched_bindings
        return f"trigger {', '.join(names)}"

    def _place(self, component: Authored[Component], field: str) -> Location:
        origin = component.origin.at(field)
        return self._sites.locate(Location(origin.file, pointer=origin.pointer))
