"""What this distribution offers: the source `vault` and the command that logs in to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orun_core.spec.entries import SourceEntry, SurfaceEntry
from orun_core.spec.markers import hookimpl

if TYPE_CHECKING:
    import click
    from orun_core.spec.source import CompositionSource


@hookimpl
def orun_composition_sources() -> tuple[SourceEntry, ...]:
    return (SourceEntry("vault", "A package of the company's vault.", _source),)


@hookimpl
def orun_surfaces() -> tuple[SurfaceEntry, ...]:
    return (SurfaceEntry("vault-login", "Log in to the company's vault.", load=_login),)


def _source() -> CompositionSource:
    from orun_source_vault.source import VaultSource

    return VaultSource()


def _login() -> click.Command:
    from orun_source_vault.login import login

    return login
