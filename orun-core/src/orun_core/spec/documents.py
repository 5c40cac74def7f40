"""What people write: every kind of document, as models.

`orun schema KIND` prints the JSON Schemas of these classes; `compiler/decode.py` reads YAML through them. Field names and meanings follow
the original orun, so that its documents work unchanged. A field without effect here is accepted and ignored; its docstring says so.
Every string field takes any scalar and keeps its source text; null is the same as absent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler

from orun_core.spec.plan import json_name


class Document(BaseModel):
    """Base of all models: immutable, camelCase in files, unknown keys ignored (near misses are warned about).

    Defaults that are models are constructed without validation: validating them here would build their validators at import.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        populate_by_name=True,
        alias_generator=json_name,
        defer_build=True,
    )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """The model's schema, with the docstrings of its fields as descriptions."""
        from orun_core.spec.field_docs import field_docs

        tree = handler(schema)
        properties = handler.resolve_ref_schema(tree)["properties"]
        for name, text in field_docs(cls).items():
            if name in cls.model_fields:
                properties[cls.model_fields[name].alias or name]["description"] = text
        return tree

    scalar_field: ClassVar[str] = ""
    """A scalar in place of the mapping sets this field."""
    ignored_keys: ClassVar[frozenset[str]] = frozenset()
    """Known keys without effect: never mistaken for a misspelling."""
    retired_keys: ClassVar[Mapping[str, str]] = {}
    """Keys of an older orun that have no effect any more → what to write instead."""
    lenient_keys: ClassVar[frozenset[str]] = frozenset()
    """Keys that the original ignores: a value of another shape than ours is a warning and counts as absent."""


class Metadata(Document):
    """Who a document is."""

    lenient_keys = frozenset(("title", "version", "owner", "labels", "annotations", "tags"))

    name: str = ""
    """Name of the document."""
    title: str = ""
    """For people."""
    description: str = ""
    """For people."""
    namespace: str = ""
    """Carried into the plan (intent only)."""
    version: str = ""
    """Version of a package."""
    owner: str = ""
    """Who answers for it."""
    labels: dict[str, Any] = Field(default_factory=dict)
    """Carried by the catalog; no effect on a plan."""
    annotations: dict[str, Any] = Field(default_factory=dict)
    """No effect on a plan."""
    tags: tuple[Any, ...] = ()
    """No effect on a plan."""


class Constraint(Document):
    """A rule in CEL that instances and jobs must satisfy."""

    name: str = ""
    """Name of the constraint in messages and waivers."""
    rule: str = ""
    """CEL expression; false is a violation."""
    message: str = ""
    """CEL expression that gives the message, or plain text when it is not one."""
    when: str = ""
    """CEL expression; the rule applies where it is true."""
    severity: str = "deny"
    """`deny`, `warn` or `info`."""
    engine: str = "cel"
    """Policy plugin that evaluates the rule."""


class WaiverDocument(Document):
    """An accepted violation."""

    policy: str = ""
    """Name of the policy or constraint."""
    component: str = "*"
    """Component name or pattern."""
    environment: str = "*"
    """Environment name or pattern."""
    owner: str = ""
    """Who answers for it."""
    reason: str = ""
    """Why it is accepted."""
    expires: str = ""
    """Last day it holds, `YYYY-MM-DD`."""


class Source(Document):
    """A composition package that the intent uses."""

    lenient_keys = frozenset(("pullPolicy", "metadata"))

    name: str = ""
    """Name inside this intent."""
    kind: str = ""
    """`dir`, `archive`, `oci`, `git` or a kind that a plugin offers."""
    path: str = ""
    """Folder or archive, relative to the intent."""
    ref: str = ""
    """Reference for kinds that are fetched."""
    digest: str = ""
    """Pin: the only digest accepted."""
    pull_policy: str = ""
    """Accepted and ignored: the cache is content-addressed."""
    verify: dict[str, Any] = Field(default_factory=dict)
    """`keyRef`, `required`: signature that the package must carry."""
    metadata: dict[str, Any] = Field(default_factory=dict)
    """Accepted and ignored."""
    options: dict[str, Any] = Field(default_factory=dict)
    """Options of the kind."""


