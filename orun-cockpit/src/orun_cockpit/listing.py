"""The views of lists of plans, jobs, components and environments: frozen values, like those in `view`."""

from __future__ import annotations

from orun_core.spec.frozen import frozen

from orun_cockpit.view import Mark  # noqa: TC001 - the schemas are made from the annotations


@frozen
class PlanRow:
    """One line of a list of plans. `latest` is the newest run of it, with its mark."""

    checksum: str
    checksum_short: str
    names: tuple[str, ...]
    latest: str
    mark: Mark | None
    state: str
    age: float | None


@frozen
class PlanListView:
    """Plans, newest first."""

    plans: tuple[PlanRow, ...]


@frozen
class LastRun:
    """The newest run that holds jobs of a component, and how these went."""

    exec_id: str
    mark: Mark
    state: str
    age: float | None


@frozen
class InstanceView:
    """A component in one environment, everything merged."""

    environment: str
    path: str
    profile: str
    jobs: tuple[str, ...]


@frozen
class ComponentView:
    """One compiled component. `changed` is None when nobody asked the change detection."""

    name: str
    type: str
    domain: str
    owner: str
    enabled: bool
    path: str
    source: str
    depends_on: tuple[str, ...]
    environments: tuple[str, ...]
    instances: tuple[InstanceView, ...]
    changed: bool | None
    last_run: LastRun | None


@frozen
class ComponentListView:
    """Components, by name."""

    components: tuple[ComponentView, ...]


@frozen
class EnvironmentView:
    """One environment of the intent."""

    name: str
    active: bool
    components: tuple[str, ...]
    after: tuple[str, ...]
    """Environments that are promoted first."""
    policies: tuple[tuple[str, str], ...]


@frozen
class EnvironmentListView:
    """Environments, by name."""

    environments: tuple[EnvironmentView, ...]


@frozen
class JobRow:
    """A planned job and, when the plan has been run, how it went in the newest run of it."""

    id: str
    component: str
    environment: str
    name: str
    steps: int
    depends_on: tuple[str, ...]
    mark: Mark | None
    state: str
    duration: float | None


@frozen
class JobListView:
    """The jobs of a plan, in plan order; `exec_id` is the newest run of it, or empty."""

    plan: str
    checksum: str
    checksum_short: str
    exec_id: str
    jobs: tuple[JobRow, ...]
