"""What a job needs beside its steps: secrets, services, and a slot of a pool."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from orun_core.spec.frozen import frozen
from orun_core.spec.json_form import SCHEMA_CONFIG


@frozen
class SecretRef:
    """A secret the job receives at run time; its value is never in a plan."""

    __pydantic_config__ = SCHEMA_CONFIG

    as_env: str
    """Environment variable that carries the value."""
    ref: str
    """`secret://` reference, as authored."""
    optional: bool = False
    """The job runs without it when it cannot be resolved."""


@frozen
class Materialize:
    """Where a profile asks for the secrets to be written."""

    __pydantic_config__ = SCHEMA_CONFIG

    target: str
    """Name of the target."""
    secrets: tuple[str, ...] = ()
    """Environment variables of the secrets, sorted."""


@frozen
class Concurrency:
    """A named pool that limits how many jobs run at once; `limit` 1 is a mutex."""

    __pydantic_config__ = SCHEMA_CONFIG

    group: str
    """Name of the pool."""
    limit: int = 1
    """Jobs of the pool that may run at once."""


@frozen
class Service:
    """A container beside the job, reachable by its name."""

    __pydantic_config__ = SCHEMA_CONFIG

    name: str
    """Host name in the job's network."""
    image: str
    """Image reference."""
    env: Mapping[str, str] = field(default_factory=dict)
    """Environment of the service."""
    ports: tuple[str, ...] = ()
    """Ports in `HOST:CONTAINER`, `IP:HOST:CONTAINER` or `CONTAINER` form."""
    health: str = ""
    """Command that exits 0 when the service is ready."""
    command: str = ""
    """Command instead of the image's own."""
