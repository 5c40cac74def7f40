"""The lock of an intent's packages, `.orun/compositions.lock.yaml`: what was resolved once and is used from then on."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from orun_core.spec.errors import CompileError, Diagnostic, Location
from orun_core.state.durable import make_folder, write_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from orun_core.spec.source import FetchedSource, SourceContext, SourceRequest
    from orun_core.spec.stages import Package

LOCK_FILE: Final = ".orun/compositions.lock.yaml"
API_VERSION: Final = "sourceplane.io/v1alpha1"
RELOCK: Final = f"run `orun compositions lock` and commit {LOCK_FILE}"
_PLAIN = re.compile(r"[A-Za-z./][A-Za-z0-9_./:@+^~#-]*(?<!:)")
_WORDS: Final = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


@dataclass(frozen=True, slots=True)
class LockedSource:
    """A composition source as it was resolved. `version`: the release that a range of versions was resolved to."""

    name: str
    kind: str
    digest: str
    ref: str = ""
    path: str = ""
    version: str = ""
    exports: tuple[str, ...] = ()

    def answers(self, request: SourceRequest) -> bool:
        """True when the intent still asks for what was resolved here."""
        asked = (request.name, request.kind, request.ref, request.path)
        return asked == (self.name, self.kind, self.ref, self.path) and request.digest in ("", self.digest)


@dataclass(frozen=True, slots=True)
class Lock:
    """All composition sources of an intent, in its order."""

    sources: tuple[LockedSource, ...] = ()

    def find(self, request: SourceRequest) -> LockedSource | None:
        """The entry that answers a request, or None."""
        return next((source for source in self.sources if source.answers(request)), None)


class LockedSources:
    """Fetches the sources of one intent under its lock; `fetch` is what the compiler's `Workspace` holds.

    `lock`: the lock file, None when there is none. `plugin` fetches one source by its kind. `required`: a missing lock is an
    error when the context is frozen; otherwise a source that cannot float (a path, a pinned digest) needs none.
    """

    def __init__(
        self,
        lock: Lock | None,
        context: SourceContext,
        plugin: Callable[[SourceRequest, SourceContext], FetchedSource],
        *,
        required: bool = True,
    ) -> None:
        self.lock = lock
        self._required = required
        self.context = context
        self._plugin = plugin

    def fetch(self, request: SourceRequest) -> FetchedSource:
        """Fetch one source: by its locked digest when there is one.

        Raises `CompileError`: `lock/missing` and `lock/stale` when the context is frozen, `source/digest-mismatch` when the
        package is not the one pinned in the intent.
        """
        locked = self.lock.find(request) if self.lock else None
        needless = self.lock is None and not self._required and (not request.ref or request.digest)
        if locked is None and self.context.frozen and not needless:
            raise CompileError(self._unlocked(request))
        if locked:
            request = replace(request, locked=locked.digest, locked_version=locked.version)
        fetched = self._plugin(request, self.context)
        if request.digest and fetched.digest != request.digest:
            raise CompileError(_mismatch(request, request.digest, fetched.digest))
        if locked and locked.digest != fetched.digest and (self.context.frozen or request.ref):
            raise CompileError(_moved(request, locked.digest, fetched.digest))
        return replace(fetched, version=fetched.version or request.locked_version)

    def settled(self, packages: Iterable[Package]) -> Lock:
        """The lock that these packages make; raises `CompileError` (`lock/stale`) when that is a change and the context is frozen."""
        after = lock_of(packages)
        if self.context.frozen and self.lock is not None and after != self.lock:
            names = {source.name for source in self.lock.sources} - {source.name for source in after.sources}
            what = f"it still has {', '.join(sorted(names))}" if names else "its order or its exports differ"
            raise CompileError(Diagnostic("lock/stale", f"the lock does not fit the intent: {what}", hint=RELOCK))
        return after

    def _unlocked(self, request: SourceRequest) -> Diagnostic:
        where = request.ref or request.path
        if self.lock is None:
            text = f'composition source "{request.name}" ({where}) is not locked: there is no {LOCK_FILE}'
            return Diagnostic("lock/missing", text, hint=f"{RELOCK}, or say --no-frozen")
        text = f'the lock has no entry for composition source "{request.name}" as it is written now ({where})'
        return Diagnostic("lock/stale", text, hint=RELOCK)


def lock_of(packages: Iterable[Package]) -> Lock:
    """The lock that describes these packages."""
    return Lock(
        tuple(
            LockedSource(
                name=package.request.name,
                kind=package.request.kind,
                digest=package.digest,
                ref=package.request.ref,
                path=package.request.path,
                version=package.version,
                exports=tuple(sorted(package.compositions)),
            )
            for package in packages
        )
    )


def read_lock(root: Path) -> Lock | None:
    """The lock of an intent's folder, or None when there is none; raises `CompileError` (`lock/unreadable`)."""
    path = root / LOCK_FILE
    if not path.is_file():
        return None
    from orun_core.compiler.yaml_source import parse

    tree = parse(path.read_bytes(), LOCK_FILE)
    try:
        if tree["kind"] != "CompositionLock":
            raise CompileError(_unreadable(f"its kind is {tree['kind']!r}"))
        return Lock(tuple(_source(entry) for entry in tree.get("sources") or ()))
    except (KeyError, TypeError, AttributeError) as error:
        raise CompileError(_unreadable(f"{error} is missing or of the wrong type")) from error


