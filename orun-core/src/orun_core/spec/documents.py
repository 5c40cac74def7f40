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
    main_field: ClassVar[str] = ""
    """The field, as written, that whoever writes a text or a list in place of the mapping means: the hint names it."""
    ignored_keys: ClassVar[frozenset[str]] = frozenset()
    """Known keys without effect: never mistaken for a misspelling."""
    retired_keys: ClassVar[Mapping[str, str]] = {}
    """Keys of an older orun that have no effect any more → what to write instead."""
    lenient_keys: ClassVar[frozenset[str]] = frozenset()
    """Keys that the original ignores: a value of another shape than ours is a warning and counts as absent."""


class Metadata(Document):
    """Who a document is. `name` is required in components, compositions and packages."""

    lenient_keys = frozenset(("title", "version", "owner", "labels", "annotations", "tags"))

    name: str = ""
    """Name of the document: of the platform in an intent, of the component in its file, of the type in a composition, of
    the package in a stack.
    """
    title: str = ""
    """No effect: for people."""
    description: str = ""
    """One sentence. The intent's is carried into the plan, a stack's into its registry; elsewhere it is for people."""
    namespace: str = ""
    """Carried into the plan of an intent; no effect elsewhere."""
    version: str = ""
    """Version of a stack, its default tag when it is published; no effect elsewhere."""
    owner: str = ""
    """No effect: who answers for a component is `spec.owner`."""
    labels: dict[str, Any] = Field(default_factory=dict)
    """No effect: labels of a component are `spec.labels`."""
    annotations: dict[str, Any] = Field(default_factory=dict)
    """No effect: for people and other tools."""
    tags: tuple[Any, ...] = ()
    """No effect: for people and other tools."""


class Constraint(Document):
    """A rule in CEL that components or their jobs must satisfy."""

    name: str = ""
    """Name in messages and waivers; the rule itself when empty."""
    rule: str = ""
    """CEL expression; false is a violation. What it sees is in docs/policies.md."""
    message: str = ""
    """CEL expression that gives the message, or plain text when it is not one."""
    when: str = ""
    """CEL expression; where it is false the rule does not apply."""
    severity: str = "deny"
    """`deny` stops the plan; `warn` and `info` are reported."""
    engine: str = "cel"
    """Who judges the rule: `cel`, or the name of a policy plugin."""


class WaiverDocument(Document):
    """An accepted violation of a policy or constraint, until a day."""

    policy: str = ""
    """Name of the policy or constraint. Required."""
    component: str = "*"
    """Component whose violations are accepted; a name, a prefix that ends in `*`, or `*`."""
    environment: str = "*"
    """Environment in which they are accepted; a name, a prefix that ends in `*`, or `*`."""
    owner: str = ""
    """Who answers for it. Required; carried into the plan."""
    reason: str = ""
    """Why it is accepted. Required; carried into the plan."""
    expires: str = ""
    """Last day on which it holds, `YYYY-MM-DD`. Required."""


class Source(Document):
    """A composition package that the intent uses."""

    lenient_keys = frozenset(("pullPolicy", "metadata"))

    name: str = ""
    """Name inside this intent. Required."""
    kind: str = ""
    """`dir`, `archive`, `git`, `oci` or a kind that a plugin offers. Required."""
    path: str = ""
    """Folder or archive, relative to the intent, for `dir` and `archive`."""
    ref: str = ""
    """Where a package that is fetched comes from, for `git`, `oci` and others; its form is that of the kind."""
    digest: str = ""
    """Pin: a package with another digest is refused."""
    pull_policy: str = ""
    """No effect: a package is fetched when the cache does not have its digest."""
    verify: dict[str, Any] = Field(default_factory=dict)
    """`keyRef` names a public key, `required` refuses packages without a signature: docs/packages.md."""
    metadata: dict[str, Any] = Field(default_factory=dict)
    """No effect: for people."""
    options: dict[str, Any] = Field(default_factory=dict)
    """Further settings of the kind, given to its plugin as they are written."""


class SourceResolution(Document):
    """Which package counts when several have the same type."""

    precedence: tuple[str, ...] = ()
    """Names of sources, best first."""
    bindings: dict[str, str] = Field(default_factory=dict)
    """Type → name of the source that counts for it; wins over `precedence`."""


