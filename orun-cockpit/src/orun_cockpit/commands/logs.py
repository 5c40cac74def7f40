"""`orun logs`: what steps printed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click
from orun_core.spec.errors import Diagnostic, UsageError

from orun_cockpit.commands.options import exec_option, newest
from orun_cockpit.logs import Selection, chosen, log_lines, log_view, raw_blocks
from orun_cockpit.lookup import hint
from orun_cockpit.terminal import Terminal

if TYPE_CHECKING:
    from orun_core.spec.host import Host
    from orun_core.spec.store import StateStore

    from orun_cockpit.view import LogLine, RunView


@click.command("logs")
@click.argument("what", default="", metavar="[RUN | JOB | run/RUN | job/JOB]")
@exec_option
@click.option("--job", default="", metavar="JOB", help="Only this job: its id, or a part of several.")
@click.option("--step", default="", metavar="STEP", help="Only this step: its id, or a part of several.")
@click.option("--failed", is_flag=True, help="Only steps that went wrong.")
@click.option("--tail", type=click.IntRange(min=0), metavar="N", help="Last lines of each step. [20 failed, 8 others]")
@click.option("--raw", is_flag=True, help="Whole logs, byte for byte, without headings.")
@click.option("--follow", "-f", is_flag=True, help="Go on with what a live run prints.")
@click.option("--timestamps", "-t", is_flag=True, help="When steps ran; with --follow, when each line came.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document per line of output.")
@click.pass_obj
def command(
    host: Host,
    what: str,
    exec_id: str,
    job: str,
    step: str,
    failed: bool,
    tail: int | None,
    raw: bool,
    follow: bool,
    timestamps: bool,
    as_json: bool,
) -> None:
    """Show what the steps of a run printed, last lines first in importance, in the order in which they ran.

    A name without a kind is that of a run, else a job of the newest one: its id, or a part of several.
    """
    kind, slash, name = what.partition("/")
    if what and not slash:
        kind, name = _kind(host, what, exec_id), what
    if what and (kind not in ("run", "job") or not name):
        raise click.UsageError(f"'{what}' is neither run/RUN nor job/JOB")
    if (kind == "run" and exec_id) or (kind == "job" and job):
        raise click.UsageError(f"'{what}' and --{'exec-id' if kind == 'run' else 'job'} say the same thing twice")
    terminal = Terminal(host.environ)
    run = newest(host, exec_id or (name if kind == "run" else ""), terminal, machine=as_json or raw)
    if run is None:
        return
    selection = Selection(name if kind == "job" else job, step, failed, tail)
    if kind == "job" and not slash:
        _check(host, run, name)
    if follow:
        _follow(host.store, run, selection, terminal, raw=raw, timestamps=timestamps, as_json=as_json)
    elif raw:
        _raw(host.store, run, selection)
    elif as_json:
        from orun_cockpit.document import to_json_line

        terminal.stream(map(to_json_line, log_lines(host.store, run, selection)))
    else:
        from orun_cockpit.log_frame import log_frame

        view = log_view(host.store, run, selection)
        terminal.show(log_frame(view, terminal.columns, terminal.theme, timestamps=timestamps))


def _kind(host: Host, name: str, exec_id: str) -> str:
    """What a name without a kind is: a run when there is one of that name, else a job."""
    if exec_id or name == "latest":
        return "job" if exec_id else "run"
    return "run" if any(run.exec_id.startswith(name) for run in host.store.runs()) else "job"


def _check(host: Host, run: RunView, name: str) -> None:
    """Raise `UsageError` (`usage/unknown-name`) with the nearest job or run, unless the name is a part of a job."""
    jobs = tuple(job.id for job in run.jobs)
    if not any(name.replace("@", ".") in job for job in jobs):
        near = hint(name, (*jobs, *(row.exec_id for row in host.store.runs())))
        raise UsageError(Diagnostic("usage/unknown-name", f"no run and no job named '{name}'", hint=near))


def _follow(
    store: StateStore,
    run: RunView,
    selection: Selection,
    terminal: Terminal,
    *,
    raw: bool,
    timestamps: bool,
    as_json: bool,
) -> None:
    """Lines as they come, until the run ends."""
    from orun_cockpit.document import to_json_line
    from orun_cockpit.log_frame import followed
    from orun_cockpit.log_tail import LogTail
    from orun_cockpit.stream import RunStream

    def form(line: LogLine) -> str:
        if as_json:
            return to_json_line(line)
        if raw:
            return f"{line.text}\n"
        return terminal.painted((followed(line, terminal.theme, timestamps=timestamps),))

    tail = LogTail(store, selection.of(run))
    if selection.tail is not None:
        tail.skip(run, selection.tail)
    for view in RunStream(store, run.exec_id):
        terminal.stream(map(form, tail.read_all(view)))


def _raw(store: StateStore, run: RunView, selection: Selection) -> None:
    out = sys.stdout.buffer
    for _, step in chosen(run, selection):
        for name in step.logs:
            out.writelines(raw_blocks(store, run.exec_id, name))
    out.flush()
