"""The plan contract: what `plan.json` holds, and nothing that compiles or runs it.

The classes are the schema (`orun schema plan` prints it): a field without a default is always written, a field with a default
is written unless it is empty; fields are written in the order of this file, maps with their keys sorted. JSON names are the
camelCase of the names here (`json_name`). Field names follow the original orun's plan, so that pipelines which read one go on working.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, Literal

API_VERSION: Final = "orun.io/v1"
KIND: Final = "Plan"


@cache
def json_name(name: str) -> str:
    """The name of a field in JSON: `depends_on` → `dependsOn`, `working_directory` → `working-directory`."""
    if name == "working_directory":
        return "working-directory"
    head, *tail = name.rstrip("_").split("_")
    return head + "".join(word.capitalize() for word in tail)


SCHEMA_CONFIG: dict[str, Any] = {"use_attribute_docstrings": True, "alias_generator": json_name, "extra": "forbid"}


@dataclass(frozen=True, slots=True)
class Step:
    """One command of a job."""

    __pydantic_config__ = SCHEMA_CONFIG

    id: str
    """Name of the step, or `step-N` (N counts from 1) when it has none."""
    phase: Literal["pre", "main", "post"]
    """`pre` and `main` stop at the first failure; `post` always runs."""
    name: str = ""
    """Name as authored."""
    order: int = 0
    """Rank inside the phase; ties keep the authored order."""
    run: str = ""
    """Script for `shell`. Exactly one of `run` and `use` is set, or neither."""
    use: str = ""
    """Reference of a GitHub action."""
    with_: Mapping[str, Any] = field(default_factory=dict)
    """Inputs of the action."""
    env: Mapping[str, Any] = field(default_factory=dict)
    """Environment of this step only; wins over the job's."""
    shell: str = ""
    """Shell of `run`: `bash`, `sh`, `python`, `pwsh` or a template with `{0}` for the script's path."""
    working_directory: str = ""
    """Folder relative to the job's `path`."""
    timeout: str = ""
    """Go duration such as `90s` or `1h30m`."""
    retry: int = 0
    """Further attempts after a failure."""
    resume: bool = False
    """The step may continue where an earlier attempt stopped."""
    on_failure: str = ""
    """`continue` makes a failure of this step an allowed one; anything else stops the job."""


@dataclass(frozen=True, slots=True)
class Dependency:
    """One edge of the DAG and why it is there."""

    __pydantic_config__ = SCHEMA_CONFIG

    job: str
    """Id of the job that comes first."""
    kind: Literal["component", "promotion"]
    """`component`: a `dependsOn` entry; `promotion`: `environments.*.promotion`."""
    mode: Literal["enforced", "advisory"]
    """`enforced` edges order the run; `advisory` ones are shown only."""
    reason: str
    """The rule, in words."""


@dataclass(frozen=True, slots=True)
class Gate:
    """A promotion that another plan must have fulfilled; the runtime checks it against recorded runs."""

    __pydantic_config__ = SCHEMA_CONFIG

    type: Literal["environment-promotion"]
    """Kind of gate."""
    environment: str
    """Environment that comes first."""
    component: str
    """Component whose success is asked for."""
    condition: str
    """What must have happened there, `success` by default."""
    match: Mapping[str, str]
    """What both runs must share: `revision: source` asks for the same source revision."""


@dataclass(frozen=True, slots=True)
class SecretRef:
    """A secret the job receives at run time; its value is never in a plan."""

    __pydantic_config__ = SCHEMA_CONFIG

    as_env: str
    """Environment variable that carries the value."""
    ref: str
    """`secret://` reference, as authored."""
    optional: bool = False
    """The job runs without it when it cannot be resolved."""


@dataclass(frozen=True, slots=True)
class Materialize:
    """Where a profile asks for the secrets to be written."""

    __pydantic_config__ = SCHEMA_CONFIG

    target: str
    """Name of the target."""
    secrets: tuple[str, ...] = ()
    """Environment variables of the secrets, sorted."""


@dataclass(frozen=True, slots=True)
class Policy:
    """A merged policy value of a job and the layer that decided it."""

    __pydantic_config__ = SCHEMA_CONFIG

    name: str
    """Name of the policy."""
    value: Any
    """Its value after merging."""
    layer: str
    """`group:NAME`, `environment:NAME`, `preset:SOURCE/NAME` or `profile:TYPE.NAME`."""


@dataclass(frozen=True, slots=True)
class Waiver:
    """A violation that somebody answered for."""

    __pydantic_config__ = SCHEMA_CONFIG

    policy: str
    """Name of the policy."""
    owner: str
    """Who answers for it."""
    reason: str
    """Why it is accepted."""
    expires: str
    """Last day it holds, `YYYY-MM-DD`."""


@dataclass(frozen=True, slots=True)
class Obligation:
    """A policy that only a run can satisfy; the runtime refuses the job when it is unmet."""

    __pydantic_config__ = SCHEMA_CONFIG

    kind: Literal["approval", "clean-git-tree", "isolation"]
    """What the runtime must see to."""
    policy: str
    """Policy that asks for it."""
    layer: str
    """Layer that set the policy."""
    value: Any = None
    """Options of the obligation, for example the isolation mode."""


@dataclass(frozen=True, slots=True)
class Concurrency:
    """A named pool that limits how many jobs run at once; `limit` 1 is a mutex."""

    __pydantic_config__ = SCHEMA_CONFIG

    group: str
    """Name of the pool."""
    limit: int = 1
    """Jobs of the pool that may run at once."""