class Compositions(Document):
    """The packages of compositions that components are shipped with."""

    sources: tuple[Source, ...] = ()
    """The packages."""
    resolution: SourceResolution = SourceResolution.model_construct()
    """Which package counts when several have the same type."""


class Extends(Document):
    """A preset that the intent builds on."""

    source: str = ""
    """Name of the composition source that publishes it."""
    preset: str = ""
    """Name of the preset."""


class Discovery(Document):
    """Where component files are looked for."""

    main_field = "roots"

    roots: tuple[str, ...] = ()
    """Folders below which every `component.yaml` is read, relative to the intent; the intent's own folder when empty."""


class TriggerOn(Document):
    """The events that a binding matches: provider and event, and every list that is not empty. In patterns `*` stands for any text."""

    main_field = "event"

    provider: str = ""
    """CI system: `github`, `gitlab`, `buildkite`, `manual` or one that a plugin offers."""
    event: str = ""
    """Event, in the words of the provider: `pull_request`, `push` …"""
    actions: tuple[str, ...] = ()
    """Actions of the event, such as `opened`; any when empty."""
    branches: tuple[str, ...] = ()
    """Patterns of the branch; any when empty."""
    base_branches: tuple[str, ...] = ()
    """Patterns of the branch that a change goes to; any when empty."""
    tags: tuple[str, ...] = ()
    """Patterns of the tag; any when empty."""


class TriggerPlan(Document):
    """What is planned for an event."""

    scope: str = ""
    """`full`, the default, or `changed`: only what the event's change touches."""
    base: str = ""
    """Path of the revision before, in the event's payload: `pull_request.base.sha`."""
    head: str = ""
    """Path of the revision after, in the event's payload."""


class TriggerBinding(Document):
    """A kind of event, by a name that environments and rules refer to."""

    description: str = ""
    """No effect: for people."""
    on: TriggerOn = TriggerOn.model_construct()
    """Events that it matches."""
    plan: TriggerPlan = TriggerPlan.model_construct()
    """What is planned for them."""


class Automation(Document):
    """The events that a plan may answer."""

    trigger_bindings: dict[str, TriggerBinding] = Field(default_factory=dict)
    """Name → binding."""


class Group(Document):
    """What the components of a domain have in common."""

    retired_keys: ClassVar[Mapping[str, str]] = {"defaults": 'parameterDefaults: {"*": …}'}

    path: str = ""
    """No effect: `parameterDefaults."*".path` sets the folder of jobs."""
    parameter_defaults: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """Type or `*` → parameter → default. They win over those of environments."""
    policies: dict[str, Any] = Field(default_factory=dict)
    """Policy → value, for the group's components."""
    constraints: tuple[Constraint, ...] = ()
    """Rules for the group's components."""


class Activation(Document):
    """When an environment takes part in the plan of an event."""

    main_field = "triggerRefs"

    trigger_refs: tuple[str, ...] = ()
    """Names of trigger bindings that activate it. Plans without an event have all environments."""


class PromotionMatch(Document):
    """What a recorded run must have in common with this one."""

    revision: str = "source"
    """`source`: the commit of the workspace. Anything else asks for nothing."""


class PromotionDependency(Document):
    """An environment that comes first."""

    main_field = "environment"

    environment: str = ""
    """Its name. Required."""
    strategy: str = "same-component"
    """`same-component` waits for the component's own jobs there, `environment-barrier` for all jobs there."""
    condition: str = "success"
    """Carried into the gate of the plan; a run asks for a success, whatever it says."""
    satisfy: str = "same-plan-or-previous-success"
    """`same-plan` waits for jobs of this plan; `previous-success` asks for a recorded run;
    `same-plan-or-previous-success` for jobs of this plan, or a recorded run when they are not in it.
    """
    match: PromotionMatch = PromotionMatch.model_construct()
    """What a recorded run must have in common with this one."""


class Promotion(Document):
    """The order between environments."""

    depends_on: tuple[PromotionDependency, ...] = ()
    """Environments that come first."""


class Selectors(Document):
    """Which components an environment takes."""

    components: tuple[str, ...] | None = None
    """Names or prefixes ending in `*`: components without any subscription that go here."""
    domains: tuple[str, ...] | None = None
    """Names or prefixes ending in `*`: only components of these domains go here."""


