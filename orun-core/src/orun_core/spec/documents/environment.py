"""Environments, the order of promotion between them, and groups of components."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from pydantic import Field

from orun_core.spec.documents.document import Document
from orun_core.spec.documents.policy import Constraint

RETIRED: Final = {"defaults": 'parameterDefaults: {"*": …}', "path": 'parameterDefaults: {"*": {path: …}}'}
"""What older oruns read in environments and groups; what is written instead."""


class Group(Document):
    """What the components of a domain have in common."""

    retired_keys: ClassVar[Mapping[str, str]] = RETIRED

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

    retired_keys: ClassVar[Mapping[str, str]] = RETIRED

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