class SourceResolution(Document):
    """Which source wins when several export a type."""

    precedence: tuple[str, ...] = ()
    """Source names, best first."""
    bindings: dict[str, str] = Field(default_factory=dict)
    """Type → source."""


class Compositions(Document):
    """Composition packages."""

    sources: tuple[Source, ...] = ()
    """Packages."""
    resolution: SourceResolution = SourceResolution.model_construct()
    """Choice between packages."""


class Extends(Document):
    """A preset that the intent builds on."""

    source: str = ""
    """Composition source that publishes it."""
    preset: str = ""
    """Name of the preset."""


class Discovery(Document):
    """Where component files are looked for."""

    roots: tuple[str, ...] = ()
    """Folders relative to the intent; `["."]` when empty."""


class TriggerOn(Document):
    """Events that a binding matches. Patterns: exact, or one `*`."""

    provider: str = ""
    """Trigger provider."""
    event: str = ""
    """Event name."""
    actions: tuple[str, ...] = ()
    """Any of these actions."""
    branches: tuple[str, ...] = ()
    """Any of these branches."""
    base_branches: tuple[str, ...] = ()
    """Any of these target branches."""
    tags: tuple[str, ...] = ()
    """Any of these tags."""


class TriggerPlan(Document):
    """How a matched event is planned."""

    scope: str = ""
    """`full` or `changed`."""
    base: str = ""
    """Path of the base revision in the event's payload."""
    head: str = ""
    """Path of the head revision in the event's payload."""


class TriggerBinding(Document):
    """An event that environments can be activated by."""

    description: str = ""
    """For people."""
    on: TriggerOn = TriggerOn.model_construct()
    """What it matches."""
    plan: TriggerPlan = TriggerPlan.model_construct()
    """How it is planned."""


class Automation(Document):
    """Events."""

    trigger_bindings: dict[str, TriggerBinding] = Field(default_factory=dict)
    """Name → binding."""


class Group(Document):
    """A domain of components with common defaults and policies."""

    retired_keys: ClassVar[Mapping[str, str]] = {"defaults": 'parameterDefaults: {"*": …}'}

    path: str = ""
    """Accepted and ignored; use `parameterDefaults."*".path`."""
    parameter_defaults: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """Type or `*` → parameter → default."""
    policies: dict[str, Any] = Field(default_factory=dict)
    """Policy name → value."""
    constraints: tuple[Constraint, ...] = ()
    """Rules for the group's components."""


class Activation(Document):
    """When an environment takes part."""

    trigger_refs: tuple[str, ...] = ()
    """Trigger bindings that activate it."""


class PromotionMatch(Document):
    """What both runs of a promotion share."""

    revision: str = "source"
    """`source`: the same source revision."""


class PromotionDependency(Document):
    """An environment that must come first."""

    environment: str = ""
    """Its name."""
    strategy: str = "same-component"
    """`same-component` or `environment-barrier`."""
    condition: str = "success"
    """What must have happened there."""
    satisfy: str = "same-plan-or-previous-success"
    """`same-plan`, `previous-success` or `same-plan-or-previous-success`."""
    match: PromotionMatch = PromotionMatch.model_construct()
    """What both runs share."""


class Promotion(Document):
    """Order between environments."""

    depends_on: tuple[PromotionDependency, ...] = ()
    """Environments that come first."""


class Selectors(Document):
    """Which components an environment takes."""

    components: tuple[str, ...] | None = None
    """Patterns for components without subscriptions."""
    domains: tuple[str, ...] | None = None
    """Patterns that every component's domain must match."""


class Environment(Document):
    """A place that components are deployed to."""

    retired_keys: ClassVar[Mapping[str, str]] = {"defaults": 'parameterDefaults: {"*": …}'}

    path: str = ""
    """Accepted and ignored."""
    activation: Activation = Activation.model_construct()
    """When it takes part."""
    promotion: Promotion = Promotion.model_construct()
    """What comes first."""
    selectors: Selectors = Selectors.model_construct()
    """Which components it takes."""
    parameter_defaults: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """Type or `*` → parameter → default."""
    policies: dict[str, Any] = Field(default_factory=dict)
    """Policy name → value."""
    constraints: tuple[Constraint, ...] = ()
    """Rules for everything in it."""
    env: dict[str, str] = Field(default_factory=dict)
    """Environment variables."""
    secret_env: dict[str, str] = Field(default_factory=dict)
    """Secret references by variable."""
    dependency_mode: str = ""
    """`enforced` (default), `advisory` or `disabled`."""


