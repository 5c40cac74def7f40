"""The lock of an intent, `.orun/compositions.lock.yaml`: what was resolved once and is used from then on.

It has the packages of the intent, and the commits of the actions that jobs use. Either part may be missing, and each is written without
touching the other.
"""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from orun_core.spec.errors import CompileError, Diagnostic, Location
from orun_core.spec.frozen import frozen
from orun_core.state.durable import make_folder, write_whole
from orun_core.state.layout import LOCK_FILE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from orun_core.spec.source import FetchedSource, SourceContext, SourceRequest
    from orun_core.spec.stages import Package

API_VERSION: Final = "sourceplane.io/v1alpha1"
RELOCK: Final = f"run `orun compositions lock` and commit {LOCK_FILE}"
COMMIT: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_ACTIONS: Final = "\nactions:\n"
_PLAIN = re.compile(r"[A-Za-z./][A-Za-z0-9_./:@+^~#-]*(?<!:)")
_WORDS: Final = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})


@frozen
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


@frozen
class Lock:
    """All composition sources of an intent, in its order."""

    sources: tuple[LockedSource, ...] = ()

    def find(self, request: SourceRequest) -> LockedSource | None:
        """The entry that answers a request, or None."""
        return next((source for source in self.sources if source.answers(request)), None)


class LockedSources:
    """Fetches the sources of one intent under its lock; `fetch` is what the compiler's `Workspace` holds.

    `lock`: the lock file, None when there is none. `plugin` fetches one source by its kind. `required`: when the context is
    frozen, a folder without a lock or other than its lock is an error, too; otherwise it is one of the `warnings`, as the
    checkout that it is in pins it.
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
        self.warnings: list[Diagnostic] = []

    def fetch(self, request: SourceRequest) -> FetchedSource:
        """Fetch one source: by its locked digest when there is one.

        Raises `CompileError`: `lock/missing` and `lock/stale` when the context is frozen, `source/digest-mismatch` when the
        package is not the one pinned in the intent.
        """
        locked = self.lock.find(request) if self.lock else None
        needless = self.lock is None and not self._required and (not request.ref or request.digest)
        if locked is None and self.context.frozen and not needless:
            self._object(self._unlocked(request), tolerable=not request.ref)
        if locked:
            request = replace(request, locked=locked.digest, locked_version=locked.version)
        fetched = self._plugin(request, self.context)
        if request.digest and fetched.digest != request.digest:
            raise CompileError(_mismatch(request, request.digest, fetched.digest))
        if locked and locked.digest != fetched.digest and (self.context.frozen or request.ref):
            self._object(_moved(request, locked.digest, fetched.digest), tolerable=not request.ref)
        return replace(fetched, version=fetched.version or request.locked_version)

    def settled(self, packages: Iterable[Package]) -> Lock:
        """The lock that these packages make; raises `CompileError` (`lock/stale`) when that is a change and the context is frozen."""
        after = lock_of(packages)
        if self.context.frozen and self.lock is not None and self._binding(after) != self._binding(self.lock):
            names = {source.name for source in self.lock.sources} - {source.name for source in after.sources}
            what = f"it still has {', '.join(sorted(names))}" if names else "its order or its exports differ"
            raise CompileError(Diagnostic("lock/stale", f"the lock does not fit the intent: {what}", hint=RELOCK))
        return after

    def _object(self, diagnostic: Diagnostic, *, tolerable: bool) -> None:
        if self._required or not tolerable:
            raise CompileError(diagnostic)
        self.warnings.append(replace(diagnostic.warning(), where=Location(LOCK_FILE) if self.lock else None))

    def _binding(self, lock: Lock) -> tuple[LockedSource, ...]:
        """The entries that may not differ: all, or those of packages from elsewhere."""
        return tuple(source for source in lock.sources if self._required or source.ref)

    def _unlocked(self, request: SourceRequest) -> Diagnostic:
        where = request.ref or request.path
        if self.lock is None:
            text = f'composition source "{request.name}" ({where}) is not locked in {LOCK_FILE}'
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
    """The locked packages of an intent's folder, or None when there are none; raises `CompileError` (`lock/unreadable`)."""
    tree = _tree(root)
    if "sources" not in tree:
        return None
    with _readable():
        return Lock(tuple(_source(entry) for entry in tree["sources"] or ()))


def write_lock(root: Path, lock: Lock) -> Path:
    """Lock these packages in an intent's folder; returns the path of the file."""
    return _write(root, to_text(lock, read_actions(root)))


def read_actions(root: Path) -> dict[str, str]:
    """Commit by reference of an action, as an intent's folder has them locked; raises `CompileError` (`lock/unreadable`)."""
    with _readable():
        found = {str(action): str(entry["commit"]) for action, entry in (_tree(root).get("actions") or {}).items()}
    for action, commit in found.items():
        if not COMMIT.fullmatch(commit):
            raise CompileError(_unreadable(f"the commit of {action} is {commit!r}, not 40 hexadecimal digits"))
    return found


def write_actions(root: Path, commits: Mapping[str, str]) -> Path:
    """Lock these commits of actions in an intent's folder, and no others; returns the path of the file."""
    return _write(root, to_text(read_lock(root), commits))


def same_packages(content: bytes, lock: Lock) -> bool:
    """True when a lock's content has exactly these packages, whatever actions it has."""
    packages, mark, _ = content.partition(_ACTIONS.encode())
    return packages + (b"\n" if mark else b"") == to_text(lock).encode()


def to_text(lock: Lock | None, actions: Mapping[str, str] = MappingProxyType({})) -> str:
    """The file's text. Keys without a value are left out, and so is a part of which there is nothing."""
    lines = [f"apiVersion: {API_VERSION}", "kind: CompositionLock", *(_source_lines(lock) if lock else ())]
    pins = [f"    {_scalar(action)}:\n      commit: {_scalar(actions[action])}" for action in sorted(actions)]
    return "\n".join(lines) + (_ACTIONS + "\n".join(pins) if pins else "") + "\n"


def _source_lines(lock: Lock) -> list[str]:
    lines = ["sources:" if lock.sources else "sources: []"]
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
    return lines


def _write(root: Path, text: str) -> Path:
    path = root / LOCK_FILE
    make_folder(path.parent)
    write_whole(path, text.encode())
    return path


def _tree(root: Path) -> Mapping[str, Any]:
    """What the file holds, nothing when there is none."""
    path = root / LOCK_FILE
    if not path.is_file():
        return {}
    from orun_core.compiler.yaml_source import parse

    with _readable():
        tree: Mapping[str, Any] | None = parse(path.read_bytes(), LOCK_FILE)
        if tree is None:
            raise CompileError(_unreadable("it is empty"))
        if tree["kind"] != "CompositionLock":
            raise CompileError(_unreadable(f"its kind is {tree['kind']!r}"))
    return tree


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except (KeyError, TypeError, AttributeError) as error:
        raise CompileError(_unreadable(f"{error} is missing or of the wrong type")) from error


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