@dataclass(frozen=True, slots=True)
class Service:
    """A container beside the job, reachable by its name."""

    __pydantic_config__ = SCHEMA_CONFIG

    name: str
    """Host name in the job's network."""
    image: str
    """Image reference."""
    env: Mapping[str, str] = field(default_factory=dict)
    """Environment of the service."""
    ports: tuple[str, ...] = ()
    """Ports in `HOST:CONTAINER`, `IP:HOST:CONTAINER` or `CONTAINER` form."""
    health: str = ""
    """Command that exits 0 when the service is ready."""
    command: str = ""
    """Command instead of the image's own."""


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class PrunedEdge:
    """A dependency that the selection left out."""

    __pydantic_config__ = SCHEMA_CONFIG

    kind: Literal["component", "promotion"]
    """`component`: between components; `promotion`: between environments."""
    from_: str
    """Who depends."""
    to: str
    """On whom."""
    reason: Literal["component-not-selected", "env-not-selected"]
    """Why it is not in the plan."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What part of the intent is in the plan."""

    __pydantic_config__ = SCHEMA_CONFIG

    envs: tuple[str, ...]
    """Active environments, sorted."""
    components: tuple[str, ...]
    """Components with at least one job, sorted."""
    mode: Literal["full", "scoped"]
    """`scoped` when any filter, trigger or change set was used."""
    all_envs: bool
    """`--all-envs` was given."""
    pruned_edges: tuple[PrunedEdge, ...] = ()
    """Dependencies that the selection left out, sorted."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """The event that this plan answers."""

    __pydantic_config__ = SCHEMA_CONFIG

    type: Literal["system", "declared"]
    """`declared` when trigger bindings of the intent matched."""
    name: str
    """First matched binding, or `system.manual`, `system.manual-changed`."""
    mode: Literal["manual", "changed", "event-file"]
    """How the event came."""
    matched_bindings: tuple[str, ...]
    """All matched bindings, sorted."""
    active_environments: tuple[str, ...]
    """Environments that the bindings activate, sorted."""
    scope: str
    """`full` or `changed`."""
    provider: str = ""
    """Trigger provider."""
    event: str = ""
    """Event name."""
    action: str = ""
    """Action of the event."""
    base: str = ""
    """Revision to compare with."""
    head: str = ""
    """Revision that is planned."""


@dataclass(frozen=True, slots=True)
class PluginRef:
    """A plugin that acted on this plan."""

    __pydantic_config__ = SCHEMA_CONFIG

    name: str
    """Plugin name."""
    distribution: str
    """Distribution that ships it."""
    version: str
    """Version of the distribution."""
    roles: tuple[str, ...]
    """What it did: `stage:bind`, `source:oci`, `policy:allowedTypes`, sorted."""


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file that the plan was compiled from."""

    __pydantic_config__ = SCHEMA_CONFIG

    path: str
    """Path relative to the intent's folder."""
    digest: str
    """`sha256:` + hash of its bytes."""


@dataclass(frozen=True, slots=True)
class Compiler:
    """Who compiled the plan, from what."""

    __pydantic_config__ = SCHEMA_CONFIG

    version: str
    """Version of orun-core."""
    plugins: tuple[PluginRef, ...]
    """Plugins that acted, sorted by name."""
    inputs: tuple[InputFile, ...] = ()
    """Authored files, sorted by path; composition packages are pinned by `spec.compositionSources`."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """Identity and origin of a plan."""

    __pydantic_config__ = SCHEMA_CONFIG

    name: str
    """`metadata.name` of the intent."""
    checksum: str
    """`sha256-` + hash of what will run: execution, jobs (without `uid`) and composition digests."""
    seal: str
    """`sha256-` + hash of the whole file without this field: tamper evidence."""
    trigger: Trigger
    """The event that this plan answers."""
    selection: Selection
    """What part of the intent is in the plan."""
    compiler: Compiler
    """Who compiled it, from what."""
    description: str = ""
    """`metadata.description` of the intent."""
    namespace: str = ""
    """`metadata.namespace` of the intent."""


@dataclass(frozen=True, slots=True)
class Execution:
    """Defaults of a run of this plan."""

    __pydantic_config__ = SCHEMA_CONFIG

    concurrency: int
    """Jobs at once."""
    fail_fast: bool
    """Start nothing new after the first failure."""


@dataclass(frozen=True, slots=True)
class CompositionSource:
    """A composition package, pinned by digest."""

    __pydantic_config__ = SCHEMA_CONFIG

    name: str
    """Name of the source in the intent."""
    kind: str
    """Kind of source: `dir`, `archive`, `oci`, `git` or a plugin's."""
    resolved_digest: str
    """`sha256:` + hash of the package."""
    ref: str = ""
    """Reference as authored."""
    path: str = ""
    """Path as authored."""
    exports: tuple[str, ...] = ()
    """Types it exports, sorted."""


@dataclass(frozen=True, slots=True)
class Spec:
    """What the jobs were built with."""

    __pydantic_config__ = SCHEMA_CONFIG

    job_bindings: Mapping[str, str] = field(default_factory=dict)
    """Composition type → name of the stack that ships it."""
    composition_sources: tuple[CompositionSource, ...] = ()
    """Packages in the order of the intent."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The boundary: everything a run needs and a reviewer wants, and nothing else."""

    __pydantic_config__ = SCHEMA_CONFIG

    api_version: Literal["orun.io/v1"]
    """Version of this contract."""
    kind: Literal["Plan"]
    """Always `Plan`."""
    metadata: Metadata
    """Identity and origin."""
    execution: Execution
    """Defaults of a run."""
    spec: Spec
    """What the jobs were built with."""
    jobs: tuple[Job, ...]
    """Jobs in lexicographic topological order."""

    def job(self, job_id: str) -> Job:
        """The job with this id; raises `KeyError`."""
        for job in self.jobs:
            if job.id == job_id:
                return job
        raise KeyError(job_id)