class RuleWhen(Document):
    """Condition of a rule."""

    trigger_ref: str = ""
    """Trigger binding that must have matched."""


class ProfileRule(Document):
    """A profile for a trigger."""

    profile: str = ""
    """Profile to use."""
    when: RuleWhen = RuleWhen.model_construct()
    """When."""


class DependencyRule(Document):
    """A dependency mode for a trigger."""

    mode: str = ""
    """Mode to use."""
    when: RuleWhen = RuleWhen.model_construct()
    """When."""


class Subscription(Document):
    """An environment that a component goes to."""

    scalar_field = "name"

    name: str = ""
    """Environment; a pattern makes the component eligible and sets nothing else."""
    profile: str = ""
    """Profile in this environment."""
    profile_rules: tuple[ProfileRule, ...] = ()
    """Profiles by trigger; the first match wins."""
    dependency_mode: str = ""
    """Mode in this environment."""
    dependency_rules: tuple[DependencyRule, ...] = ()
    """Modes by trigger; the first match wins."""
    env: dict[str, str] = Field(default_factory=dict)
    """Environment variables here."""
    secret_env: dict[str, str] = Field(default_factory=dict)
    """Secret references here."""
    parameters: dict[str, Any] = Field(default_factory=dict)
    """Parameters here."""


class Subscribe(Document):
    """Environments of a component."""

    environments: tuple[Subscription, ...] = ()
    """One entry per environment."""


class CompositionRef(Document):
    """A composition other than the type's default."""

    source: str = ""
    """Composition source."""
    name: str = ""
    """Export; the component's type when empty."""


class DependsOn(Document):
    """A component that comes first."""

    ignored_keys = frozenset({"relationship", "optional"})

    component: str = ""
    """Its name."""
    environment: str = ""
    """Its environment; the same one when empty."""
    scope: str = "same-environment"
    """Carried; cross-environment edges are chosen by `environment`."""
    condition: str = "success"
    """Carried into the edge's reason."""
    include: str = "if-selected"
    """`always` makes its absence an error."""
    reason: str = ""
    """Why, for readers of the plan."""
    input: bool = False
    """A change of it changes this component."""


class Approval(Document):
    """A gate inside a workflow step."""

    prompt: str = ""
    """Question."""
    timeout: str = ""
    """How long to wait."""
    on_timeout: str = ""
    """`fail` or `proceed`."""


class Step(Document):
    """One command of a job."""

    id: str = ""
    """Name that profiles select by; the plan's id is `name`."""
    name: str = ""
    """Name in the plan."""
    capability: str = ""
    """What it does, for `includeCapabilities`."""
    phase: str = ""
    """`pre`, `main` (default) or `post`."""
    order: int = 0
    """Rank inside the phase."""
    run: str = ""
    """Script (template)."""
    use: str = ""
    """GitHub action (template)."""
    workflow: str = ""
    """Workflow file (refused: no runner of this orun runs them)."""
    connections: dict[str, dict[str, str]] = Field(default_factory=dict)
    """Connections of a workflow."""
    with_: dict[str, Any] = Field(default={}, alias="with")
    """Inputs of the action; top-level strings are templates."""
    env: dict[str, Any] = Field(default_factory=dict)
    """Environment; top-level strings are templates."""
    shell: str = ""
    """Shell (template)."""
    working_directory: str = Field(default="", alias="working-directory")
    """Folder relative to the job's (template)."""
    timeout: str = ""
    """Go duration."""
    retry: int = 0
    """Further attempts."""
    resume: bool = False
    """May continue where an earlier attempt stopped."""
    approval: Approval | None = None
    """Gate of a workflow step."""
    on_failure: str = ""
    """`continue` allows a failure."""


class StepOverrides(Document):
    """Steps that a component replaces or adds."""

    steps: tuple[Step, ...] = ()
    """Matched by name."""


