"""`orun run --background`: the checked run goes on in a detached process, with the very plan that was checked."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, NoReturn

import click

from orun_core.cli.run_display import PlainDisplay

if TYPE_CHECKING:
    from pathlib import Path

    from orun_core.host import Host
    from orun_core.runtime.launch import Launch
    from orun_core.spec.run import Event
    from orun_core.spec.store import StateStore


class DetachedDisplay(PlainDisplay):
    """Plain lines into the background log; tells the waiting parent when the run is recorded."""

    def __init__(self, store: StateStore, ready: int) -> None:
        super().__init__(store, verbose=False)
        self._ready: int | None = ready

    def event(self, event: Event) -> None:
        """The first one is on the disk: whoever asks for the run finds it."""
        if self._ready is not None:
            os.write(self._ready, b"1")
            os.close(self._ready)
            self._ready = None
        super().event(event)


def detach(host: Host, launch: Launch) -> None:
    """Return in the detached child only; the parent exits once the run is recorded, or with the child's status."""
    log = host.root / ".orun" / "background" / f"{launch.exec_id}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    earlier = log.stat().st_size if log.exists() else 0
    reader, writer = os.pipe()
    child = os.fork()
    if child:
        os.close(writer)
        if not os.read(reader, 1):
            _refused(child, log, earlier)
        _report(launch, child, log)
    os.close(reader)
    os.setsid()
    _redirect(log)
    raise click.exceptions.Exit(_run_detached(host, launch, writer))


def _run_detached(host: Host, launch: Launch, ready: int) -> int:
    from orun_core.cli.run import execute

    return execute(host, launch, host.steady(DetachedDisplay(host.store, ready)))


def _redirect(log: Path) -> None:
    """stdin from nowhere, stdout and stderr to the log."""
    sys.stdout.flush()
    sys.stderr.flush()
    nowhere = os.open(os.devnull, os.O_RDONLY)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    for source, target in ((nowhere, 0), (output, 1), (output, 2)):
        os.dup2(source, target)


def _refused(child: int, log: Path, earlier: int) -> NoReturn:
    """Say what the child said, which is what the log has beyond what was there `earlier`, and exit as it did."""
    _, status = os.waitpid(child, 0)
    with log.open("rb") as said:
        said.seek(earlier)
        click.echo(said.read().decode("utf-8", "replace"), err=True, nl=False)
    raise click.exceptions.Exit(os.waitstatus_to_exitcode(status))


def _report(launch: Launch, child: int, log: Path) -> NoReturn:
    exec_id = launch.exec_id
    click.echo("✓ background run started")
    click.echo(f"  exec-id: {exec_id}\n  pid:     {child}\n  log:     {log}\n")
    click.echo(f"  track:  orun status --exec-id {exec_id} --watch")
    click.echo(f"  logs:   orun logs --exec-id {exec_id}")
    click.echo(f"  stop:   orun stop {exec_id}")
    raise click.exceptions.Exit(0)
