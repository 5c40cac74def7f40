"""Offers the backend `docker` to orun."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orun_core.spec.entries import BackendEntry
from orun_core.spec.markers import hookimpl

if TYPE_CHECKING:
    from collections.abc import Callable

    from orun_core.spec.backend import Backend
    from orun_core.spec.host import Host
    from pydantic import BaseModel


@hookimpl
def orun_backends() -> tuple[BackendEntry, ...]:
    """Jobs in containers of a Docker Engine or podman."""
    summary = "Runs jobs in containers"
    return (BackendEntry("docker", summary, _create, ("container",), _options, reap=_reap, pin=_pin),)


def _create(host: Host, options: object) -> Backend:
    from orun_backend_docker.backend import create

    return create(host, options)


def _options() -> type[BaseModel]:
    from orun_backend_docker.options import DockerOptions

    return DockerOptions


def _reap(host: Host, gone: Callable[[str], bool], dry_run: bool) -> tuple[str, ...]:
    from orun_backend_docker.orphans import reap

    return reap(host, gone, dry_run=dry_run)


def _pin(host: Host, options: object, images: tuple[str, ...]) -> dict[str, str]:
    from orun_backend_docker.pinning import pin

    return pin(host, options, images)
