"""The composition root, `click.Context.obj` of every command: the workspace at hand, and names to things."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from orun_core.intent_file import find_intent, no_file, no_intent
from orun_core.plugins.invoke import blame
from orun_core.spec.errors import CompileError, Diagnostic, PlanError, PluginError, Severity, UsageError
from orun_core.spec.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from orun_core.builtin.package_cache import PackageStore
    from orun_core.builtin.recall import Memory, Recalled
    from orun_core.changes.affected import Affected
    from orun_core.changes.options import ChangeOptions
    from orun_core.compiler.lockfile import LockedSources
    from orun_core.compiler.sites import Sites
    from orun_core.plugins.acting import Acting
    from orun_core.plugins.discover import Installed
    from orun_core.plugins.registry import Registry
    from orun_core.spec.backend import Backend
    from orun_core.spec.exporter import Exporter
    from orun_core.spec.plan import Plan
    from orun_core.spec.source import CompositionSource, PackedStack
    from orun_core.spec.stages import Compiled, LoadedProject, NormalizedProject, Request, Workspace
    from orun_core.spec.store import StateStore
    from orun_core.spec.surface import RunDisplay
    from orun_core.spec.trigger import TriggerProvider

CORE_PLUGIN: Final = "core"
YAML_SUFFIXES: Final = (".yaml", ".yml")
PLAN_SUFFIXES: Final = (".json", ".yaml", ".yml")


def cache_folder(environ: Mapping[str, str]) -> Path:
    """Where this user's caches are: `ORUN_CACHE_DIR`, `$XDG_CACHE_HOME/orun` or `~/.cache/orun`.

    Never below the working folder unless `ORUN_CACHE_DIR` says so: a checkout must not bring its own cache.
    """
    if named := environ.get("ORUN_CACHE_DIR"):
        return Path(named)
    places = (environ.get("XDG_CACHE_HOME", ""), f"{environ.get('HOME', '')}/.cache")
    return Path(next((place for place in places if place.startswith("/")), "/.cache"), "orun")


class Reporter(Protocol):
    """Where diagnostics go; `orun_core.cli.report` has the one that prints."""

    format: str
    debug: bool
    result: Mapping[str, Any] | None

    def __call__(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Report problems."""


@frozen
class _Making:
    """What one compile works with."""

    acting: Acting
    sources: LockedSources
    workspace: Workspace
    stages: dict[str, Callable[..., Any]]


