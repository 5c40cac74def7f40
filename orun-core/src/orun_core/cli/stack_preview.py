"""`orun stack preview OLD NEW`: what an upgrade of a package changes in the plan of an intent that uses it."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from orun_core.spec.errors import Diagnostic, UsageError

if TYPE_CHECKING:
    from orun_core.host import Host
    from orun_core.spec.source import SourceRequest
    from orun_core.spec.stages import Compiled, LoadedProject, Package


@click.command("preview")
@click.argument("old")
@click.argument("new")
@click.option(
    "--source", metavar="NAME", default="", help="Source of the intent that they stand for; its only one by default."
)
@click.pass_obj
def preview(host: Host, old: str, new: str, source: str) -> None:
    """Compile the intent with one package, then with another, and say what its plan does differently.

    OLD and NEW are folders, archives or references (oci://…, or a git URL).
    """
    from orun_core.cli.diff_forms import text
    from orun_core.plan.diff import diff

    before, after = (_compiled(host, package, source) for package in (old, new))
    click.echo(text(diff(before.plan, after.plan), old, new, color=sys.stdout.isatty()))


def _compiled(host: Host, package: str, source: str) -> Compiled:
    """The intent's plan with a package in the place of a source."""
    from orun_core.spec.stages import Request

    def amend(loaded: LoadedProject) -> LoadedProject:
        names = [known.request.name for known in loaded.packages]
        name = source or (names[0] if len(names) == 1 else "")
        if name not in names:
            from orun_core.cli.names import unknown

            raise UsageError(unknown("composition source", name, names))
        other = _read(host, _request(name, package))
        return replace(
            loaded, packages=tuple(other if known.request.name == name else known for known in loaded.packages)
        )

    return host.compile(Request(), amend=amend)


def _request(name: str, package: str) -> SourceRequest:
    from orun_core.spec.source import SourceRequest

    path = Path(package)
    if path.exists():
        return SourceRequest(name, "dir" if path.is_dir() else "archive", path=str(path.resolve()))
    if package.startswith("oci://"):
        return SourceRequest(name, "oci", ref=package)
    if "://" in package:
        return SourceRequest(name, "git", ref=package)
    hint = "give a folder, an archive, oci://… or the URL of a git repository"
    raise UsageError(Diagnostic("source/not-found", f"there is no package at {package}", hint=hint))


def _read(host: Host, request: SourceRequest) -> Package:
    from orun_core.compiler.packages import PackageReader
    from orun_core.spec.source import SourceContext

    fetched = host.source(request.kind).fetch(request, SourceContext(host.root, host.cache))
    return PackageReader(request, fetched, lambda path: f"{request.name}:{path}").read()