class Environment(Document):
    """A place that components go to, and what holds there."""

    retired_keys: ClassVar[Mapping[str, str]] = {"defaults": 'parameterDefaults: {"*": …}'}

    path: str = ""
    """No effect: `parameterDefaults."*".path` sets the folder of jobs."""
    activation: Activation = Activation.model_construct()
    """The events that it takes part in."""
    promotion: Promotion = Promotion.model_construct()
    """The environments that come first."""
    selectors: Selectors = Selectors.model_construct()
    """Which components it takes, besides those that subscribe."""
    parameter_defaults: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """Type or `*` → parameter → default. `path` among them is the folder of jobs."""
    policies: dict[str, Any] = Field(default_factory=dict)
    """Policy → value, for everything that goes there."""
    constraints: tuple[Constraint, ...] = ()
    """Rules for everything that goes there."""
    env: dict[str, str] = Field(default_factory=dict)
    """Environment variables of every step there."""
    secret_env: dict[str, str] = Field(default_factory=dict)
    """Variable → secret reference, for every step there."""
    dependency_mode: str = ""
    """What dependencies between components mean there: `enforced`, the default, `advisory` or `disabled`."""


class RuleWhen(Document):
    """The condition of a rule."""

    main_field = "triggerRef"

    trigger_ref: str = ""
    """Name of a trigger binding that must have matched. Required."""


class ProfileRule(Document):
    """A profile for an event."""

    profile: str = ""
    """Profile to use. Required."""
    when: RuleWhen = RuleWhen.model_construct()
    """When it is used."""


class DependencyRule(Document):
    """A dependency mode for an event."""

    mode: str = ""
    """`enforced`, `advisory` or `disabled`. Required."""
    when: RuleWhen = RuleWhen.model_construct()
    """When it is used."""


class Subscription(Document):
    """An environment that a component goes to, and what holds for it there."""

    scalar_field = "name"

    name: str = ""
    """Environment. A prefix ending in `*` makes the component go to every such environment and sets nothing else. Required."""
    profile: str = ""
    """Profile of the composition, `NAME` or `TYPE.NAME`; its `defaultProfile` when empty."""
    profile_rules: tuple[ProfileRule, ...] = ()
    """Profiles by event; the first whose trigger matched wins over `profile`, which they need."""
    dependency_mode: str = ""
    """What the component's dependencies mean there; the environment's mode when empty."""
    dependency_rules: tuple[DependencyRule, ...] = ()
    """Modes by event; the first whose trigger matched wins over `dependencyMode`."""
    env: dict[str, str] = Field(default_factory=dict)
    """Environment variables there; they win over all others."""
    secret_env: dict[str, str] = Field(default_factory=dict)
    """Variable → secret reference, there; they win over all others."""
    parameters: dict[str, Any] = Field(default_factory=dict)
    """Parameters there; they win over all others."""


class Subscribe(Document):
    """Where a component goes."""

    main_field = "environments"

    environments: tuple[Subscription, ...] = ()
    """One entry per environment; without any, the environments' `selectors.components` decide."""


class CompositionRef(Document):
    """A composition other than the one that the type means."""

    source: str = ""
    """Name of the composition source."""
    name: str = ""
    """Type that it exports; the component's own when empty."""


class DependsOn(Document):
    """A component that comes first."""

    main_field = "component"
    ignored_keys = frozenset({"relationship", "optional"})

    component: str = ""
    """Its name. Required."""
    environment: str = ""
    """Its environment; the same one when empty."""
    scope: str = "same-environment"
    """No effect: `environment` names another environment."""
    condition: str = "success"
    """No effect: a job waits for success."""
    include: str = "if-selected"
    """When the other component is not in the plan: `if-selected` plans without it and records the edge as pruned,
    `always` refuses the plan.
    """
    reason: str = ""
    """Why, for the readers of the plan."""
    input: bool = False
    """`true`: a change of that component counts as one of this one."""


class Approval(Document):
    """A gate of a workflow step, which this orun refuses; the policy `requireApproval` asks for approvals."""

    prompt: str = ""
    """No effect."""
    timeout: str = ""
    """No effect."""
    on_timeout: str = ""
    """No effect."""


