"""Offers the backend `local`, also called `shell`, to orun."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orun_core.spec.entries import BackendEntry
from orun_core.spec.markers import hookimpl

if TYPE_CHECKING:
    from orun_core.spec.backend import Backend
    from orun_core.spec.host import Host


@hookimpl
def orun_backends() -> tuple[BackendEntry, ...]:
    """Steps as processes of this machine."""
    return (BackendEntry("local", "Runs steps as processes of this machine", _create, aliases=("shell",)),)


def _create(host: Host, options: object) -> Backend:  # noqa: ARG001 - the factory signature of BackendEntry
    from orun_backend_shell.backend import ShellBackend

    return ShellBackend()
