"""What this distribution offers: the source `oci` and the commands around registries."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Final

from orun_core.spec.entries import SourceEntry, SurfaceEntry
from orun_core.spec.markers import hookimpl

if TYPE_CHECKING:
    import click
    from orun_core.spec.source import CompositionSource

COMMANDS: Final = (
    ("fetch", "login", "Pull a package from a registry into the cache."),
    ("inspect", "login", "Show what a registry has under a reference."),
    ("login", "login", "Keep the credentials of a registry."),
    ("logout", "login", "Forget the credentials of a registry."),
    ("publish", "publish", "Validate a stack and publish it to a registry."),
)


@hookimpl
def orun_composition_sources() -> tuple[SourceEntry, ...]:
    return (SourceEntry("oci", "A stack in an OCI registry.", _source),)


@hookimpl
def orun_surfaces() -> tuple[SurfaceEntry, ...]:
    return tuple(SurfaceEntry(name, summary, load=partial(_load, module, name)) for name, module, summary in COMMANDS)


def _source() -> CompositionSource:
    import os

    from orun_source_oci.connect import connect
    from orun_source_oci.source import OciSource

    return OciSource(lambda reference: connect(reference, os.environ))


def _load(module: str, name: str) -> click.Command:
    command: click.Command = getattr(import_module(f"orun_source_oci.{module}"), name)
    return command
