"""`orun publish`: a validated stack as an artifact of two layers, under a tag, signed when asked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from orun_source_oci import reference as references
from orun_source_oci.errors import refused

if TYPE_CHECKING:
    from orun_core.spec.host import Host
    from orun_core.spec.source import PackedStack

    from orun_source_oci.manifest import Descriptor
    from orun_source_oci.reference import Reference
    from orun_source_oci.registry import Repository


@click.command("publish")
@click.argument("reference", metavar="[REF]", required=False)
@click.option("--root", metavar="DIR", default=".", help="Folder of stack.yaml; here by default.")
@click.option(
    "--ref",
    metavar="REF",
    default="",
    help="Same as the argument: HOST/OWNER/NAME:TAG; by default what stack.yaml says.",
)
@click.option("--version", metavar="VERSION", default="", help="Version; that of stack.yaml by default.")
@click.option("--dry-run", is_flag=True, help="Say what would be published; touch no registry.")
@click.option("--sign", "signs", is_flag=True, help="Sign the package; needs --key.")
@click.option("--key", metavar="FILE", default="", help="PEM file with an ed25519 private key.")
@click.pass_obj
def publish(
    host: Host, reference: str | None, root: str, ref: str, version: str, dry_run: bool, signs: bool, key: str
) -> None:
    """Validate a stack and publish it to a registry."""
    from orun_source_oci import signing
    from orun_source_oci.connect import connect
    from orun_source_oci.manifest import MANIFEST, describe

    if signs != bool(key):
        raise click.UsageError("--sign and --key go together")
    if ref and reference and ref != reference:
        raise click.UsageError(f"--ref {ref} contradicts {reference}")
    signer = signing.private_key(Path(key)) if key else None
    packed = host.pack(Path(root))
    packed = replace(packed, version=version or packed.version)
    target = _target(packed, _tagged(ref or reference or "", version))
    blobs, content = _artifact(packed)
    wanted = describe(MANIFEST, content)
    for layer, data in blobs:
        click.echo(f"{layer.media_type}  {len(data)} bytes\n  {layer.digest}")
    if not dry_run:
        repository = connect(target, host.environ)
        for layer, data in blobs:
            repository.push_blob(data, layer.digest)
        repository.push_manifest(content, wanted, target.tag)
        if signer:
            _attach(repository, wanted, signing.sign(str(repository), wanted.digest, signer))
    click.echo(
        f"{'would publish' if dry_run else 'published'} {target}\n  {wanted.digest}{' signed' if signer else ''}"
    )


def _tagged(ref: str, version: str) -> str:
    """A reference that names no tag, with the version that was asked for as its tag."""
    bare = ref and not {":", "@"} & set(ref.rpartition("/")[2])
    return f"{ref}:{version}" if bare and version else ref


def _target(packed: PackedStack, ref: str) -> Reference:
    if not ref and not packed.registry:
        raise refused("bad-reference", "nothing says where to publish", "give --ref, or a `registry:` in stack.yaml")
    if not ref and not packed.version:
        raise refused(
            "bad-reference", "stack.yaml has no metadata.version to tag the package with", "set it or give --ref"
        )
    target = references.parse(ref or f"{packed.registry}:{packed.version}")
    if not target.tag:
        raise refused("bad-reference", f"{target} names no tag")
    return target


def _artifact(packed: PackedStack) -> tuple[list[tuple[Descriptor, bytes]], bytes]:
    """What is uploaded: blobs with their descriptors, and the manifest."""
    from orun_source_oci.manifest import COMPOSITIONS, EMPTY, EXAMPLES, STACK, describe, manifest

    layers = [(COMPOSITIONS, packed.compositions), (EXAMPLES, packed.examples)]
    blobs = [(describe(media_type, data), data) for media_type, data in layers if data]
    annotations = {
        "org.opencontainers.image.title": packed.name,
        "org.opencontainers.image.version": packed.version,
        "org.opencontainers.image.description": packed.description,
    }
    content = manifest(STACK, [layer for layer, _ in blobs], {k: v for k, v in annotations.items() if v})
    return [*blobs, (describe(EMPTY, b"{}"), b"{}")], content


def _attach(repository: Repository, about: Descriptor, envelope: bytes) -> None:
    from orun_source_oci.manifest import EMPTY, ENVELOPE, MANIFEST, SIGNATURE, describe, manifest

    layer = describe(ENVELOPE, envelope)
    content = manifest(SIGNATURE, [layer], {}, about)
    for data, media_type in ((envelope, ENVELOPE), (b"{}", EMPTY)):
        repository.push_blob(data, describe(media_type, data).digest)
    repository.attach(content, about, replace(describe(MANIFEST, content), artifact_type=SIGNATURE))
