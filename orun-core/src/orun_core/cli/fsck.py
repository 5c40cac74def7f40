"""`orun fsck`: is everything under .orun what it says it is?"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import click

from orun_core.spec.amount import amount
from orun_core.spec.errors import RunError, Severity

if TYPE_CHECKING:
    from orun_core.spec.host import Host
    from orun_core.state.local import LocalStore


@click.command("fsck")
@click.option("--repair", is_flag=True, help="Write state.json again from the journal where they differ.")
@click.pass_obj
def command(host: Host, repair: bool) -> None:
    """Check journals, states, logs and the seals of plans under .orun; exits 1 when something is broken."""
    from orun_core.state import fsck

    store = cast("LocalStore", host.store)
    for exec_id in fsck.repair(store) if repair else ():
        click.echo(f"↻ state.json of {exec_id} written again")
    problems = fsck.check(store)
    if any(problem.severity is Severity.ERROR for problem in problems):
        raise RunError(problems)
    host.report(problems)
    runs, plans = amount(len(store.layout.run_ids()), "run"), amount(len(store.layout.checksums()), "plan")
    click.echo(f"✓ {runs} and {plans} checked")
