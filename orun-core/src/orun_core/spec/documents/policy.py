"""Rules that are written into intents and compositions, and the documents that try them out."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from orun_core.spec.documents.document import Document


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
