"""A node of the DAG."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any, Literal

from orun_core.spec.frozen import frozen
from orun_core.spec.json_form import SCHEMA_CONFIG
from orun_core.spec.plan.edge import Dependency, Gate
from orun_core.spec.plan.needs import Concurrency, Materialize, SecretRef, Service
from orun_core.spec.plan.policy import Obligation, Policy, Waiver
from orun_core.spec.plan.step import Step


@frozen
class Job:
    """A node of the DAG: one job of one component in one environment."""

    __pydantic_config__ = SCHEMA_CONFIG

    id: str
    """`component.environment.job`, unique in the plan."""
    uid: str
    """`job_` + 7 hex digits of the checksum + `_` + 12 hex digits of the id's hash: unique across plans."""
    display_name: str
    """Job name for people: `verify-deploy` → `Verify deploy`."""
    check_name: str
    """`component · environment · display name`, for check runs."""
    name: str
    """Job name."""
    component: str
    """Component name."""
    environment: str
    """Environment name."""
    composition: str
    """Type of the component."""
    digest: str
    """`sha256-` + hash of this job's own content; a resumed run skips a job only if it is unchanged."""
    profile_source: Literal["subscription", "subscription-rule", "composition-default", "legacy-none"]
    """Which rule chose the profile."""
    dependency_mode: Literal["enforced", "advisory", "disabled"]
    """How the component's dependencies bind this job."""
    dependency_source: Literal["subscription", "subscription-rule", "environment", "default"]
    """Which rule chose the mode."""
    steps: tuple[Step, ...]
    """Steps in the order in which they run."""
    profile: str = ""
    """`type.profile`."""
    profile_rule_trigger_ref: str = ""
    """Trigger of the profile rule that fired."""
    job_registry: str = ""
    """Name of the stack that ships the composition type."""
    job: str = ""
    """Job name again, for readers of the original's plans."""
    runs_on: str = ""
    """Runner label or container image."""
    path: str = ""
    """Working folder, relative to the intent's folder."""
    depends_on: tuple[str, ...] = ()
    """Ids of the jobs that must have succeeded, sorted."""
    advisory_depends_on: tuple[str, ...] = ()
    """Ids of the jobs that come first in spirit, sorted; they never block."""
    dependencies: tuple[Dependency, ...] = ()
    """Every edge with its kind, mode and reason, sorted by job."""
    dependency_rule_trigger_ref: str = ""
    """Trigger of the dependency rule that fired."""
    gates: tuple[Gate, ...] = ()
    """Promotions from environments outside this plan."""
    obligations: tuple[Obligation, ...] = ()
    """Policies that the runtime must satisfy, sorted by kind."""
    timeout: str = ""
    """Budget of the whole job, Go duration."""
    retries: int = 0
    """Further attempts of the whole job."""
    concurrency: Concurrency | None = None
    """Pool that this job takes a slot of."""
    env: Mapping[str, str] = field(default_factory=dict)
    """Environment of every step."""
    secret_refs: tuple[SecretRef, ...] = ()
    """Secrets, sorted by variable."""
    materialize: Materialize | None = None
    """Where the profile wants the secrets written."""
    services: tuple[Service, ...] = ()
    """Containers beside the job, sorted by name."""
    outputs: tuple[str, ...] = ()
    """Files and folders, relative to `path`, that an isolated job gives back to the workspace."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Labels of the component."""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """Merged and interpolated parameters."""
    policies: tuple[Policy, ...] = ()
    """Merged policies with their layers, sorted by name."""
    waivers: tuple[Waiver, ...] = ()
    """Accepted violations, sorted by policy."""
