"""What policies decided about a job: their merged values, accepted violations, and duties that are left to the run."""

from __future__ import annotations

from typing import Any, Literal

from orun_core.spec.frozen import frozen
from orun_core.spec.json_form import SCHEMA_CONFIG


@frozen
class Policy:
    """A merged policy value of a job and the layer that decided it."""

    __pydantic_config__ = SCHEMA_CONFIG

    name: str
    """Name of the policy."""
    value: Any
    """Its value after merging."""
    layer: str
    """`group:NAME`, `environment:NAME`, `preset:SOURCE/NAME` or `profile:TYPE.NAME`."""


@frozen
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


@frozen
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