class Change(Document):
    """What else a component reacts to."""

    watches: tuple[str, ...] = ()
    """Sections of the intent: automation, compositions, discovery, env, environments, execution, groups."""


class Component(Document):
    """A thing that ships: an item of `components`, or `spec` of a component file."""

    lenient_keys = frozenset(("owner",))

    ignored_keys = frozenset(
        (
            *("lifecycle", "system", "tags", "title", "language", "docs", "links", "integrations", "extensions"),
            *("providesApis", "consumesApis", "environments", "description"),
        )
    )
    retired_keys: ClassVar[Mapping[str, str]] = {"inputs": "parameters"}

    name: str = ""
    """Unique name; `metadata.name` in a file."""
    type: str = ""
    """Composition type."""
    domain: str = ""
    """Group."""
    enabled: bool = True
    """`false` takes it out of every plan."""
    path: str = ""
    """Working folder; the file's folder when empty."""
    subscribe: Subscribe = Subscribe.model_construct()
    """Environments."""
    composition_ref: CompositionRef | None = None
    """A composition other than the type's default."""
    parameters: dict[str, Any] = Field(default_factory=dict)
    """Inputs of the composition."""
    overrides: StepOverrides = StepOverrides.model_construct()
    """Steps replaced or added."""
    labels: dict[str, str] = Field(default_factory=dict)
    """Labels."""
    depends_on: tuple[DependsOn, ...] = ()
    """Components that come first."""
    env: dict[str, str] = Field(default_factory=dict)
    """Environment variables."""
    secret_env: dict[str, str] = Field(default_factory=dict)
    """Secret references."""
    optional_secret_env: dict[str, str] = Field(default_factory=dict)
    """Secret references that may be missing."""
    change: Change = Change.model_construct()
    """What else it reacts to."""
    owner: str = ""
    """Who answers for it (policy `requireOwner`)."""


class ComponentFile(Document):
    """A `component.yaml`."""

    api_version: str = ""
    """Accepted, not checked."""
    kind: str = ""
    """`Component`."""
    metadata: Metadata = Metadata.model_construct()
    """`name` is required."""
    spec: Component = Component.model_construct()
    """The component."""


class State(Document):
    """Where secrets of profiles are looked up."""

    ignored_keys = frozenset({"mode", "backendUrl", "requireOrg", "autopushCatalog"})

    workspace: str = ""
    """Workspace of secret references."""
    org: str = ""
    """Older name of `workspace`."""
    project: str = ""
    """Project of secret references; the intent's name when empty."""


class ExecutionSettings(Document):
    """Settings of a run that are known at compile time."""

    ignored_keys = frozenset({"mode"})
    lenient_keys = frozenset(("concurrency", "failFast"))

    state: State = State.model_construct()
    """Secret scope."""
    workflow_engine: Any = None
    """Removed from the format: an error when present."""
    concurrency: int = 4
    """Jobs at once."""
    fail_fast: bool = True
    """Start nothing new after the first failure."""


class CompilerSettings(Document):
    """Which plugins compile, and choices of the compiler."""

    load: str = ""
    """Plugin of this stage."""
    normalize: str = ""
    """Plugin of this stage."""
    expand: str = ""
    """Plugin of this stage."""
    bind: str = ""
    """Plugin of this stage."""
    resolve: str = ""
    """Plugin of this stage."""
    materialize: str = ""
    """Plugin of this stage."""
    schema_defaults: str = ""
    """`apply` fills parameters from the schema's `default:` values; empty leaves them out."""


