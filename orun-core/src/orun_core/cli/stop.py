"""`orun stop`: end a live run from outside, as Ctrl-C does from inside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from orun_core.host import Host
    from orun_core.spec.run import RunState


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
    host.stop(state.exec_id, force=force)
    if not no_wait:
        if not force:
            click.echo(f"waiting for post steps; `orun stop {state.exec_id} --force` kills at once", err=True)
        for _ in host.store.watch(state.exec_id):
            state = host.store.run(state.exec_id)
            if state.status.ended or not state.alive:
                break
    click.echo(f"{state.exec_id}: {'stopping' if no_wait else _word(state)}")


def _word(state: RunState) -> str:
    return "interrupted" if state.interrupted else state.status.value
