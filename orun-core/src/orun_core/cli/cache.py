"""`orun cache list | verify | gc`: the packages that this user's plans were made from."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from orun_core.spec.amount import amount
from orun_core.spec.errors import CompileError

if TYPE_CHECKING:
    from orun_core.builtin.package_cache import CachedPackage
    from orun_core.host import Host

DAY = 86_400


@click.group("cache")
def command() -> None:
    """List, verify and clean the cache of composition packages."""


@command.command("list")
@click.pass_obj
def list_packages(host: Host) -> None:
    """List the cached packages."""
    found = host.cache.packages()
    for package in found:
        click.echo(_row(package))
    click.echo(
        f"{amount(len(found), 'package')}, {sum(package.size for package in found)} bytes in {host.cache.folder}"
    )


@command.command("verify")
@click.pass_obj
def verify(host: Host) -> None:
    """Check that every cached package is what was added; exits 3 when one is not."""
    from orun_core.builtin.package_cache import changed_package

    if broken := host.cache.changed():
        raise CompileError(changed_package(package.digest, package.folder) for package in broken)
    click.echo(f"✓ As added: {amount(len(host.cache.packages()), 'package')}")


@command.command("gc")
@click.option("--days", metavar="N", default=30, type=click.IntRange(min=0), help="Keep what was used in N days (30).")
@click.pass_obj
def collect(host: Host, days: int) -> None:
    """Remove packages that nobody used for a while, changed ones, and leftovers of killed commands."""
    gone = host.cache.collect(time.time() - days * DAY)
    for package in gone:
        click.echo(_row(package))
    click.echo(f"removed {amount(len(gone), 'package')}, {sum(package.size for package in gone)} bytes")


def _row(package: CachedPackage) -> str:
    used = time.strftime("%Y-%m-%d", time.gmtime(package.used))
    return f"{package.digest}  {package.files} files  {package.size} bytes  used {used}"
