"""`component.yaml`: a component, where it goes, and what it depends on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field

from orun_core.spec.documents.document import Document, Metadata
from orun_core.spec.documents.step import Step


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