class Step(Document):
    """One command of a job: `run` or `use`. Where it says template, `{{ … }}` is rendered: docs/templates.md."""

    id: str = ""
    """Name that profiles select and change it by; `name` when empty."""
    name: str = ""
    """Name in the plan and in logs; `step-N` when empty. A component's override of the same name replaces the step."""
    capability: str = ""
    """What the step does, in a word that profiles select by. Steps without one are part of every such selection."""
    phase: str = ""
    """`pre`, `main` (the default) or `post`: `post` runs whatever happened."""
    order: int = 0
    """Rank inside the phase; steps of one rank keep the order of the file."""
    run: str = ""
    """Script, for a shell. Template."""
    use: str = ""
    """Action, for runners that run actions: `actions/checkout@v4`, `./path`, `docker://image`. Template."""
    workflow: str = ""
    """Refused: no runner of this orun runs workflow files."""
    connections: dict[str, dict[str, str]] = Field(default_factory=dict)
    """No effect: connections of workflow steps."""
    with_: dict[str, Any] = Field(default={}, alias="with")
    """Inputs of the action. Texts at the top level are templates."""
    env: dict[str, Any] = Field(default_factory=dict)
    """Environment variables of this step. Texts at the top level are templates."""
    shell: str = ""
    """`bash`, `sh`, `python`, `pwsh`, or a command with `{0}` for the script's path; bash where there is one, else sh. Template."""
    working_directory: str = Field(default="", alias="working-directory")
    """Folder, relative to the job's. Template."""
    timeout: str = ""
    """Most that one attempt may take: `90s`, `15m`, `1h30m`."""
    retry: int = 0
    """Further attempts after a failure."""
    resume: bool = False
    """`true`: a resumed run does not repeat the step when it succeeded, although its job failed."""
    approval: Approval | None = None
    """Refused: the policy `requireApproval` asks for approvals."""
    on_failure: str = ""
    """`continue`: a failure is noted, and the job goes on and may succeed."""


class StepOverrides(Document):
    """Steps that a component replaces or adds."""

    steps: tuple[Step, ...] = ()
    """Steps for every job of the component. One with the name of a step replaces it as a whole; others are added."""


class Change(Document):
    """What else changes a component."""

    watches: tuple[str, ...] = ()
    """Sections of the intent whose change is one of this component: `automation`, `compositions`, `discovery`, `env`,
    `environments`, `execution`, `groups`.
    """


class Component(Document):
    """A thing that ships: `spec` of a component file, or an item of an intent's `components`."""

    lenient_keys = frozenset(("owner",))

    ignored_keys = frozenset(
        (
            *("lifecycle", "system", "tags", "title", "language", "docs", "links", "integrations", "extensions"),
            *("providesApis", "consumesApis", "environments", "description"),
        )
    )
    retired_keys: ClassVar[Mapping[str, str]] = {"inputs": "parameters"}

    name: str = ""
    """Name, unique in the platform. Required in an intent; in a file `metadata.name` is the name."""
    type: str = ""
    """Type, which says by what composition it is shipped. Required."""
    domain: str = ""
    """Name of its group."""
    enabled: bool = True
    """`false` takes it out of every plan."""
    path: str = ""
    """Folder in which its jobs run, relative to the intent. In a file, the file's own folder when empty; else the
    parameter `path`, or the intent's folder.
    """
    subscribe: Subscribe = Subscribe.model_construct()
    """Environments that it goes to."""
    composition_ref: CompositionRef | None = None
    """A composition other than the one that the type means."""
    parameters: dict[str, Any] = Field(default_factory=dict)
    """Inputs of the composition, checked against its schema."""
    overrides: StepOverrides = StepOverrides.model_construct()
    """Steps that it replaces or adds."""
    labels: dict[str, str] = Field(default_factory=dict)
    """Label → value, for policies, constraints and readers of the plan."""
    depends_on: tuple[DependsOn, ...] = ()
    """Components that come first."""
    env: dict[str, str] = Field(default_factory=dict)
    """Environment variables of its steps."""
    secret_env: dict[str, str] = Field(default_factory=dict)
    """Variable → secret reference; a run does not start while one has no value."""
    optional_secret_env: dict[str, str] = Field(default_factory=dict)
    """Variable → secret reference that may have no value."""
    change: Change = Change.model_construct()
    """What else changes it."""
    owner: str = ""
    """Who answers for it; the policy `requireOwner` asks for it."""


