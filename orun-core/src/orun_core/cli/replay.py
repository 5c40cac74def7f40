"""`orun replay`: run an archived plan again, on any backend."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from orun_core.cli.archive import shelf
from orun_core.spec.errors import Diagnostic, PlanError
from orun_core.state.record import MANIFEST, PLAN, read_record, write_record

if TYPE_CHECKING:
    from orun_core.host import Host


@click.command("replay", context_settings={"ignore_unknown_options": True})
@click.argument("record", metavar="DIR|REF")
@click.argument("options", metavar="[RUN_OPTIONS]...", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def command(ctx: click.Context, record: str, options: tuple[str, ...]) -> None:
    """Verify a deployment record, of a folder or a registry (oci://…), and run its plan; options are those of `orun run`."""
    if "://" not in record:
        _replay(ctx, Path(record), options)
        return
    with tempfile.TemporaryDirectory(prefix="orun-record-") as folder:
        files = dict(shelf(ctx.obj, record).recall(record))
        write_record(Path(folder), files, files.pop(MANIFEST, b""))
        _replay(ctx, Path(folder), options)


def _replay(ctx: click.Context, folder: Path, options: tuple[str, ...]) -> None:
    from orun_core.cli.run import command as run

    host: Host = ctx.obj
    record = read_record(folder)
    plan = folder / PLAN
    checksum = host.plan(str(plan)).metadata.checksum
    if checksum != record.checksum:
        text = f"{PLAN} is plan {checksum[:19]}, the record is of {record.checksum[:19]}"
        raise PlanError(Diagnostic("record/changed", text))
    with run.make_context("run", [str(plan), "--expect", checksum, *options], parent=ctx) as inner:
        run.invoke(inner)
