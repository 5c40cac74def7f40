"""How a composition package is fetched: a source plugin turns a reference into a folder with a verified digest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from orun_core.spec.frozen import frozen


@frozen
class SourceRequest:
    """A `compositions.sources` entry of the intent.

    `digest`: pin written in the intent (`sha256:…`), or empty. `locked` and `locked_version`: digest and version of the lock
    file, or empty. `options`: whatever else the entry holds (`pullPolicy`, `verify`, plugin's own keys), as written.
    """

    name: str
    kind: str
    path: str = ""
    ref: str = ""
    digest: str = ""
    locked: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    locked_version: str = ""


@frozen
class SourceContext:
    """Where and under which rules a source is fetched.

    `root`: the intent's folder, relative paths start there. `cache`: content-addressed cache of core: `cache.tree(digest)`.
    `offline`: the network must not be touched. `frozen`: only `locked` or `digest` may be used.
    """

    root: Path
    cache: PackageCache
    offline: bool = False
    frozen: bool = False


class PackageCache(Protocol):
    """Core's content-addressed cache of package trees, safe under concurrent use and verified on read."""

    def tree(self, digest: str) -> Path | None:
        """Folder of a cached package, or None; raises `CompileError` when the cached bytes changed."""

    def add(self, digest: str, archive: Path) -> Path:
        """Unpack a gzip tar or a zip whose bytes the caller verified, as the package `digest`; returns its folder.

        Raises `CompileError` for a hostile archive; nothing of it stays.
        """

    def adopt(self, digest: str, folder: Path) -> Path:
        """Copy a folder that the caller verified, as the package `digest`; returns the copy."""

    def note(self, digest: str, name: str, data: bytes) -> None:
        """Keep something about a cached package beside it, such as its signature."""

    def noted(self, digest: str, name: str) -> bytes | None:
        """What `note` kept, or None. It is not verified."""


@frozen
class FetchedSource:
    """A package on this disk.

    `digest`: `sha256:…`, by the kind's own rule, verified. `root`: folder of `stack.yaml`. `version`: the resolved version, if
    the kind has versions.
    """

    digest: str
    root: Path
    version: str = ""


@frozen
class PackedStack:
    """A stack whose documents are all valid, packed reproducibly into gzip tars.

    `registry`: `host/namespace/repository` as `stack.yaml` has it, or empty. `files`: what is packed. `archive`: all of it, what
    `kind: archive` reads. `compositions` and `examples`: the two layers that are published; `examples` may be empty.
    """

    name: str
    version: str
    description: str
    registry: str
    files: tuple[str, ...]
    archive: bytes
    compositions: bytes
    examples: bytes


class CompositionSource(Protocol):
    """A kind of package source."""

    def fetch(self, request: SourceRequest, context: SourceContext) -> FetchedSource:
        """Resolve once, fetch by digest, verify, return. Raises `CompileError`; a plugin's codes begin with a word of its own."""

    def latest(self, request: SourceRequest, context: SourceContext) -> str:
        """Digest that the reference means now, for `orun compositions outdated`."""


@runtime_checkable
class RecordShelf(Protocol):
    """A source whose registry also keeps deployment records: `orun archive PLAN KIND://REFERENCE`."""

    def keep(self, reference: str, files: Mapping[str, bytes]) -> str:
        """Store the files under a tag; returns the digest of what was stored. Raises `CompileError` (`source/…`)."""

    def recall(self, reference: str) -> Mapping[str, bytes]:
        """The files, every byte verified. Raises `CompileError` (`source/…`)."""
