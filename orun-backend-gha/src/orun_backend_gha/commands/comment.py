"""`orun github comment`: the plan in one comment of the pull request."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click
from orun_core.spec.errors import Diagnostic, UsageError
from orun_core.spec.json_text import loads

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orun_core.spec.host import Host


@click.command("comment")
@click.argument("plan", default="latest", metavar="[PLAN]")
@click.option(
    "--pull-request", type=int, default=0, metavar="NUMBER", help="The pull request; that of the event otherwise."
)
@click.option(
    "--repository", default="", metavar="OWNER/NAME", help="The repository; that of the event or of git otherwise."
)
@click.option("--key", default="", metavar="TEXT", help="Tells comments of several plans apart.")
@click.option("--dry-run", is_flag=True, help="Print the comment and write nothing.")
@click.pass_obj
def comment(host: Host, plan: str, pull_request: int, repository: str, key: str, dry_run: bool) -> None:
    """Write PLAN in a comment of a pull request; later plans change the same comment."""
    from orun_backend_gha.comment import body, keep
    from orun_backend_gha.find_run import client

    text = body(host.plan(plan), key)
    if dry_run:
        click.echo(text)
        return
    number = pull_request or _of_event(host.environ)
    if not number:
        raise UsageError(
            Diagnostic("github/no-pull-request", "no pull request is known", hint="give --pull-request NUMBER")
        )
    click.echo(keep(client(host, repository), number, text, key))


def _of_event(environ: Mapping[str, str]) -> int:
    """Number of the pull request that this run of Actions is for, or 0."""
    found = re.fullmatch(r"refs/pull/(\d+)/.+", environ.get("GITHUB_REF", ""))
    if found:
        return int(found[1])
    path = Path(environ.get("GITHUB_EVENT_PATH") or "/nonexistent")
    payload = loads(path.read_bytes()) if path.is_file() else {}
    return int((payload.get("pull_request") or {}).get("number") or 0)
