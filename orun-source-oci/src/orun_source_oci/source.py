"""`kind: oci`: resolve once, pull by digest, verify, keep in the cache."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orun_core.spec.source import FetchedSource

from orun_source_oci import reference as references
from orun_source_oci.errors import refused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from orun_core.spec.source import PackageCache, SourceContext, SourceRequest

    from orun_source_oci.reference import Reference
    from orun_source_oci.registry import Repository

SIGNATURES = "signatures.json"


class OciSource:
    """Packages in OCI registries. `connect` opens the repository of a reference."""

    def __init__(self, connect: Callable[[Reference], Repository]) -> None:
        self._connect = connect

    def fetch(self, request: SourceRequest, context: SourceContext) -> FetchedSource:
        """The package of the locked digest, the pinned one, or the one that the reference means now."""
        reference = references.parse(request.ref)
        wanted = request.locked or request.digest or reference.digest
        if not wanted and context.frozen:
            hint = "run `orun compositions lock` and commit the lock, or write its digest"
            raise refused(
                "floating", f'composition source "{request.name}": {reference} may mean another package later', hint
            )
        root = context.cache.tree(wanted) if wanted else None
        if root is not None:
            asks = not (context.offline or context.frozen)
            self._verify(request, context, wanted, reference if asks else None)
            return FetchedSource(wanted, root)
        if context.offline:
            hint = "run `orun compositions pull` while there is a network"
            raise refused(
                "offline", f'composition source "{request.name}": {wanted or reference} is not in the cache', hint
            )
        repository = self._connect(reference)
        version = "" if wanted else _version(repository, reference)
        digest, layer = _resolve(repository, wanted or version or reference.tag)
        root = context.cache.tree(digest) or self._pull(repository, digest, layer, context.cache)
        self._verify(request, context, digest, reference)
        return FetchedSource(digest, root, version)

    def keep(self, reference: str, files: Mapping[str, bytes]) -> str:
        """Store a deployment record under the tag of `reference`; returns its digest."""
        from orun_source_oci.records import push

        target = references.parse(reference)
        if not target.tag:
            raise refused("bad-reference", f"{target} names no tag")
        return push(self._connect(target), target.tag, files)

    def recall(self, reference: str) -> Mapping[str, bytes]:
        """The files of a deployment record, every byte verified."""
        from orun_source_oci.records import pull

        target = references.parse(reference)
        return pull(self._connect(target), target.digest or target.tag)

    def latest(self, request: SourceRequest, context: SourceContext) -> str:
        """Digest that the reference means now."""
        reference = references.parse(request.ref)
        if reference.digest or context.offline:
            return reference.digest or request.locked
        repository = self._connect(reference)
        return repository.manifest(_version(repository, reference) or reference.tag)[0].digest

    def _pull(self, repository: Repository, digest: str, tree: Mapping[str, Any], cache: PackageCache) -> Path:
        from orun_source_oci.manifest import package_layer

        with tempfile.NamedTemporaryFile(prefix="orun-oci-") as archive:
            repository.blob(package_layer(tree), archive)
            return cache.add(digest, Path(archive.name))

    def _verify(self, request: SourceRequest, context: SourceContext, digest: str, ask: Reference | None) -> None:
        """Hold the package to the source's `verify:` by the signatures in the cache, else those of the repository to ask."""
        rule = request.options.get("verify")
        if not rule:
            return
        from orun_source_oci import signing

        key = signing.public_key(context.root, str(rule.get("keyRef") or ""))
        found = context.cache.noted(digest, SIGNATURES)
        if found is None and ask:
            found = signing.bundle(signing.fetch(self._connect(ask), digest))
            context.cache.note(digest, SIGNATURES, found)
        signing.check(request.name, digest, signing.unbundle(found or b"[]"), key, required=bool(rule.get("required")))


def _version(repository: Repository, reference: Reference) -> str:
    """The tag that a range of versions means now, empty for references without a range."""
    if not reference.range:
        return ""
    from orun_source_oci.versions import newest

    tags = repository.tags()
    found = newest(tags, reference.range)
    if not found:
        raise refused(
            "no-version", f"{repository} has no version in {reference.range}", f"it has {', '.join(tags[-10:])}"
        )
    return found


def _resolve(repository: Repository, wanted: str) -> tuple[str, Mapping[str, Any]]:
    """The digest that identifies a package, and the manifest of its layers."""
    from orun_source_oci.manifest import package_manifest

    found, tree = repository.manifest(wanted)
    if "manifests" in tree:
        _, tree = repository.manifest(package_manifest(tree).digest)
    return found.digest, tree
