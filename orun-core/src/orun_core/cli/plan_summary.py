"""Inside a workflow on GitHub: what the planned event changes, as Markdown in the job's summary."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from orun_core.spec.errors import OrunError, Severity
from orun_core.spec.workflow_text import in_actions

if TYPE_CHECKING:
    from orun_core.host import Host
    from orun_core.spec.stages import Compiled


def summarize_plan(host: Host, compiled: Compiled) -> None:
    """Append the difference to the event's base revision to `$GITHUB_STEP_SUMMARY`.

    Does nothing outside a workflow, and for events without a base. A base that does not compile is a note: this plan stands.
    """
    summary, base = host.environ.get("GITHUB_STEP_SUMMARY"), compiled.plan.metadata.trigger.base
    if not summary or not base or not in_actions(host.environ):
        return
    from orun_core.cli.diff_forms import markdown
    from orun_core.cli.revisions import operand, workspace_provenance
    from orun_core.plan.diff import diff
    from orun_core.spec.stages import Recorded, Request

    metadata = compiled.plan.metadata
    try:
        before = operand(host, base, Request(recorded=Recorded(metadata.trigger, metadata.selection)))
    except OrunError as error:
        reason = replace(error.diagnostics[0], severity=Severity.NOTE, code="plan/no-base")
        host.report([replace(reason, message=f"the summary has no diff to {base[:12]}: {reason.message}")])
        return
    found = diff(before.plan, compiled.plan, workspace_provenance(host, compiled), before.provenance)
    with Path(summary).open("a", encoding="utf-8") as file:
        file.write(markdown(found, base[:12], "this event") + "\n")