@dataclass(frozen=True)
class Host:
    """Everything is found on first use, so that a command pays for what it needs.

    `given_intent`: the intent file of `--intent`. `config_dir`: the original's registry folder, `--config-dir`.
    `reporter` prints diagnostics. `temporary`: this workspace is gone soon, and no cache keeps anything about it.
    """

    registry: Registry
    environ: Mapping[str, str]
    reporter: Reporter
    given_intent: Path | None = None
    config_dir: Path | None = None
    temporary: bool = False

    @cached_property
    def intent(self) -> Path | None:
        """The intent file, or None; the file of `--intent` even when it does not exist."""
        return self.given_intent or find_intent(Path.cwd().resolve())

    def needed_intent(self) -> Path:
        """The intent file; raises `UsageError` (`usage/no-intent`) when it is not there."""
        if self.intent is None:
            raise UsageError(no_intent(Path.cwd()))
        if not self.intent.is_file():
            raise UsageError(no_file(self.intent))
        return self.intent

    @cached_property
    def root(self) -> Path:
        """Folder of the intent, or the working folder when there is none."""
        return self.intent.parent if self.intent else Path.cwd()

    @cached_property
    def store(self) -> StateStore:
        """The state store of this workspace: `ORUN_STATE_STORE`, or `local`."""
        store: StateStore = self._create("orun_state_stores", self.environ.get("ORUN_STATE_STORE") or "local", self)
        return store

    @cached_property
    def cache(self) -> PackageStore:
        """The package cache of this user."""
        from orun_core.builtin.package_cache import PackageStore

        return PackageStore(cache_folder(self.environ) / "packages")

    def compile(
        self,
        request: Request,
        changes: ChangeOptions | None = None,
        amend: Callable[[LoadedProject], LoadedProject] | None = None,
        told: Callable[[Affected], None] | None = None,
    ) -> Compiled:
        """Compile the intent; raises `CompileError` or `PolicyError` with all diagnostics.

        `changes`: what to compare when the request or the trigger asks for changed components. `amend`: a change of what was
        loaded, to ask what a plan would be if; what is found then says nothing about the files, and is not remembered.
        `told` hears what changed.
        """
        from orun_core.compiler.pipeline import compile_plan
        from orun_core.plugins.watch import tell

        making = self._making(request)

        def changed(project: NormalizedProject) -> tuple[str, ...]:
            found = self.affected(project, changes)
            if told:
                told(found)
            return tuple(found.selection)

        stages, acting, workspace = making.stages, making.acting, making.workspace
        if amend:
            load, change, real = stages["load"], amend, workspace
            workspace = replace(workspace, memory=None)
            stages["load"] = lambda _, asked: replace(change(load(real, asked)), cleared=frozenset())
        compiled = compile_plan(workspace, request, stages, acting.policies(), changed, self._finished, acting.plugins)
        making.sources.settled(compiled.resolution.project.loaded.packages)
        if request.strict and making.sources.warnings:
            raise CompileError(replace(warning, severity=Severity.ERROR) for warning in making.sources.warnings)
        self.report(making.sources.warnings)
        self.report(tell(self.registry, "orun_plan_compiled", compiled=compiled))
        return compiled

    def project(self, request: Request) -> tuple[NormalizedProject, Sites]:
        """What the first two stages make of the intent, and the lines of what they read; raises as `compile` does."""
        from orun_core.compiler.pipeline import read_project

        making = self._making(request)
        return read_project(making.workspace, request, making.stages, self._finished)

    def affected(self, project: NormalizedProject, changes: ChangeOptions | None = None) -> Affected:
        """What a change touches: as `changes` say, else the range of the planned event, else of the CI run at hand."""
        from orun_core.changes.affected import detect_changes
        from orun_core.changes.ci import change_range
        from orun_core.changes.options import ChangeOptions
        from orun_core.compiler.decode import decode
        from orun_core.spec.documents import Intent

        def parse(data: bytes) -> Intent:
            return decode(data, project.loaded.intent.origin.file, Intent)[0]

        options = changes or ChangeOptions()
        said = None if options.explicit else change_range(project, self.registry, self.environ)
        return detect_changes(project, options, self.root, parse, said)

    def plan(self, reference: str) -> Plan:
        """A plan by path, name, checksum prefix or `latest`, its seal verified; raises `PlanError` or `UsageError`."""
        from orun_core.plan.reader import plan_of, read_plan

        path = Path(reference)
        if path.suffix in YAML_SUFFIXES and path.is_file():
            from orun_core.compiler.yaml_source import parse

            try:
                return plan_of(parse(path.read_bytes(), str(path)), str(path))
            except CompileError as error:
                raise PlanError(replace(d, code="plan/unreadable") for d in error.diagnostics) from error
        if path.is_file() or "/" in reference or path.suffix in PLAN_SUFFIXES:
            return read_plan(path)
        return self.store.plan(reference)

    def run(self, plan: Plan, *, backend: str = "", jobs: tuple[str, ...] = (), exec_id: str = "") -> str:
        """Start a detached run of a plan with the `orun run` of this installation; returns its execution id.

        A plan that the store does not have is stored. Raises `RunError` (`run/not-started`) with what the command said.
        """
        from orun_core.builtin.detached import start

        return start(self, plan, backend=backend, jobs=jobs, exec_id=exec_id)

    def preview(self, plan: Plan, *, backend: str = "", jobs: tuple[str, ...] = ()) -> str:
        """What `orun run --dry-run` says of a plan; raises `RunError` (`run/not-started`) with what the command said."""
        from orun_core.builtin.detached import preview

        return preview(self, plan, backend=backend, jobs=jobs)

    def stop(self, exec_id: str, *, force: bool = False) -> None:
        """Ask a live run to stop: post steps still run unless `force`, and the record is sealed as cancelled.

        Returns at once; the store tells when it ended. Raises `RunError` (`run/elsewhere`) when another machine runs it.
        """
        from orun_core.builtin.detached import stop

        stop(self, exec_id, force=force)

    def save(self, compiled: Compiled, name: str = "") -> str:
        """Store a compiled plan and its provenance, name it, make it `latest`, and remember it; returns its text."""
        from orun_core.plan.canonical import canonical_text, to_json
        from orun_core.plan.schema import check_plan

        check_plan(compiled.document)
        plan, provenance = to_json(compiled.document), canonical_text(compiled.provenance) + "\n"
        self.store.save_plan(plan, compiled.plan.metadata.checksum, provenance, name)
        if self._memory:
            self._memory.remember(compiled, plan, provenance)
        return plan

    def recall(self, request: Request, name: str = "") -> Recalled | None:
        """The stored plan that this request compiles to when nothing changed since it was saved, named and `latest` as if saved again."""
        return self._memory.recall(request, name) if self._memory else None

    def backend(self, name: str, options: object = None) -> Backend:
        """A backend by name or alias; raises `PluginError` with the nearest names."""
        from orun_core.plugins.guard import guarded

        plugin, entry = self.registry.find("orun_backends", name)
        with blame(plugin, f"'{entry.name}' of orun_backends"):
            made = entry.create(self, options)
        return guarded(made, plugin, entry.name, self.report)

    @property
    def locked_actions(self) -> Mapping[str, str]:
        """Commit by reference of an action, as the lock of this workspace has them; raises `CompileError`."""
        from orun_core.compiler.lockfile import read_actions

        return read_actions(self.root)

    def lock_actions(self, commits: Mapping[str, str]) -> Path:
        """Lock these commits of actions, and no others; returns the path of the lock. Raises `CompileError`."""
        from orun_core.compiler.lockfile import write_actions

        return write_actions(self.root, commits)

    def source(self, kind: str) -> CompositionSource:
        """A composition source by kind; raises `PluginError`."""
        source: CompositionSource = self._create("orun_composition_sources", kind)
        return source

    def trigger_provider(self, name: str) -> TriggerProvider:
        """A trigger provider by name; raises `PluginError`."""
        provider: TriggerProvider = self._create("orun_trigger_providers", name)
        return provider

    def pack(self, folder: Path) -> PackedStack:
        """Validate a stack and pack it reproducibly; raises `CompileError` with everything that is wrong with it."""
        from orun_core.builtin.packing import pack_stack

        return pack_stack(folder)

    def display(self) -> RunDisplay | None:
        """What plugins offer to draw `orun run` with, on a terminal and on a pipe, the first by name; None when nobody does."""
        for offer in self.registry.offers("orun_surfaces"):
            if offer.display:
                plugin, entry = self.registry.find("orun_surfaces", offer.name)
                with blame(plugin, f"display '{offer.name}'"):
                    display = entry.display(self)
                return self.steady(display, plugin)
        return None

    def steady(self, display: RunDisplay, plugin: Installed | None = None) -> RunDisplay:
        """A display of a plugin, core's own without one, that cannot end a run when it fails."""
        from orun_core.plugins.guard import steady

        core = next(installed for installed in self.registry.plugins if installed.name == CORE_PLUGIN)
        return steady(display, plugin or core, self.report)

    def report(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Print warnings and notes on stderr."""
        self.reporter(diagnostics)

    def exporter(self, name: str) -> Exporter:
        """An exporter by name; raises `PluginError`."""
        exporter: Exporter = self._create("orun_exporters", name)
        return exporter

    def _create(self, hook: str, name: str, *arguments: object) -> Any:
        plugin, entry = self.registry.find(hook, name)
        with blame(plugin, f"'{entry.name}' of {hook}"):
            return entry.create(*arguments)

    @cached_property
    def _memory(self) -> Memory | None:
        if self.intent is None or self.config_dir:
            return None
        from orun_core.builtin.recall import Memory

        return Memory(self._folder(self.intent), self.intent, self.registry, self.store, self.cache)

    def _folder(self, intent: Path) -> Path:
        """What compiles of an intent leave for later ones."""
        return cache_folder(self.environ) / "intents" / sha256(os.fsencode(intent)).hexdigest()[:16]

    def _making(self, request: Request) -> _Making:
        from orun_core.compiler.lockfile import LockedSources, read_lock
        from orun_core.plugins.acting import Acting
        from orun_core.spec.source import SourceContext
        from orun_core.spec.stages import Workspace

        intent = self.needed_intent()
        acting = Acting(self.registry)
        if request.event:
            acting.triggered(request.event.provider)
        elif request.recorded and request.recorded.trigger.mode == "event-file":
            acting.triggered(request.recorded.trigger.provider)
        context = SourceContext(self.root, self.cache, request.offline, request.frozen)
        sources = LockedSources(read_lock(self.root), context, acting.fetch, required=request.lock_required)
        workspace = Workspace(
            root=self.root,
            intent=intent,
            fetch=sources.fetch,
            config_dir=self.config_dir,
            memory=None if self.temporary else self._folder(intent),
        )
        return _Making(acting, sources, workspace, self._stages(acting, intent))

    def _finished(self, stage: str, result: object) -> None:
        from orun_core.plugins.watch import tell

        self.report(tell(self.registry, "orun_stage_finished", stage=stage, result=result))

    def _stages(self, acting: Acting, intent: Path) -> dict[str, Callable[..., Any]]:
        """Every stage by name: core's own unless the intent's `compiler:` block names another plugin."""
        from orun_core.compiler.chosen import chosen_stages
        from orun_core.plugins.acting import RESULTS

        chosen = chosen_stages(intent)
        stages: dict[str, Callable[..., Any]] = {}
        for stage in RESULTS:
            plugin, where = chosen.get(stage, (CORE_PLUGIN, None))
            try:
                stages[stage] = acting.stage(stage, plugin)
            except PluginError as error:
                raise PluginError(replace(problem, where=where) for problem in error.diagnostics) from error
        return stages
