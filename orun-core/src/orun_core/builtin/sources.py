"""Packages on this disk: a folder, used where it stands, and an archive, unpacked into the cache."""

from __future__ import annotations

import os
import posixpath
from pathlib import Path
from typing import TYPE_CHECKING

from orun_core.builtin.tree_digest import file_digest, tree_digest
from orun_core.spec.errors import CompileError, Diagnostic
from orun_core.spec.nearest import nearest
from orun_core.spec.source import FetchedSource

if TYPE_CHECKING:
    from orun_core.spec.source import SourceContext, SourceRequest


class DirSource:
    """`kind: dir`: a folder, relative to the intent. Its digest is that of the tree."""

    def fetch(self, request: SourceRequest, context: SourceContext) -> FetchedSource:
        """The folder itself; raises `CompileError` when there is none or it holds links."""
        unverifiable(request)
        folder = context.root / request.path
        if not request.path or not os.path.isdir(folder):
            raise CompileError(_not_found(request, folder, "folder"))
        return FetchedSource(tree_digest(folder), folder)

    def latest(self, request: SourceRequest, context: SourceContext) -> str:
        """Digest of the folder as it is now."""
        return self.fetch(request, context).digest


class ArchiveSource:
    """`kind: archive`: a gzip tar or a zip, relative to the intent. Its digest is that of its bytes."""

    def fetch(self, request: SourceRequest, context: SourceContext) -> FetchedSource:
        """The archive's files in the cache; raises `CompileError` when there is none or it is refused."""
        unverifiable(request)
        archive = context.root / request.path
        if not os.path.isfile(archive):
            raise CompileError(_not_found(request, archive, "file"))
        digest = file_digest(archive)
        return FetchedSource(digest, context.cache.tree(digest) or _unpack(archive, digest, context))

    def latest(self, request: SourceRequest, context: SourceContext) -> str:
        """Digest of the archive as it is now."""
        archive = context.root / request.path
        if not os.path.isfile(archive):
            raise CompileError(_not_found(request, archive, "file"))
        return file_digest(archive)


def unverifiable(request: SourceRequest) -> None:
    """Refuse a request to verify a signature that this kind of source does not carry (`source/cannot-verify`)."""
    verify = request.options.get("verify")
    if verify and verify.get("required"):
        text = f'composition source "{request.name}": kind {request.kind} has no signatures to verify'
        raise CompileError(Diagnostic("source/cannot-verify", text, hint="remove `verify`, or use kind oci"))


def _unpack(archive: Path, digest: str, context: SourceContext) -> Path:
    """Unpack a private copy, so that what is unpacked is what was hashed."""
    import shutil
    import tempfile

    with tempfile.TemporaryDirectory(prefix="orun-archive-") as folder:
        copy = Path(folder, "package")
        shutil.copyfile(archive, copy)
        if file_digest(copy) != digest:
            raise CompileError(Diagnostic("source/digest-mismatch", f"{archive} was changed while it was read"))
        return context.cache.add(digest, copy)


def _not_found(request: SourceRequest, path: Path, what: str) -> Diagnostic:
    if not request.path:
        text = f'composition source "{request.name}" of kind {request.kind} has no path'
        return Diagnostic("source/not-found", text, hint=f"write `path:` and the {what}, from the intent's folder")
    text = f'composition source "{request.name}": no {what} at {request.path}'
    if os.path.exists(path):
        return Diagnostic("source/not-found", text, hint="a folder is `kind: dir`, a file is `kind: archive`")
    kept = os.path.isdir if what == "folder" else os.path.isfile
    beside = path.parent.iterdir() if path.parent.is_dir() else ()
    near = nearest(path.name, (other.name for other in beside if kept(other) and not other.name.startswith(".")))
    hint = (
        f'did you mean "{posixpath.join(posixpath.dirname(request.path.rstrip("/")), near)}"?'
        if near
        else "paths start at the intent's folder"
    )
    return Diagnostic("source/not-found", text, hint=hint)