class Intent(Document):
    """`intent.yaml`: what the platform wants."""

    ignored_keys = frozenset({"repo", "catalog", "work", "onboarding", "defaults"})

    api_version: str = ""
    """Accepted, not checked."""
    kind: str = ""
    """Accepted, not checked."""
    metadata: Metadata = Metadata.model_construct()
    """Name, description and namespace go into the plan."""
    extends: tuple[Extends, ...] = ()
    """Presets."""
    discovery: Discovery = Discovery.model_construct()
    """Where component files are."""
    compositions: Compositions = Compositions.model_construct()
    """Packages."""
    automation: Automation = Automation.model_construct()
    """Events."""
    groups: dict[str, Group] = Field(default_factory=dict)
    """Domains."""
    environments: dict[str, Environment] = Field(default_factory=dict)
    """Places."""
    components: tuple[Component, ...] = ()
    """Inline components."""
    env: dict[str, str] = Field(default_factory=dict)
    """Environment variables everywhere."""
    secret_env: dict[str, str] = Field(default_factory=dict)
    """Secret references everywhere."""
    execution: ExecutionSettings = ExecutionSettings.model_construct()
    """Settings of a run."""
    compiler: CompilerSettings = CompilerSettings.model_construct()
    """Choices of the compiler."""
    policies: dict[str, Any] = Field(default_factory=dict)
    """Policies for everything."""
    constraints: tuple[Constraint, ...] = ()
    """Rules for everything."""
    waivers: tuple[WaiverDocument, ...] = ()
    """Accepted violations."""


class StackEntry(Document):
    """A composition file of a stack."""

    path: str = ""
    """`compositions/<name>/compositions.yaml`."""


class PresetEntry(Document):
    """A preset of a stack."""

    name: str = ""
    """Name it is extended by."""
    path: str = ""
    """File."""


class StackSpec(Document):
    """Contents of a stack."""

    compositions: tuple[StackEntry, ...] = ()
    """Composition files; found by walking when empty."""
    intent_presets: tuple[PresetEntry, ...] = ()
    """Presets."""


class Registry(Document):
    """Where a stack is published."""

    host: str = ""
    """Registry host."""
    namespace: str = ""
    """Namespace."""
    repository: str = ""
    """Repository."""
    visibility: str = ""
    """Carried."""


class Stack(Document):
    """`stack.yaml`: a package of compositions."""

    lenient_keys = frozenset(("registry",))

    api_version: str = ""
    """Accepted, not checked."""
    kind: str = ""
    """`Stack`."""
    metadata: Metadata = Metadata.model_construct()
    """`name` becomes every job's `jobRegistry`."""
    registry: Registry = Registry.model_construct()
    """Where it is published."""
    spec: StackSpec = StackSpec.model_construct()
    """Contents."""


class PackageExport(Document):
    """An export of a legacy package."""

    composition: str = ""
    """Type."""
    path: str = ""
    """File."""


class PackageSpec(Document):
    """Contents of a legacy package."""

    ignored_keys = frozenset({"orun", "dependencies"})

    version: str = ""
    """Carried."""
    exports: tuple[PackageExport, ...] = ()
    """Exports."""


class CompositionPackage(Document):
    """`orun.yaml`: the older form of a stack."""

    api_version: str = ""
    """Accepted, not checked."""
    kind: str = ""
    """`CompositionPackage`."""
    metadata: Metadata = Metadata.model_construct()
    """`name` is required."""
    spec: PackageSpec = PackageSpec.model_construct()
    """Contents."""


class NameRef(Document):
    """A reference by name."""

    name: str = ""
    """Name."""


class ConcurrencyDocument(Document):
    """A pool that jobs take a slot of."""

    scalar_field = "group"

    group: str = ""
    """Name of the pool (template)."""
    limit: int = 1
    """Jobs at once."""


class ServiceDocument(Document):
    """A container beside a job."""

    image: str = ""
    """Image reference."""
    env: dict[str, str] = Field(default_factory=dict)
    """Environment."""
    ports: tuple[str, ...] = ()
    """Ports."""
    health: str = ""
    """Command that exits 0 when ready."""
    command: str = ""
    """Command instead of the image's own."""


class JobTemplate(Document):
    """A job: `spec` of a JobTemplate document, or an inline entry of a composition."""

    lenient_keys = frozenset(("concurrency", "services", "outputs"))

    ignored_keys = frozenset({"inputs"})

    description: str = ""
    """For people."""
    runs_on: str = ""
    """Runner label or container image."""
    timeout: str = ""
    """Budget, Go duration."""
    retries: int = 0
    """Further attempts of the whole job."""
    steps: tuple[Step, ...] = ()
    """Steps."""
    labels: dict[str, str] = Field(default_factory=dict)
    """`scope` is shown by `orun compositions`."""
    capabilities: tuple[Any, ...] = ()
    """For people."""
    concurrency: ConcurrencyDocument | None = None
    """Pool."""
    services: dict[str, ServiceDocument] = Field(default_factory=dict)
    """Containers beside the job."""
    outputs: tuple[str, ...] = ()
    """Files that an isolated job gives back."""


