"""`intent.yaml`, and the parts of it that a stack can publish."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from orun_core.spec.documents.component import Component
from orun_core.spec.documents.document import Document, Metadata
from orun_core.spec.documents.environment import Environment, Group
from orun_core.spec.documents.policy import Constraint, WaiverDocument
from orun_core.spec.documents.trigger import Automation


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
