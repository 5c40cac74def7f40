"""What must come before a job: other jobs of the plan, and promotions that another plan fulfilled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from orun_core.spec.frozen import frozen
from orun_core.spec.json_form import SCHEMA_CONFIG


@frozen
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


@frozen
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
