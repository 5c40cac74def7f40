"""`orun login`, `logout`, `fetch`, `inspect`: a registry from the command line."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from shutil import copytree
from typing import TYPE_CHECKING

import click

from orun_source_oci import reference as references
from orun_source_oci.errors import refused

if TYPE_CHECKING:
    from orun_core.spec.host import Host


@click.command("login")
@click.argument("registry")
@click.option("-u", "--username", metavar="NAME", required=True, help="User of the registry.")
@click.option("--password-stdin", is_flag=True, help="Read the password from stdin; asked for on a terminal otherwise.")
@click.pass_obj
def login(host: Host, registry: str, username: str, password_stdin: bool) -> None:
    """Check the credentials of a registry and keep them where docker does."""
    from orun_source_oci.connect import connect
    from orun_source_oci.credentials import Credentials, CredentialStore

    password = (
        sys.stdin.readline().rstrip("\r\n")
        if password_stdin or not sys.stdin.isatty()
        else click.prompt("Password", hide_input=True, err=True)
    )
    if not password:
        raise refused("credentials", "the password is empty", "give it on stdin: `… | orun login HOST -u NAME`")
    registry = references.parse_host(registry)
    credentials = Credentials(username, password)
    connect(references.Reference(registry, ""), host.environ, credentials).check_login()
    click.echo(f"logged in to {registry}, kept in {CredentialStore(host.environ).save(registry, credentials)}")


@click.command("logout")
@click.argument("registry")
@click.pass_obj
def logout(host: Host, registry: str) -> None:
    """Forget the credentials of a registry."""
    from orun_source_oci.credentials import CredentialStore

    registry = references.parse_host(registry)
    known = CredentialStore(host.environ).remove(registry)
    click.echo(f"logged out of {registry}" if known else f"there are no credentials of {registry}")


@click.command("fetch")
@click.argument("ref")
@click.option("--output", metavar="DIR", default="", help="Copy the package to this folder, too.")
@click.option("--overwrite", is_flag=True, help="The folder of --output may exist.")
@click.pass_obj
def fetch(host: Host, ref: str, output: str, overwrite: bool) -> None:
    """Pull a package from a registry into the cache."""
    from orun_core.spec.source import SourceContext, SourceRequest

    if output and Path(output).exists() and not overwrite:
        raise click.UsageError(f'"{output}" exists: choose another folder, or say --overwrite')
    request = SourceRequest(name=ref, kind="oci", ref=ref)
    fetched = host.source("oci").fetch(request, SourceContext(host.root, host.cache))
    click.echo(f"{fetched.digest}  {fetched.version}".rstrip())
    if output:
        copytree(fetched.root, output, dirs_exist_ok=overwrite)
    click.echo(output or str(fetched.root))


@click.command("inspect")
@click.argument("ref")
@click.pass_obj
def inspect(host: Host, ref: str) -> None:
    """Show the manifest of a package, and who signed it, as JSON."""
    from orun_source_oci import signing
    from orun_source_oci.connect import connect
    from orun_source_oci.versions import newest

    reference = references.parse(ref)
    repository = connect(reference, host.environ)
    tag = newest(repository.tags(), reference.range) if reference.range else reference.tag
    if not (tag or reference.digest):
        raise refused("no-version", f"{repository} has no version in {reference.range}")
    found, tree = repository.manifest(reference.digest or tag)
    keys = signing.key_ids(signing.fetch(repository, found.digest))
    shown = {"reference": str(reference), "tag": tag, "digest": found.digest, "signedBy": keys, "manifest": tree}
    click.echo(json.dumps({key: value for key, value in shown.items() if value}, indent=2, ensure_ascii=False))
