"""How a composition package is fetched: a source plugin turns a reference into a folder with a verified digest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class SourceRequest:
    """A `compositions.sources` entry of the intent.

    `digest`: pin written in the intent (`sha256:…`), or empty. `locked`: digest of the lock file, or empty. `options`: whatever
    else the entry holds (`pullPolicy`, `verify`, plugin's own keys), as written.
    """

    name: str
    kind: str
    path: str = ""
    ref: str = ""
    digest: str = ""
    locked: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
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
        """Unpack a gzip tar whose bytes the caller verified, as the package `digest`; returns its folder. Raises `CompileError` for a hostile archive."""

    def adopt(self, digest: str, folder: Path) -> Path:
        """Copy a folder that the caller verified, as the package `digest`; returns the copy."""


@dataclass(frozen=True, slots=True)
class FetchedSource:
    """A package on this disk.

    `digest`: `sha256:…`, by the kind's own rule, verified. `root`: folder of `stack.yaml`. `version`: the resolved version, if
    the kind has versions.
    """

    digest: str
    root: Path
    version: str = ""


class CompositionSource(Protocol):
    """A kind of package source."""

    def fetch(self, request: SourceRequest, context: SourceContext) -> FetchedSource:
        """Resolve once, fetch by digest, verify, return. Raises `CompileError` with a diagnostic whose code starts `source/`."""

    def latest(self, request: SourceRequest, context: SourceContext) -> str:
        """Digest that the reference means now, for `orun compositions outdated`."""
