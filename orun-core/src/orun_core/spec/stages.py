"""What each compiler stage hands to the next. Each value holds the previous one and adds what its stage decided.

Request ─load→ LoadedProject ─normalize→ NormalizedProject ─expand→ Expansion ─bind→ Binding ─resolve→ Resolution
        ─(policies)→ Verdict ─materialize→ Plan
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from orun_core.spec.frozen import frozen

if TYPE_CHECKING:
    from orun_core.spec.components import Components
    from orun_core.spec.documents import (
        Component,
        Constraint,
        Environment,
        Intent,
        IntentPresetSpec,
        JobTemplate,
        Profile,
        Subscription,
    )
    from orun_core.spec.errors import Diagnostic
    from orun_core.spec.plan import (
        Dependency,
        Gate,
        InputFile,
        Materialize,
        Obligation,
        Plan,
        Policy,
        PrunedEdge,
        SecretRef,
        Selection,
        Step,
        Trigger,
        Waiver,
    )
    from orun_core.spec.source import FetchedSource, SourceRequest
    from orun_core.spec.trigger import TriggerEvent

T = TypeVar("T")


@dataclass(frozen=True, slots=True, order=True)
class Origin:
    """Where an authored value stands: file relative to the intent's folder, JSON pointer in its document."""

    file: str
    pointer: str = ""

    def at(self, *keys: str | int) -> Origin:
        """The origin of something inside this value."""
        pointer = self.pointer
        for key in keys:
            token = str(key)
            if "/" in token or "~" in token:
                token = token.replace("~", "~0").replace("/", "~1")
            pointer = f"{pointer}/{token}"
        return Origin(self.file, pointer)

    def among(self, others: Mapping[str, Origin]) -> Origin:
        """Where this value stands when `others` says, by JSON pointer, what stands elsewhere."""
        pointer = self.pointer if others else ""
        while pointer:
            if pointer in others:
                found = others[pointer]
                return Origin(found.file, found.pointer + self.pointer[len(pointer) :])
            pointer = pointer.rpartition("/")[0]
        return self


@frozen
class Authored(Generic[T]):
    """A document and where it stands."""

    value: T
    origin: Origin


@frozen
class Layer:
    """One layer of a merge, low to high: `name` says which (`intent`, `environment:dev`, `component:api` …)."""

    name: str
    origin: Origin
    values: Mapping[str, Any]


@frozen
class Recorded:
    """Trigger and selection of a plan that is compiled again."""

    trigger: Trigger
    selection: Selection


@frozen
class Request:
    """What the caller asks of one compile. Patterns are exact names or prefixes ending in `*`.

    `trigger`: name of a trigger binding; `event`: a parsed event instead. `changed`: ask the change detection; `as_of`: date
    `YYYY-MM-DD` against which waivers expire. `offline` and `frozen` rule the composition sources; `lock_required` makes a
    missing lock an error although nothing floats. `recorded`: what an earlier plan
    selected, to compile it again.
    """

    environments: tuple[str, ...] = ()
    all_environments: bool = False
    components: tuple[str, ...] = ()
    trigger: str = ""
    event: TriggerEvent | None = None
    changed: bool = False
    strict: bool = False
    as_of: str = ""
    offline: bool = False
    frozen: bool = False
    lock_required: bool = False
    recorded: Recorded | None = None


@frozen
class Workspace:
    """What only `load` may touch. `fetch` resolves one composition source; `config_dir` is the original's legacy registry folder."""

    root: Path
    intent: Path
    fetch: Callable[[SourceRequest], FetchedSource]
    config_dir: Path | None = None
    memory: Path | None = None
    """Folder of what compiles of this intent leave for later ones; None remembers nothing."""
    package_folders: dict[str, Path] = field(default_factory=dict)
    """Filled by `load`: folder of each package outside the workspace, whose files origins write as `SOURCE:path`."""


@frozen
class LoadedComposition:
    """One composition of a package: the contract of a component type."""

    type: str
    source: str
    registry: str
    description: str
    default_job: str
    default_profile: str
    schema: Mapping[str, Any]
    schema_origin: Origin
    jobs: Mapping[str, Authored[JobTemplate]]
    profiles: Mapping[str, Authored[Profile]]
    origin: Origin
    lifecycle: str = ""
    constraints: tuple[Constraint, ...] = ()


@frozen
class Package:
    """A fetched composition source with its compositions by type."""

    request: SourceRequest
    digest: str
    stack: str
    description: str
    compositions: Mapping[str, LoadedComposition]
    version: str = ""
    """The release that a range of versions was resolved to."""


@frozen
class LoadedPreset:
    """An IntentPreset that the intent extends. `values` is its `spec`."""

    name: str
    origin: Origin
    values: IntentPresetSpec


