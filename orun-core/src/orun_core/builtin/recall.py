"""The last compile of an intent, remembered: while everything it was made from is the same, its stored plan is the answer.

A plan is a function of the intent, the component files, the packages, the request and the code that compiles. `recall` looks
at all of them again: it finds and hashes the files, fetches the packages under the lock and compares their digests, compares
request, plugins and code. One difference, and there is nothing to recall. Only compiles that depend on nothing else are
remembered: no warnings to repeat, no change detection, no observers, every stage and policy core's own.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from orun_core.compiler.discovery import find_components
from orun_core.compiler.lockfile import Lock, LockedSources, lock_of, same_packages
from orun_core.compiler.memory import keep
from orun_core.plan.canonical import digest
from orun_core.plan.outline import Outline, outline
from orun_core.plugins.acting import Acting
from orun_core.plugins.code import code_stamp
from orun_core.plugins.discover import CORE
from orun_core.spec.errors import CompileError, OrunError
from orun_core.spec.frozen import frozen
from orun_core.spec.json_text import loads
from orun_core.spec.source import SourceContext, SourceRequest
from orun_core.spec.stages import Origin
from orun_core.spec.tree import ShapeError, build, document
from orun_core.state.layout import LOCK_FILE

if TYPE_CHECKING:
    from pathlib import Path

    from orun_core.plugins.registry import Registry
    from orun_core.spec.plan import InputFile, Plan
    from orun_core.spec.source import PackageCache
    from orun_core.spec.stages import Compiled, Request
    from orun_core.spec.store import StateStore

OBSERVED: Final = ("orun_stage_finished", "orun_plan_compiled")
FREE_ROLES: Final = frozenset(("source", "trigger"))
"""What any plugin may have done for a plan that is remembered: a source is asked again, an event is part of the request."""


@frozen
class Fetched:
    """A composition package, as it was asked for and as it came."""

    request: SourceRequest
    digest: str
    version: str


@frozen
class Remembered:
    """One compile. `basis`: digest of request, plugins and code. `plan` and `provenance`: digests of the stored texts."""

    basis: str
    roots: tuple[str, ...]
    packages: tuple[Fetched, ...]
    lock: Lock
    plan: str
    provenance: str
    outline: Outline


@frozen
class Recalled:
    """A plan that need not be compiled again: the text of its file, and what is said about it."""

    text: str
    outline: Outline


@dataclass(frozen=True)
class Memory:
    """What is remembered of one intent, in `folder`; its plans are in `store`."""

    folder: Path
    intent: Path
    registry: Registry
    store: StateStore
    cache: PackageCache

    @property
    def file(self) -> Path:
        """Where it is remembered."""
        return self.folder / "compile.json"

    def remember(self, compiled: Compiled, plan: str, provenance: str) -> None:
        """Keep what a plan was compiled from, when nothing else decided it."""
        project = compiled.resolution.project
        loaded = project.loaded
        decided_elsewhere = loaded.request.recorded or project.changed is not None or not _by_core(compiled.plan)
        if decided_elsewhere or compiled.warnings or not compiled.plan.jobs or self._observed():
            return
        kept = Remembered(
            basis=self._basis(loaded.request),
            roots=loaded.intent.value.discovery.roots,
            packages=tuple(Fetched(p.request, p.digest, p.version) for p in loaded.packages),
            lock=lock_of(loaded.packages),
            plan=_sha256(plan.encode()),
            provenance=_sha256(provenance.encode()),
            outline=outline(compiled.plan),
        )
        keep(self.file, json.dumps(document(kept)).encode())

    def recall(self, request: Request, name: str = "") -> Recalled | None:
        """The stored plan that this request compiles to, named and `latest` from now on; None when it must be compiled."""
        kept = _read(self.file)
        if kept is None or self._observed() or kept.basis != self._basis(request):
            return None
        if not (self._same_files(kept) and self._same_packages(kept, request)):
            return None
        checksum = kept.outline.metadata.checksum
        text, provenance = self.store.plan_text(checksum), self.store.provenance(checksum)
        if (_sha256(text.encode()), _sha256(provenance.encode())) != (kept.plan, kept.provenance):
            return None
        self.store.save_plan(text, checksum, provenance, name)
        return Recalled(text, kept.outline)

    def _observed(self) -> bool:
        return any(hook in hooks for hooks in self.registry.index.hooks.values() for hook in OBSERVED)

    def _basis(self, request: Request) -> str:
        plugins = [[plugin.name, str(plugin), plugin.stamp] for plugin in self.registry.plugins]
        return digest({"request": document(request), "plugins": plugins, "code": code_stamp()})

    def _same_files(self, kept: Remembered) -> bool:
        """The intent and the component files are the same, and there are neither more nor fewer."""
        root, intent = self.intent.parent, self.intent.name
        inputs = kept.outline.metadata.compiler.inputs
        if not all(_unchanged(root, file) for file in inputs if file.path == intent):
            return False
        try:
            found = find_components(root, kept.roots, Origin(intent))
        except CompileError:
            return False
        same_names = sorted([intent, *found]) == [file.path for file in inputs]
        return same_names and all(_unchanged(root, file) for file in inputs)

    def _same_packages(self, kept: Remembered, request: Request) -> bool:
        """Every source, fetched as a compile fetches it, is the same package, and the lock would stay as it is."""
        lock = self.intent.parent / LOCK_FILE
        if not (lock.is_file() and same_packages(lock.read_bytes(), kept.lock)):
            return False
        context = SourceContext(self.intent.parent, self.cache, request.offline, request.frozen)
        sources = LockedSources(kept.lock, context, Acting(self.registry).fetch, required=request.lock_required)
        try:
            fetched = [sources.fetch(package.request) for package in kept.packages]
        except OrunError:
            return False
        return [(f.digest, f.version) for f in fetched] == [(p.digest, p.version) for p in kept.packages]


def _read(file: Path) -> Remembered | None:
    """What is remembered; a missing, foreign or damaged file remembers nothing."""
    try:
        return build(Remembered, loads(file.read_bytes()), closed=True)
    except (OSError, ValueError, ShapeError):
        return None


def _by_core(plan: Plan) -> bool:
    plugins = plan.metadata.compiler.plugins
    roles = {role.partition(":")[0] for plugin in plugins if plugin.distribution != CORE for role in plugin.roles}
    return roles <= FREE_ROLES


def _unchanged(root: Path, file: InputFile) -> bool:
    try:
        with open(f"{root}/{file.path}", "rb") as stream:  # noqa: PTH123 - a Path per file costs as much as its hash
            return file.digest == f"sha256:{_sha256(stream.read())}"
    except OSError:
        return False


def _sha256(content: bytes) -> str:
    return sha256(content).hexdigest()
