"""`orun pack`: a stack as one archive, the same bytes wherever it is packed."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import click

from orun_core.state.durable import write_whole

if TYPE_CHECKING:
    from orun_core.host import Host


@click.command("pack")
@click.option("--root", metavar="DIR", default=".", help="Folder of stack.yaml; here by default.")
@click.option("-o", "--output", metavar="FILE", default="", help="Archive; NAME-VERSION.tgz by default.")
@click.pass_obj
def command(host: Host, root: str, output: str) -> None:
    """Validate a stack and pack it reproducibly."""
    packed = host.pack(Path(root))
    target = Path(output or "-".join(filter(None, (packed.name, packed.version))) + ".tgz")
    target.parent.mkdir(parents=True, exist_ok=True)
    write_whole(target, packed.archive)
    click.echo(f"{target}  {len(packed.files)} files  {len(packed.archive)} bytes")
    click.echo(f"sha256:{sha256(packed.archive).hexdigest()}")