class ComponentFile(Document):
    """A component, in a file `component.yaml` beside its sources."""

    api_version: str = ""
    """`orun.io/v1`; not checked."""
    kind: str = ""
    """`Component`. Required."""
    metadata: Metadata = Metadata.model_construct()
    """`name` is required."""
    spec: Component = Component.model_construct()
    """The component."""


class State(Document):
    """Scope of the secrets that profiles ask for by `secretBindings`."""

    ignored_keys = frozenset({"mode", "backendUrl", "requireOrg", "autopushCatalog"})

    workspace: str = ""
    """Workspace in their references."""
    org: str = ""
    """Older name of `workspace`, which wins."""
    project: str = ""
    """Project in their references; the intent's name when empty."""


class ExecutionSettings(Document):
    """Defaults of a run, known when the plan is built."""

    ignored_keys = frozenset({"mode"})
    lenient_keys = frozenset(("concurrency", "failFast"))

    state: State = State.model_construct()
    """Scope of the secrets that profiles ask for."""
    workflow_engine: Any = None
    """Refused: it was removed from the format."""
    concurrency: int = 4
    """Most jobs at once."""
    fail_fast: bool = True
    """After a failure start nothing new."""


class CompilerSettings(Document):
    """Choices of the compiler."""

    load: str = ""
    """Plugin that does this stage; core's own when empty."""
    normalize: str = ""
    """Plugin that does this stage; core's own when empty."""
    expand: str = ""
    """Plugin that does this stage; core's own when empty."""
    bind: str = ""
    """Plugin that does this stage; core's own when empty."""
    resolve: str = ""
    """Plugin that does this stage; core's own when empty."""
    materialize: str = ""
    """Plugin that does this stage; core's own when empty."""
    schema_defaults: str = ""
    """`apply` makes the `default:` values of a composition's schema the lowest layer of parameters; otherwise they only document."""


class Intent(Document):
    """What a platform wants: `intent.yaml`."""

    ignored_keys = frozenset({"repo", "catalog", "work", "onboarding", "defaults"})

    api_version: str = ""
    """`orun.io/v1`; not checked."""
    kind: str = ""
    """`Intent`; not checked."""
    metadata: Metadata = Metadata.model_construct()
    """`name` names the platform and its plans."""
    extends: tuple[Extends, ...] = ()
    """Presets to build on, the first one strongest."""
    discovery: Discovery = Discovery.model_construct()
    """Where component files are."""
    compositions: Compositions = Compositions.model_construct()
    """Packages of compositions."""
    automation: Automation = Automation.model_construct()
    """Events that plans answer."""
    groups: dict[str, Group] = Field(default_factory=dict)
    """Domain → what its components have in common."""
    environments: dict[str, Environment] = Field(default_factory=dict)
    """Name → environment."""
    components: tuple[Component, ...] = ()
    """Components that have no file of their own."""
    env: dict[str, str] = Field(default_factory=dict)
    """Environment variables of every step."""
    secret_env: dict[str, str] = Field(default_factory=dict)
    """Variable → secret reference, for every step."""
    execution: ExecutionSettings = ExecutionSettings.model_construct()
    """Defaults of a run."""
    compiler: CompilerSettings = CompilerSettings.model_construct()
    """Choices of the compiler."""
    policies: dict[str, Any] = Field(default_factory=dict)
    """Policy → value, for everything."""
    constraints: tuple[Constraint, ...] = ()
    """Rules for everything."""
    waivers: tuple[WaiverDocument, ...] = ()
    """Accepted violations."""


class StackEntry(Document):
    """A composition of a stack."""

    path: str = ""
    """File of the composition; the name of its folder is its type: `compositions/service/composition.yaml`."""


class PresetEntry(Document):
    """A preset of a stack."""

    name: str = ""
    """Name that `extends` uses."""
    path: str = ""
    """File of the preset, relative to the stack."""


class StackSpec(Document):
    """What a stack holds."""

    compositions: tuple[StackEntry, ...] = ()
    """Files of compositions; every `composition.yaml` and `compositions.yaml` below the stack when empty."""
    intent_presets: tuple[PresetEntry, ...] = ()
    """Presets that intents may build on."""


