"""`orun stop`: end a live run from outside, as Ctrl-C does from inside."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import click

from orun_core.spec.errors import Diagnostic, RunError

if TYPE_CHECKING:
    from orun_core.host import Host


@click.command("stop")
@click.argument("execution", metavar="[EXEC]", required=False, default="")
@click.option("--force", is_flag=True, help="Kill the steps at once; post steps do not run.")
@click.option("--no-wait", is_flag=True, help="Do not wait until the run ended.")
@click.pass_obj
def command(host: Host, execution: str, force: bool, no_wait: bool) -> None:
    """Stop a live run: post steps still run and the record is sealed as cancelled."""
    state = host.store.run(execution)
    if state.status.ended:
        click.echo(f"{state.exec_id} has ended: {state.status.value}")
        return
    if not state.alive:
        click.echo(f"{state.exec_id} was interrupted; `orun run --resume {state.exec_id}` continues it")
        return
    pid = _owner(host, state.exec_id)
    for number in range(2 if force else 1):
        if number:
            next(host.store.watch(state.exec_id))
        os.kill(pid, signal.SIGTERM)
    if not no_wait:
        for _ in host.store.watch(state.exec_id):
            state = host.store.run(state.exec_id)
            if state.status.ended or not state.alive:
                break
    click.echo(f"{state.exec_id}: {'stopping' if no_wait else state.status.value}")


def _owner(host: Host, exec_id: str) -> int:
    """Process of the run; raises `RunError` when it is on another machine."""
    from orun_core.state.layout import Layout
    from orun_core.state.owner import read_owner, this_process

    found = read_owner(Layout(host.root / ".orun").run(exec_id).lock)
    here = this_process()
    if found is None or (found[0].boot, found[0].namespace) != (here.boot, here.namespace):
        where = found[0].machine if found else "an unknown machine"
        message = f"{exec_id} runs on {where}, not here"
        raise RunError(Diagnostic("run/elsewhere", message, hint="stop it there"))
    return found[0].pid