def write_lock(root: Path, lock: Lock) -> Path:
    """Write the lock of an intent's folder, all at once; returns its path."""
    path = root / LOCK_FILE
    make_folder(path.parent)
    write_whole(path, to_text(lock).encode())
    return path


def to_text(lock: Lock) -> str:
    """The file's text. Keys without a value are left out."""
    lines = [f"apiVersion: {API_VERSION}", "kind: CompositionLock", "sources:" if lock.sources else "sources: []"]
    for source in lock.sources:
        keys = {
            "name": source.name,
            "kind": source.kind,
            "ref": source.ref,
            "path": source.path,
            "resolvedDigest": source.digest,
            "version": source.version,
        }
        written = [f"{key}: {_scalar(value)}" for key, value in keys.items() if value]
        lines += [f"    - {written[0]}", *(f"      {line}" for line in written[1:])]
        if source.exports:
            lines += ["      exports:", *(f"        - {_scalar(export)}" for export in source.exports)]
    return "\n".join(lines) + "\n"


def _scalar(text: str) -> str:
    plain = _PLAIN.fullmatch(text) and text.lower() not in _WORDS and text.lower() != ".nan"
    return text if plain else json.dumps(text, ensure_ascii=False)


def _source(entry: Any) -> LockedSource:
    texts = {key: str(entry.get(key) or "") for key in ("ref", "path", "version")}
    exports = tuple(str(export) for export in entry.get("exports") or ())
    return LockedSource(str(entry["name"]), str(entry["kind"]), str(entry["resolvedDigest"]), exports=exports, **texts)


def _unreadable(what: str) -> Diagnostic:
    return Diagnostic("lock/unreadable", f"the lock cannot be read: {what}", Location(LOCK_FILE), RELOCK)


def _mismatch(request: SourceRequest, wanted: str, found: str) -> Diagnostic:
    text = f'composition source "{request.name}": the intent pins {wanted}, the package is {found}'
    return Diagnostic(
        "source/digest-mismatch", text, hint="if the change is wanted, write the new digest in the intent"
    )


def _moved(request: SourceRequest, locked: str, found: str) -> Diagnostic:
    text = f'composition source "{request.name}": the lock has {locked}, the package is {found}'
    return Diagnostic("lock/stale", text, hint=f"if the change is wanted, {RELOCK}")
