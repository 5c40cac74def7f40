"""`orun sign`: state, with a key, that this plan is the reviewed one."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from orun_core.spec.errors import Diagnostic, UsageError

if TYPE_CHECKING:
    from orun_core.host import Host

PREDICATE: Final = "https://orun.io/attestations/plan/v1"
"""Predicate type of a plan's signature."""


@click.command("sign")
@click.argument("plan", metavar="PLAN_FILE")
@click.option("--key", metavar="FILE", required=True, help="Private ed25519 key (PEM).")
@click.option("-o", "--output", metavar="FILE", default="", help="Signature file; PLAN_FILE.sig by default.")
@click.pass_obj
def command(host: Host, /, plan: str, key: str, output: str) -> None:
    """Sign a plan file: a DSSE envelope around an in-toto statement, offline."""
    from orun_core.spec.attestation import AttestationError, private_key, sign
    from orun_core.state.durable import write_whole

    path = Path(plan)
    if not path.is_file():
        raise UsageError(
            Diagnostic("usage/no-file", f'"{plan}" is no file', hint="write the plan to a file with `orun plan -o`")
        )
    metadata = host.plan(plan).metadata
    predicate = {"checksum": metadata.checksum, "seal": metadata.seal, "name": metadata.name}
    try:
        envelope = sign(path.name, sha256(path.read_bytes()).hexdigest(), PREDICATE, predicate, private_key(Path(key)))
    except AttestationError as error:
        raise UsageError(Diagnostic("plan/signature", str(error))) from error
    target = Path(output or f"{plan}.sig")
    write_whole(target, envelope)
    click.echo(f"✓ Signed {metadata.checksum[:19]} as {target}")
