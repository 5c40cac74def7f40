"""The events that plans answer."""

from __future__ import annotations

from pydantic import Field

from orun_core.spec.documents.document import Document


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