class Registry(Document):
    """Where `orun publish` publishes a stack when it is not told."""

    host: str = ""
    """Host of the registry."""
    namespace: str = ""
    """First part of the repository, such as the owner."""
    repository: str = ""
    """Last part of the repository."""
    visibility: str = ""
    """No effect: the registry decides."""


class Stack(Document):
    """A package of compositions: `stack.yaml`."""

    lenient_keys = frozenset(("registry",))

    api_version: str = ""
    """`orun.io/v1`; not checked."""
    kind: str = ""
    """`Stack`. Required."""
    metadata: Metadata = Metadata.model_construct()
    """`name` is required; it is the `jobRegistry` of jobs in the plan. `version` is needed to publish."""
    registry: Registry = Registry.model_construct()
    """Where it is published."""
    spec: StackSpec = StackSpec.model_construct()
    """What it holds."""


class PackageExport(Document):
    """A composition of a package."""

    composition: str = ""
    """Type."""
    path: str = ""
    """File of the composition."""


class PackageSpec(Document):
    """What a package holds."""

    ignored_keys = frozenset({"orun", "dependencies"})

    version: str = ""
    """No effect: for people."""
    exports: tuple[PackageExport, ...] = ()
    """Its compositions."""


class CompositionPackage(Document):
    """The older form of a stack: `orun.yaml`. New packages are stacks."""

    api_version: str = ""
    """`orun.io/v1`; not checked."""
    kind: str = ""
    """`CompositionPackage`. Required."""
    metadata: Metadata = Metadata.model_construct()
    """`name` is required."""
    spec: PackageSpec = PackageSpec.model_construct()
    """What it holds."""


class NameRef(Document):
    """A document in a file of its own, by name."""

    main_field = "name"

    name: str = ""
    """`metadata.name` of that document."""


class ConcurrencyDocument(Document):
    """A pool of slots that jobs of the whole plan share."""

    scalar_field = "group"

    group: str = ""
    """Name of the pool."""
    limit: int = 1
    """Most jobs of the pool at once."""


class ServiceDocument(Document):
    """A container beside a job, for runners that start services."""

    image: str = ""
    """Image of the container."""
    env: dict[str, str] = Field(default_factory=dict)
    """Environment variables of the container."""
    ports: tuple[str, ...] = ()
    """Ports to publish: `HOST:CONTAINER`, or `CONTAINER` on a free port."""
    health: str = ""
    """Command that exits with 0 when the service is ready; it runs in the container."""
    command: str = ""
    """Command to start instead of the image's own."""


class JobTemplate(Document):
    """A job: `spec` of a JobTemplate document, or an entry of a composition's `jobs`."""

    lenient_keys = frozenset(("concurrency", "services", "outputs"))

    ignored_keys = frozenset({"inputs"})

    description: str = ""
    """What it does, for `orun compositions TYPE`."""
    runs_on: str = ""
    """Where it runs: a label of a runner or a container image, in the words of the runner."""
    timeout: str = ""
    """Most that one attempt may take: `90s`, `15m`, `1h30m`."""
    retries: int = 0
    """Further attempts of the whole job after a failure."""
    steps: tuple[Step, ...] = ()
    """Its steps."""
    labels: dict[str, str] = Field(default_factory=dict)
    """`scope` is shown by `orun compositions TYPE`; the rest has no effect."""
    capabilities: tuple[Any, ...] = ()
    """No effect: for people."""
    concurrency: ConcurrencyDocument | None = None
    """A pool whose slots it needs; a text is the name of one with a single slot."""
    services: dict[str, ServiceDocument] = Field(default_factory=dict)
    """Name → container that runs beside it."""
    outputs: tuple[str, ...] = ()
    """Files and folders that it leaves, relative to its folder: copied back from a copy of the workspace when it succeeded."""


class JobEntry(JobTemplate):
    """A job of a composition: written here, or in a file of its own."""

    name: str = ""
    """Name of the job, in ids: `component.environment.NAME`. Required."""
    template_ref: NameRef | None = None
    """JobTemplate in a file of its own; everything else but `name` has no effect then."""


class StepOverride(Document):
    """What a profile changes in a step. What is empty changes nothing."""

    run: str = ""
    """Script in place of the step's."""
    with_: dict[str, Any] = Field(default={}, alias="with")
    """Inputs in place of all of the step's."""
    env: dict[str, Any] = Field(default_factory=dict)
    """Environment variables in place of all of the step's."""