@frozen
class LoadedProject:
    """Everything read from disk; nothing after this touches it again. Components: inline ones first, then files by path.

    `cleared`: component files in which an earlier compile found nothing wrong, judged by the same intent, names, packages and
    code; they need not be checked again.
    """

    request: Request
    intent: Authored[Intent]
    components: Components
    packages: tuple[Package, ...]
    presets: tuple[LoadedPreset, ...]
    inputs: tuple[InputFile, ...]
    warnings: tuple[Diagnostic, ...] = ()
    cleared: frozenset[str] = frozenset()


@frozen
class NormalizedProject:
    """A project that is valid on its own terms: presets merged, defaults set, references checked, a composition chosen per component.

    `origins`: where a value of the merged intent really stands, by JSON pointer, when a preset set it. `active`: environments
    the trigger activated, None without a declared trigger. `changed`: selected components, None without change detection.
    `cleared`: component files in which nothing is wrong or doubtful.
    """

    loaded: LoadedProject
    intent: Intent
    environments: Mapping[str, Environment]
    components: Components
    compositions: Mapping[str, LoadedComposition]
    """Composition by component type: the default choice."""
    chosen: Mapping[str, LoadedComposition]
    """Composition by component name."""
    trigger: Trigger
    origins: Mapping[str, Origin] = field(default_factory=dict)
    active: tuple[str, ...] | None = None
    changed: tuple[str, ...] | None = None
    warnings: tuple[Diagnostic, ...] = ()
    cleared: frozenset[str] = frozenset()

    def origin(self, *keys: str | int) -> Origin:
        """Where a value of the merged intent stands."""
        return self.loaded.intent.origin.at(*keys).among(self.origins)


@frozen
class Instance:
    """One component in one environment, everything merged.

    `layers`: for `parameters`, `env`, `secretEnv`, `path` and `policies` the layers that were merged, low to high; the last one that has a
    key set it, the ones before were overridden.
    """

    component: Authored[Component]
    environment: str
    composition: LoadedComposition
    profile: str
    """Short name of the profile, or empty."""
    profile_source: str
    profile_rule: str
    """Trigger of the profile rule that fired, or empty."""
    dependency_mode: str
    dependency_source: str
    dependency_rule: str
    path: str
    parameters: Mapping[str, Any]
    env: Mapping[str, str]
    secret_refs: tuple[SecretRef, ...]
    policies: tuple[Policy, ...]
    subscription: Authored[Subscription] | None
    layers: Mapping[str, tuple[Layer, ...]]
    materialize: Materialize | None = None

    @property
    def name(self) -> str:
        """Component name."""
        return self.component.value.name


@frozen
class Expansion:
    """Every selected (component, environment), sorted by environment, then component; `environments` are the active ones, sorted."""

    project: NormalizedProject
    environments: tuple[str, ...]
    instances: tuple[Instance, ...]
    warnings: tuple[Diagnostic, ...] = ()


@frozen
class BoundStep:
    """A rendered step and the template line it came from. `layer`: `composition`, `profile` or `component`.

    `changed`: where a field stands that a profile set instead, by the field's name in the plan.
    """

    step: Step
    origin: Origin
    layer: str
    changed: Mapping[str, Origin] = field(default_factory=dict)


@frozen
class BoundJob:
    """A job of an instance with its steps rendered, in execution order."""

    id: str
    name: str
    instance: Instance
    template: Authored[JobTemplate]
    steps: tuple[BoundStep, ...]


@frozen
class Binding:
    """All jobs, sorted by id, without edges."""

    expansion: Expansion
    jobs: tuple[BoundJob, ...]
    warnings: tuple[Diagnostic, ...] = ()


@frozen
class ResolvedJob:
    """A job with its edges. `causes`: where each edge was declared, by id of the job it points to."""

    bound: BoundJob
    depends_on: tuple[str, ...]
    advisory_depends_on: tuple[str, ...]
    dependencies: tuple[Dependency, ...]
    gates: tuple[Gate, ...]
    causes: Mapping[str, Origin]

    @property
    def id(self) -> str:
        """`component.environment.job`."""
        return self.bound.id


@frozen
class Resolution:
    """The DAG: jobs in lexicographic topological order."""

    binding: Binding
    jobs: tuple[ResolvedJob, ...]
    pruned: tuple[PrunedEdge, ...]
    selection: Selection
    warnings: tuple[Diagnostic, ...] = ()

    @property
    def project(self) -> NormalizedProject:
        """The normalized project behind it."""
        return self.binding.expansion.project


@frozen
class Verdict:
    """What the policies said, by job id. A violation without a waiver never gets here: it is a `PolicyError`."""

    obligations: Mapping[str, tuple[Obligation, ...]] = field(default_factory=dict)
    waivers: Mapping[str, tuple[Waiver, ...]] = field(default_factory=dict)
    warnings: tuple[Diagnostic, ...] = ()


@frozen
class Compiled:
    """Result of one compile. `document`: the plan's JSON tree. `provenance`: the deterministic document stored beside the plan."""

    plan: Plan
    document: Mapping[str, Any]
    provenance: Mapping[str, Any]
    resolution: Resolution
    warnings: tuple[Diagnostic, ...]
