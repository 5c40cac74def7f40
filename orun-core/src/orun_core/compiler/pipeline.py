"""The compiler: six calls in order, then policies, then the seal. Read this first.

Each call is the implementation that the host chose by plugin name. After `load`, stages get frozen values only.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from orun_core.compiler.clearance import keep_cleared
from orun_core.compiler.enforce import enforce
from orun_core.compiler.provenance import provenance
from orun_core.compiler.sites import Sites
from orun_core.plan.seal import sealed
from orun_core.spec.errors import CompileError, OrunError, Severity
from orun_core.spec.stages import Compiled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from orun_core.spec.entries import PolicyEntry
    from orun_core.spec.plan import Plan, PluginRef
    from orun_core.spec.stages import NormalizedProject, Request, Workspace


def compile_plan(
    workspace: Workspace,
    request: Request,
    stages: Mapping[str, Callable[..., Any]],
    policies: Mapping[str, PolicyEntry],
    changes: Callable[[NormalizedProject], tuple[str, ...]] | None,
    observe: Callable[[str, object], None],
    plugins: Callable[[], tuple[PluginRef, ...]],
) -> Compiled:
    """Compile an intent into a sealed plan.

    `stages`: implementation by stage name. `changes`: names of the components that a change selects, asked only when the
    request or the trigger wants them. `observe` is told each stage's name and result. `plugins`: who acted, asked at the end.
    Raises `CompileError`, `PolicyError` and `UsageError` with located diagnostics; under `request.strict` warnings are errors.
    """
    sites = Sites(workspace.root, workspace.package_folders)
    finished: list[Any] = []

    def run(stage: str, *values: Any) -> Any:
        result = stages[stage](*values)
        observe(stage, result)
        finished.append(result)
        return result

    with locating(sites, finished), _without_gc():
        loaded = run("load", workspace, request)
        project = run("normalize", loaded)
        keep_cleared(workspace.memory, project)
        if changes is not None and _wants_changes(project):
            project = replace(project, changed=changes(project))
        expansion = run("expand", project)
        binding = run("bind", expansion)
        resolution = run("resolve", binding)
        verdict = enforce(resolution, policies)
        plan: Plan = run("materialize", resolution, verdict)
        steps = (loaded, project, expansion, binding, resolution, verdict)
        warnings = sites.located(warning for step in steps for warning in step.warnings)
        wrong = [replace(w, severity=Severity.ERROR) for w in warnings if w.severity is Severity.WARNING]
        if request.strict and wrong:
            finished.clear()
            raise CompileError(wrong)
        acted = plugins()
        version = next((plugin.version for plugin in acted if plugin.distribution == "orun-core"), "")
        compiler = replace(plan.metadata.compiler, version=version, plugins=acted)
        plan, document = sealed(replace(plan, metadata=replace(plan.metadata, compiler=compiler)))
        return Compiled(plan, document, provenance(resolution, plan), resolution, warnings)


def read_project(
    workspace: Workspace,
    request: Request,
    stages: Mapping[str, Callable[..., Any]],
    observe: Callable[[str, object], None],
) -> tuple[NormalizedProject, Sites]:
    """What the first two stages make of an intent, and the lines of what they read; raises as `compile_plan` does."""
    sites = Sites(workspace.root, workspace.package_folders)
    finished: list[Any] = []
    with locating(sites, finished), _without_gc():
        loaded = stages["load"](workspace, request)
        observe("load", loaded)
        finished.append(loaded)
        project = stages["normalize"](loaded)
        observe("normalize", project)
        keep_cleared(workspace.memory, project)
        return project, sites


def _wants_changes(project: NormalizedProject) -> bool:
    request = project.loaded.request
    by_trigger = project.active is not None and project.trigger.scope == "changed"
    return request.recorded is None and (request.changed or by_trigger)


@contextmanager
def locating(sites: Sites, finished: Sequence[Any] = ()) -> Iterator[None]:
    """Give every diagnostic that leaves the compiler its line and column; an error takes the warnings so far along."""
    try:
        yield
    except OrunError as error:
        warnings = (warning for result in finished for warning in getattr(result, "warnings", ()))
        error.diagnostics = sites.located((*error.diagnostics, *warnings))
        raise


@contextmanager
def _without_gc() -> Iterator[None]:
    """Compiling makes many long-lived values and no cycles: the collector would only walk them again and again.

    They are frozen in the end, out of its sight; they go when nobody refers to them any more.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.freeze()
            gc.enable()
