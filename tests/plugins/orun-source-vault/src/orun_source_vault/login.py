"""`orun vault-login`: the vault's own login."""

from __future__ import annotations

import sys

import click


@click.command("vault-login")
@click.argument("url")
@click.option("-u", "--username", required=True, help="User of the vault.")
def login(url: str, username: str) -> None:
    """Log in to the company's vault; the password comes from stdin."""
    from orun_source_vault.session import Session

    Session(url).login(username, sys.stdin.readline().rstrip("\n"))
    click.echo(f"logged in to {url}")
