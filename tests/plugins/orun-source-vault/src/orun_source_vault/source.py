"""`kind: vault`, `ref: URL/NAME@VERSION`: the archive of a version, verified, in orun's cache."""

from __future__ import annotations

import tempfile
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from orun_core.spec.errors import CompileError, Diagnostic
from orun_core.spec.source import FetchedSource

from orun_source_vault.session import Session

if TYPE_CHECKING:
    from orun_core.spec.source import SourceContext, SourceRequest


class VaultSource:
    """Packages are identified by the digest of their archive."""

    def fetch(self, request: SourceRequest, context: SourceContext) -> FetchedSource:
        """The locked package from the cache or the vault, else the version that the reference means now."""
        digest, version = request.locked or request.digest, request.locked_version
        root = context.cache.tree(digest) if digest else None
        if root is None and context.offline:
            raise CompileError(Diagnostic("vault/offline", f"{request.ref} is not in the cache"))
        if root is None:
            session, name, wanted = self._parts(request)
            if not digest:
                found = session.version(name, wanted)
                digest, version = str(found["digest"]), str(found["version"])
            root = context.cache.tree(digest) or self._download(session, digest, context)
        return FetchedSource(digest, root, version)

    def latest(self, request: SourceRequest, context: SourceContext) -> str:
        """Digest of the version that the reference means now."""
        if context.offline:
            return request.locked
        session, name, wanted = self._parts(request)
        return str(session.version(name, wanted)["digest"])

    def _parts(self, request: SourceRequest) -> tuple[Session, str, str]:
        url, _, package = request.ref.rpartition("/")
        name, at, version = package.partition("@")
        if not (url and name and at and version):
            raise CompileError(Diagnostic("vault/bad-reference", f"'{request.ref}' is not URL/NAME@VERSION"))
        return Session(url), name, version

    def _download(self, session: Session, digest: str, context: SourceContext) -> Path:
        content = session.archive(digest)
        if f"sha256:{sha256(content).hexdigest()}" != digest:
            raise CompileError(Diagnostic("vault/refused", f"{session.url} has other bytes under {digest}"))
        with tempfile.TemporaryDirectory() as folder:
            archive = Path(folder, "package")
            archive.write_bytes(content)
            return context.cache.add(digest, archive)
