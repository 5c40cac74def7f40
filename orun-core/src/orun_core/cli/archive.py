"""`orun archive`: keep a plan, what vouches for it and what came of it as one deployment record."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from orun_core.plan.canonical import to_json
from orun_core.spec.errors import Diagnostic, PlanError, UsageError
from orun_core.spec.tree import document
from orun_core.state.record import (
    MANIFEST,
    PLAN,
    PROVENANCE,
    RUN_FILES,
    SIGNATURE,
    manifest_of,
    stray_signature,
    write_record,
)

if TYPE_CHECKING:
    from orun_core.host import Host
    from orun_core.spec.source import RecordShelf


@click.command("archive")
@click.argument("plan")
@click.argument("target", metavar="DIR|REF")
@click.option("--run", "execution", metavar="EXEC", default="", help="Add the record of this run of the plan.")
@click.option(
    "--signature", metavar="FILE", default="", help="Signature of the plan file; PLAN.sig by default, when it exists."
)
@click.pass_obj
def command(host: Host, /, plan: str, target: str, execution: str, signature: str) -> None:
    """Keep the deployment record of a plan (plan, provenance, signature, run) in a folder or a registry (oci://…)."""
    if (Path(target) / MANIFEST).exists():
        raise UsageError(Diagnostic("record/exists", f"{target} holds a record already", hint="choose another folder"))
    found = host.plan(plan)
    path = Path(plan)
    text = path.read_bytes() if path.is_file() else to_json(document(found)).encode()
    files = {PLAN: text}
    provenance = host.store.provenance(found.metadata.checksum)
    if provenance:
        files[PROVENANCE] = provenance.encode()
    sig = Path(signature or f"{plan}.sig")
    if signature or sig.is_file():
        if not sig.is_file():
            raise UsageError(Diagnostic("usage/no-file", f'"{sig}" is no file', hint="sign the plan with `orun sign`"))
        files[SIGNATURE] = sig.read_bytes()
        if problems := stray_signature(files[SIGNATURE], text, str(sig)):
            raise PlanError(problems)
    facts: dict[str, Any] = {
        "checksum": found.metadata.checksum,
        "seal": found.metadata.seal,
        "name": found.metadata.name,
    }
    if execution:
        facts["run"] = _add_run(host, execution, found.metadata.checksum, files)
    manifest = manifest_of(files, facts)
    if "://" in target:
        where = f"{target} as {shelf(host, target).keep(target, {**files, MANIFEST: manifest})}"
    else:
        write_record(Path(target), files, manifest)
        where = target
    click.echo(f"✓ Archived {found.metadata.checksum[:19]} in {where}: {', '.join(sorted(files))}")


def shelf(host: Host, reference: str) -> RecordShelf:
    """The source that keeps records under references of this kind; raises `UsageError` when it does not."""
    from orun_core.spec.source import RecordShelf

    kind = reference.partition("://")[0]
    source = host.source(kind)
    if not isinstance(source, RecordShelf):
        raise UsageError(Diagnostic("record/no-shelf", f'sources of kind "{kind}" keep no records', hint="use oci://…"))
    return source


def _add_run(host: Host, execution: str, checksum: str, files: dict[str, bytes]) -> str:
    state = host.store.run(execution)
    if state.plan_checksum != checksum:
        text = f"run {state.exec_id} is of plan {state.plan_checksum[:19]}, not {checksum[:19]}"
        raise UsageError(Diagnostic("record/other-plan", text))
    folder = host.root / ".orun" / "runs" / state.exec_id
    files.update({name: (folder / name).read_bytes() for name in RUN_FILES})
    return state.exec_id