class JobEntry(JobTemplate):
    """A job of a composition: a reference to a template, or inline."""

    name: str = ""
    """Job name."""
    template_ref: NameRef | None = None
    """JobTemplate document; everything inline is ignored then."""


class StepOverride(Document):
    """What a profile changes in a step."""

    run: str = ""
    """Replaces `run` when not empty."""
    with_: dict[str, Any] = Field(default={}, alias="with")
    """Replaces `with` when not empty."""
    env: dict[str, Any] = Field(default_factory=dict)
    """Replaces `env` when not empty."""


class ProfileJob(Document):
    """What a profile takes of a job."""

    steps_enabled: tuple[str, ...] = ()
    """Step ids, when `includeCapabilities` is empty."""
    include_capabilities: tuple[str, ...] = ()
    """Steps with these capabilities, and those without any."""
    step_overrides: dict[str, StepOverride] = Field(default_factory=dict)
    """Step id → changes."""


class SecretBinding(Document):
    """A secret that a profile asks for."""

    required: bool = False
    """The plan fails when it cannot be mapped."""
    as_env: str = ""
    """Variable; the key when empty."""


class MaterializeDocument(Document):
    """Where a profile wants secrets written."""

    target: str = ""
    """Name of the target."""
    secrets: tuple[str, ...] = ()
    """Binding keys or variables."""
    on_rotate: str = ""
    """Accepted and ignored."""


class Profile(Document):
    """A way to run a composition: a value of `executionProfiles`, or `spec` of an ExecutionProfile document."""

    description: str = ""
    """For people."""
    policies: dict[str, Any] = Field(default_factory=dict)
    """Policies of jobs with this profile."""
    jobs: dict[str, ProfileJob] = Field(default_factory=dict)
    """Job name → what is taken of it."""
    secret_bindings: dict[str, SecretBinding] = Field(default_factory=dict)
    """Secrets by key."""
    materialize: MaterializeDocument | None = None
    """Where secrets are written."""


class ProfileEntry(Document):
    """A profile of a composition, by reference."""

    name: str = ""
    """Name that subscriptions use."""
    profile_ref: NameRef | None = None
    """ExecutionProfile document."""


class CompositionSpec(Document):
    """Contents of a composition."""

    ignored_keys = frozenset({"effects"})
    retired_keys: ClassVar[Mapping[str, str]] = {"inputSchema": "parameterSchema"}
    lenient_keys = frozenset(("version", "lifecycle"))

    type: str = ""
    """Component type; equal to `metadata.name`."""
    description: str = ""
    """For people."""
    version: str = ""
    """Carried."""
    lifecycle: str = ""
    """`deprecated` is warned about."""
    default_job: str = ""
    """Job of components without a profile."""
    default_profile: str = ""
    """Profile of subscriptions without one."""
    parameter_schema: dict[str, Any] = Field(default_factory=dict)
    """JSON Schema of the component; wins over `schemaRef`."""
    schema_ref: NameRef | None = None
    """ComponentSchema document."""
    jobs: tuple[JobEntry, ...] = ()
    """Jobs."""
    execution_profiles: dict[str, Profile] | None = None
    """Inline profiles."""
    profiles: tuple[ProfileEntry, ...] = ()
    """Profiles by reference."""
    constraints: tuple[Constraint, ...] = ()
    """Rules for components of this type."""


class Composition(Document):
    """`composition.yaml`: how a type is built and deployed."""

    api_version: str = ""
    """Accepted, not checked."""
    kind: str = ""
    """`Composition`."""
    metadata: Metadata = Metadata.model_construct()
    """`name` equals the export's name."""
    spec: CompositionSpec = CompositionSpec.model_construct()
    """Contents."""


class ComponentSchemaSpec(Document):
    """Contents of a ComponentSchema."""

    type: str = ""
    """Carried."""
    schema_: dict[str, Any] = Field(default={}, alias="schema")
    """JSON Schema."""