class ProfileJob(Document):
    """What a profile takes of a job."""

    steps_enabled: tuple[str, ...] = ()
    """Ids of the steps to take; no effect beside `includeCapabilities`."""
    include_capabilities: tuple[str, ...] = ()
    """Capabilities whose steps to take, besides all steps without a capability."""
    step_overrides: dict[str, StepOverride] = Field(default_factory=dict)
    """Id of a step that is taken → what changes in it."""


class SecretBinding(Document):
    """A secret that jobs of a profile need."""

    required: bool = False
    """`true`: there is no plan while `execution.state` does not say where the secret is. Otherwise the job goes without."""
    as_env: str = ""
    """Variable that holds it; the key when empty."""


class MaterializeDocument(Document):
    """Where a profile wants secrets written: carried into the plan, for runners that do it. Those of orun do not."""

    target: str = ""
    """Name of the place. Required."""
    secrets: tuple[str, ...] = ()
    """Keys of `secretBindings`, or variables of `secretEnv`."""
    on_rotate: str = ""
    """No effect."""


class Profile(Document):
    """A way to ship a type: `spec` of an ExecutionProfile document, or a value of a composition's `executionProfiles`."""

    description: str = ""
    """No effect: for people."""
    policies: dict[str, Any] = Field(default_factory=dict)
    """Policy → value, for jobs with this profile; they win over all other layers."""
    jobs: dict[str, ProfileJob] = Field(default_factory=dict)
    """Name of a job that runs → what is taken of it."""
    secret_bindings: dict[str, SecretBinding] = Field(default_factory=dict)
    """Key of a secret → how the jobs get it."""
    materialize: MaterializeDocument | None = None
    """Where secrets are to be written."""


class ProfileEntry(Document):
    """A profile of a composition, in a file of its own."""

    name: str = ""
    """Name that subscriptions use."""
    profile_ref: NameRef | None = None
    """The ExecutionProfile document."""


class CompositionSpec(Document):
    """How a type is shipped."""

    ignored_keys = frozenset({"effects"})
    retired_keys: ClassVar[Mapping[str, str]] = {"inputSchema": "parameterSchema"}
    lenient_keys = frozenset(("version", "lifecycle"))

    type: str = ""
    """The type; equal to `metadata.name` and to the name of the folder. Required."""
    description: str = ""
    """What it ships, for `orun compositions`."""
    version: str = ""
    """No effect: for people; versions belong to packages."""
    lifecycle: str = ""
    """`deprecated` warns everybody who uses the type."""
    default_job: str = ""
    """Job of components when there are no profiles. Required."""
    default_profile: str = ""
    """Profile of subscriptions that name none. Required beside `executionProfiles`."""
    parameter_schema: dict[str, Any] = Field(default_factory=dict)
    """JSON Schema of a component with `name`, `type`, `domain`, `labels` and `parameters`; wins over `schemaRef`. One of
    the two is required.
    """
    schema_ref: NameRef | None = None
    """A ComponentSchema in a file of its own."""
    jobs: tuple[JobEntry, ...] = ()
    """Its jobs. Required."""
    execution_profiles: dict[str, Profile] | None = None
    """Name → profile; wins over `profiles`."""
    profiles: tuple[ProfileEntry, ...] = ()
    """Profiles in files of their own."""
    constraints: tuple[Constraint, ...] = ()
    """Rules for components of this type."""


class Composition(Document):
    """How a type of component is built and deployed: `composition.yaml`, in a folder that has the name of the type."""

    api_version: str = ""
    """`orun.io/v1`; not checked."""
    kind: str = ""
    """`Composition`. Required."""
    metadata: Metadata = Metadata.model_construct()
    """`name` is the type."""
    spec: CompositionSpec = CompositionSpec.model_construct()
    """How it is shipped."""


class ComponentSchemaSpec(Document):
    """A JSON Schema of components."""

    type: str = ""
    """No effect: for people."""
    schema_: dict[str, Any] = Field(default={}, alias="schema")
    """JSON Schema, as `parameterSchema` of a composition."""


