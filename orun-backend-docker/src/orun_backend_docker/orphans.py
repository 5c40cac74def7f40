"""Containers and networks that dead orun processes left at an engine: found by their labels, and removed."""

from __future__ import annotations

from contextlib import closing, suppress
from typing import TYPE_CHECKING

from orun_core.spec.errors import RunError

from orun_backend_docker import container
from orun_backend_docker.engine import Engine
from orun_backend_docker.identity import OWNER

if TYPE_CHECKING:
    from collections.abc import Callable

    from orun_core.spec.host import Host


def remove_all(engine: Engine, gone: Callable[[str], bool], *, dry_run: bool = False) -> tuple[str, ...]:
    """Remove, or with `dry_run` only name, what belongs to owners that are gone."""
    filters = {"label": OWNER}
    with engine.speaking("cannot look for leftover containers"):
        containers = engine.api.containers(all=True, filters=filters)
        networks = engine.api.networks(filters=filters)
    dead = [found for found in containers if gone(found["Labels"][OWNER])]
    idle = [found for found in networks if gone(found["Labels"][OWNER])]
    if not dry_run:
        for found in dead:
            container.remove(engine, found["Id"])
        for found in idle:
            remove_network(engine, found["Id"])
    return (
        *(f"container {found['Names'][0].lstrip('/')}" for found in dead),
        *(f"network {found['Name']}" for found in idle),
    )


def remove_network(engine: Engine, identity: str) -> None:
    """Remove a network. Harmless when it is gone."""
    with suppress(RunError), engine.speaking("cannot remove the network"):
        engine.api.remove_network(identity)


def reap(host: Host, gone: Callable[[str], bool], *, dry_run: bool) -> tuple[str, ...]:
    """For `orun gc`: what dead runs left at the engine; raises `RunError` where none answers."""
    with closing(Engine.connect(host.environ)) as engine:
        return remove_all(engine, gone, dry_run=dry_run)
