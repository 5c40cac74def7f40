"""Whether the sources still compile to a plan, and the first cause when they do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orun_core.cli.diff_forms import headline
from orun_core.cli.revisions import workspace_provenance
from orun_core.plan.diff import diff
from orun_core.spec.errors import Diagnostic

if TYPE_CHECKING:
    from orun_core.host import Host
    from orun_core.plan.diff import Change
    from orun_core.spec.plan import Plan
    from orun_core.spec.stages import Compiled


def drift(host: Host, plan: Plan, compiled: Compiled, name: str) -> Diagnostic | None:
    """How the workspace compiles to something else than a verified plan called `name`; None when the bytes are equal."""
    if compiled.plan.metadata.seal == plan.metadata.seal:
        return None
    found = diff(plan, compiled.plan, workspace_provenance(host, compiled))
    causes = [f"job {job.id} is not in the plan" for job in found.added]
    causes += [f"job {job.id} is in the plan only" for job in found.removed]
    causes += [
        f"{job.job}: {headline(change)}" for job in found.changed for change in sorted(job.changes, key=_derived)
    ]
    causes += [headline(change) for change in found.plan]
    more = f" (and {len(causes) - 1} more)" if len(causes) > 1 else ""
    text = f"the sources compile to another plan than {name}: {causes[0] if causes else 'its metadata differs'}{more}"
    return Diagnostic("plan/drift", text, hint=f"see `orun diff {name}`; compile it again with `orun plan`")


def _derived(change: Change) -> bool:
    """Commands follow from parameters: what was authored goes first."""
    return change.path.startswith("steps.")