class ComponentSchema(Document):
    """The schema of a composition in a file of its own: `schema.yaml` or `NAME.yaml` in the composition's folder."""

    api_version: str = ""
    """`orun.io/v1`; not checked."""
    kind: str = ""
    """`ComponentSchema`. Required."""
    metadata: Metadata = Metadata.model_construct()
    """`name` is the name in `schemaRef`."""
    spec: ComponentSchemaSpec = ComponentSchemaSpec.model_construct()
    """The schema."""


class JobTemplateFile(Document):
    """A job of a composition in a file of its own: `jobs/NAME.yaml` or `NAME.yaml` in the composition's folder."""

    api_version: str = ""
    """`orun.io/v1`; not checked."""
    kind: str = ""
    """`JobTemplate`. Required."""
    metadata: Metadata = Metadata.model_construct()
    """`name` is the name in `templateRef`."""
    spec: JobTemplate = JobTemplate.model_construct()
    """The job."""


class ExecutionProfile(Document):
    """A profile of a composition in a file of its own: `profiles/NAME.yaml` or `NAME.yaml` in the composition's folder."""

    api_version: str = ""
    """`orun.io/v1`; not checked."""
    kind: str = ""
    """`ExecutionProfile`. Required."""
    metadata: Metadata = Metadata.model_construct()
    """`name` is the name in `profileRef`."""
    spec: Profile = Profile.model_construct()
    """The profile."""


class IntentPresetSpec(Document):
    """The parts of an intent that a preset brings. It adds what the intent leaves out."""

    env: dict[str, str] = Field(default_factory=dict)
    """As in an intent."""
    discovery: Discovery = Discovery.model_construct()
    """No effect: components are found before presets are read."""
    automation: Automation = Automation.model_construct()
    """As in an intent."""
    environments: dict[str, Environment] = Field(default_factory=dict)
    """As in an intent."""
    groups: dict[str, Group] = Field(default_factory=dict)
    """As in an intent."""
    policies: dict[str, Any] = Field(default_factory=dict)
    """As in an intent."""
    constraints: tuple[Constraint, ...] = ()
    """As in an intent; added to those that are there."""


class IntentPreset(Document):
    """A part of an intent that a stack publishes: a file that `intentPresets` of the stack names."""

    api_version: str = ""
    """`orun.io/v1`; not checked."""
    kind: str = ""
    """`IntentPreset`. Required."""
    metadata: Metadata = Metadata.model_construct()
    """For people: the name that counts is that of the stack's list."""
    spec: IntentPresetSpec = IntentPresetSpec.model_construct()
    """What it brings."""


class LegacyJob(JobTemplate):
    """A job of the original's registry."""

    name: str = ""
    """Job name."""


class LegacyRegistry(Document):
    """Jobs of a type in a folder of the original's `--config-dir`: `job.yaml` or `compositions.yaml`, beside a `schema.yaml`."""

    api_version: str = ""
    """Not checked."""
    kind: str = ""
    """Not checked."""
    metadata: Metadata = Metadata.model_construct()
    """Name and description."""
    jobs: tuple[LegacyJob, ...] = ()
    """Its jobs; the first is the default."""


class PolicyTrial(Document):
    """Policies that are not enforced yet: the file of `orun policy impact`."""

    api_version: str = ""
    """Not checked."""
    kind: str = ""
    """Not checked."""
    policies: dict[str, Any] = Field(default_factory=dict)
    """As in an intent; they replace the intent's own of the same name."""
    constraints: tuple[Constraint, ...] = ()
    """As in an intent."""


class PolicyCase(Document):
    """A question to the policies, and the answer that is expected."""

    name: str = ""
    """For people: shown with the result."""
    component: str = ""
    """Component that is looked at. Required."""
    environment: str = ""
    """Environment that is looked at; any when empty."""
    policy: str = ""
    """Policy or constraint that must object; any when empty."""
    set_: dict[str, Any] = Field(default={}, alias="set")
    """Values set on the component first: `parameters.NAME`, `labels.NAME`, `env.NAME` or a field."""
    expect: str = "deny"
    """`deny`: there must be a violation. `allow`: there must be none."""


class PolicyTest(Document):
    """Tests of policies: the file of `orun policy test`."""

    api_version: str = ""
    """`orun.io/v1`; not checked."""
    kind: str = ""
    """`PolicyTest`; not checked."""
    tests: tuple[PolicyCase, ...] = ()
    """The tests."""


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
