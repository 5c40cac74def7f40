"""What a plugin's command sees of orun: `click.Context.obj`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from orun_core.spec.backend import Backend
    from orun_core.spec.errors import Diagnostic
    from orun_core.spec.plan import Plan
    from orun_core.spec.source import CompositionSource, PackageCache, PackedStack
    from orun_core.spec.stages import Compiled, Request
    from orun_core.spec.store import StateStore
    from orun_core.spec.trigger import TriggerProvider


class Host(Protocol):
    """The composition root: it knows the workspace and finds backends, sources and other things by name."""

    @property
    def root(self) -> Path:
        """Folder of the intent (found upward from the working folder), or the working folder when there is none."""

    @property
    def intent(self) -> Path | None:
        """The intent file, or None."""

    @property
    def environ(self) -> Mapping[str, str]:
        """Environment of the process, read once."""

    @property
    def store(self) -> StateStore:
        """The state store of this workspace."""

    @property
    def cache(self) -> PackageCache:
        """The package cache of this user."""

    def compile(self, request: Request) -> Compiled:
        """Compile the intent; raises `CompileError` or `PolicyError` with all diagnostics."""

    def plan(self, reference: str) -> Plan:
        """A plan by path, name, checksum prefix or `latest`, its seal verified; raises `PlanError` or `UsageError`."""

    def run(self, plan: Plan, *, backend: str = "", jobs: tuple[str, ...] = (), exec_id: str = "") -> str:
        """Start a detached run of a plan with the `orun run` of this installation; returns its execution id.

        `jobs`: ids to run, all without any. `exec_id`: an execution to begin or continue. Raises `RunError` (`run/not-started`) with
        what the command said.
        """

    def preview(self, plan: Plan, *, backend: str = "", jobs: tuple[str, ...] = ()) -> str:
        """What `orun run --dry-run` says of a plan; raises `RunError` (`run/not-started`) with what the command said."""

    def stop(self, exec_id: str, *, force: bool = False) -> None:
        """Ask a live run to stop: post steps still run unless `force`, and the record is sealed as cancelled.

        Returns at once; the store tells when it ended. Raises `RunError` (`run/elsewhere`) when another machine runs it.
        """

    def save(self, compiled: Compiled, name: str = "") -> str:
        """Store a compiled plan and its provenance, name it, and make it `latest`; returns the text of its file."""

    def backend(self, name: str) -> Backend:
        """A backend by name or alias; raises `PluginError` with the nearest names."""

    @property
    def locked_actions(self) -> Mapping[str, str]:
        """Commit by reference of an action (`actions/checkout@v4`), as the lock of this workspace has them; raises `CompileError`."""

    def lock_actions(self, commits: Mapping[str, str]) -> Path:
        """Lock these commits of actions, and no others; returns the path of the lock. Raises `CompileError` when it cannot be read."""

    def source(self, kind: str) -> CompositionSource:
        """A composition source by kind; raises `PluginError`."""

    def trigger_provider(self, name: str) -> TriggerProvider:
        """A trigger provider by name; raises `PluginError`."""

    def pack(self, folder: Path) -> PackedStack:
        """Validate a stack and pack it reproducibly; raises `CompileError` with everything that is wrong with it."""

    def report(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Print warnings and notes on stderr."""
