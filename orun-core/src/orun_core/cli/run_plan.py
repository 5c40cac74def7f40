"""Which plan `orun run` means: a file, a name, a checksum, a component, a recorded run's, or a fresh one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orun_core.cli.request import changes_from, request_from
from orun_core.spec.errors import Diagnostic, PlanError, UsageError
from orun_core.spec.frozen import frozen

if TYPE_CHECKING:
    from orun_core.host import Host
    from orun_core.runtime.selection import Wanted
    from orun_core.spec.plan import Plan
    from orun_core.spec.run import RunState

_LIKE_A_PLAN = re.compile(r".*[/\\].*|.*\.(json|ya?ml)|sha256[-:].*|latest")


@frozen
class Found:
    """A plan and whether it was compiled just now. `named`: the argument turned out to be a component."""

    plan: Plan
    fresh: bool
    named: bool = False


def find_plan(host: Host, reference: str, state: RunState | None, options: dict[str, Any]) -> Found:
    """The plan that is meant, its seal verified; a fresh one is stored before it runs."""
    if not reference and state is not None:
        return Found(host.plan(state.plan_checksum), fresh=False)
    if not reference:
        return Found(_compile(host, options), fresh=True)
    try:
        return Found(host.plan(reference), fresh=False)
    except UsageError:
        if host.intent is None or _LIKE_A_PLAN.fullmatch(reference):
            raise
    options["components"] = (*options["components"], reference)
    return Found(_compile(host, options), fresh=True, named=True)


def _compile(host: Host, options: dict[str, Any]) -> Plan:
    asked = dict(options)
    changes = changes_from(asked)
    request = request_from(host, asked)
    if recalled := host.recall(request):
        return host.plan(recalled.outline.metadata.checksum)
    compiled = host.compile(request, changes)
    host.report(compiled.warnings)
    host.save(compiled)
    return compiled.plan


def keep(host: Host, plan: Plan) -> None:
    """Store a plan that came from a file, so that its run can be resumed and shown."""
    from orun_core.plan.canonical import to_json
    from orun_core.spec.tree import document

    if plan.metadata.checksum not in {checksum for checksum, _ in host.store.plans()}:
        host.store.save_plan(to_json(document(plan)), plan.metadata.checksum)


def check_expected(plan: Plan, expected: str) -> None:
    """Refuse anything but the reviewed plan; raises `PlanError`."""
    digest = re.sub(r"^sha256[-:]", "", expected.lower())
    found = plan.metadata.checksum.removeprefix("sha256-")
    if len(digest) < 12 or not found.startswith(digest):
        message = f"the plan is sha256-{found}, not the expected {expected}"
        hint = "--expect takes a checksum or at least its first 12 digits"
        raise PlanError(Diagnostic("run/unexpected-plan", message, hint=hint))


def component_here(root: Path) -> str:
    """The component whose folder is the working folder, or the nearest one above it up to the root; empty for none."""
    here = Path.cwd().resolve()
    root = root.resolve()
    if not here.is_relative_to(root):
        return ""
    for folder in (here, *here.parents):
        for name in ("component.yaml", "component.yml"):
            if (folder / name).is_file():
                return _name(folder / name)
        if folder == root:
            return ""
    return ""


def _name(file: Path) -> str:
    """`metadata.name`, found without a YAML parser."""
    inside = False
    for line in file.read_text("utf-8", "replace").splitlines():
        if re.match(r"metadata\s*:", line):
            inside = True
        elif inside and (found := re.match(r"\s+name\s*:\s*[\"']?([^\"'#\s]+)", line)):
            return found[1]
        elif inside and line[:1].strip():
            inside = line.startswith("#")
    return ""


def with_dependencies(plan: Plan, component: str) -> tuple[str, ...]:
    """The component, then the components that its jobs depend on, sorted."""
    from orun_core.plan.graph import closure

    edges = {job.id: job.depends_on for job in plan.jobs}
    needed = closure(edges, [job.id for job in plan.jobs if job.component == component])
    return (component, *sorted({plan.job(job).component for job in needed} - {component}))


def banner(components: tuple[str, ...]) -> list[str]:
    """What auto-scoping did."""
    first, *others = components
    more = (
        f" (+ {len(others)} {'dependency' if len(others) == 1 else 'dependencies'}: {', '.join(others)})"
        if others
        else ""
    )
    return [f"context: auto-scoped to component {first}{more}", "hint: pass --all to include all components"]


def guard(found: Found, wanted: Wanted, options: dict[str, Any]) -> None:
    """A run over several environments that nobody narrowed must be meant; raises `UsageError`."""
    environments = found.plan.metadata.selection.envs
    scoped = wanted or found.named or options["all_envs"] or options["trigger"] or options["event_file"]
    scoped = scoped or options["changed"]
    if found.fresh and not scoped and len(environments) > 1:
        message = f"this would run in {len(environments)} environments: {', '.join(environments)}"
        hint = "narrow it with --env or --component, say --all-envs, or preview it with --dry-run"
        raise UsageError(Diagnostic("run/unscoped", message, hint=hint))