class ComponentSchema(Document):
    """A JSON Schema in its own file."""

    api_version: str = ""
    """Accepted, not checked."""
    kind: str = ""
    """`ComponentSchema`."""
    metadata: Metadata = Metadata.model_construct()
    """Name."""
    spec: ComponentSchemaSpec = ComponentSchemaSpec.model_construct()
    """Contents."""


class JobTemplateFile(Document):
    """A job in its own file."""

    api_version: str = ""
    """Accepted, not checked."""
    kind: str = ""
    """`JobTemplate`."""
    metadata: Metadata = Metadata.model_construct()
    """Name."""
    spec: JobTemplate = JobTemplate.model_construct()
    """The job."""


class ExecutionProfile(Document):
    """A profile in its own file."""

    api_version: str = ""
    """Accepted, not checked."""
    kind: str = ""
    """`ExecutionProfile`."""
    metadata: Metadata = Metadata.model_construct()
    """Name."""
    spec: Profile = Profile.model_construct()
    """The profile."""


class IntentPresetSpec(Document):
    """The part of an intent that a preset brings."""

    env: dict[str, str] = Field(default_factory=dict)
    """As in an intent."""
    discovery: Discovery = Discovery.model_construct()
    """Accepted and ignored: discovery runs before presets."""
    automation: Automation = Automation.model_construct()
    """As in an intent."""
    environments: dict[str, Environment] = Field(default_factory=dict)
    """As in an intent."""
    groups: dict[str, Group] = Field(default_factory=dict)
    """As in an intent."""
    policies: dict[str, Any] = Field(default_factory=dict)
    """As in an intent."""
    constraints: tuple[Constraint, ...] = ()
    """As in an intent."""


class IntentPreset(Document):
    """A preset of a stack."""

    api_version: str = ""
    """Accepted, not checked."""
    kind: str = ""
    """`IntentPreset`."""
    metadata: Metadata = Metadata.model_construct()
    """Name."""
    spec: IntentPresetSpec = IntentPresetSpec.model_construct()
    """What it brings."""


class LegacyJob(JobTemplate):
    """A job of the legacy registry."""

    name: str = ""
    """Job name."""


class LegacyRegistry(Document):
    """`job.yaml` of the original's `--config-dir`."""

    api_version: str = ""
    """Accepted, not checked."""
    kind: str = ""
    """Accepted, not checked."""
    metadata: Metadata = Metadata.model_construct()
    """Name and description."""
    jobs: tuple[LegacyJob, ...] = ()
    """Jobs; the first is the default."""


class PolicyTrial(Document):
    """Policies that are not enforced yet: the file of `orun policy impact`."""

    api_version: str = ""
    """Accepted, not checked."""
    kind: str = ""
    """Accepted, not checked."""
    policies: dict[str, Any] = Field(default_factory=dict)
    """As in an intent; they replace the intent's own of the same name."""
    constraints: tuple[Constraint, ...] = ()
    """As in an intent."""


class PolicyCase(Document):
    """A unit test of a policy."""

    name: str = ""
    """For people."""
    component: str = ""
    """Component that is looked at."""
    environment: str = ""
    """Environment that is looked at; any when empty."""
    policy: str = ""
    """Policy or constraint that must speak; any when empty."""
    set_: dict[str, Any] = Field(default={}, alias="set")
    """Values set on the component first: `parameters.NAME`, `labels.NAME`, `env.NAME` or a field."""
    expect: str = "deny"
    """`deny` or `allow`."""


class PolicyTest(Document):
    """Tests of policies: the file of `orun policy test`."""

    api_version: str = ""
    """Accepted, not checked."""
    kind: str = ""
    """`PolicyTest`."""
    tests: tuple[PolicyCase, ...] = ()
    """Cases."""


KINDS: dict[str, type[Document]] = {
    "Intent": Intent,
    "Component": ComponentFile,
    "Stack": Stack,
    "CompositionPackage": CompositionPackage,
    "Composition": Composition,
    "ComponentSchema": ComponentSchema,
    "JobTemplate": JobTemplateFile,
    "ExecutionProfile": ExecutionProfile,
    "IntentPreset": IntentPreset,
    "PolicyTest": PolicyTest,
}
"""Document kind → model."""
