"""`orun plan --github-output`: the plan as outputs of a step in GitHub Actions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from orun_core.spec.errors import Diagnostic, UsageError
from orun_core.spec.plan import (
    API_VERSION,
    KIND,
    Compiler,
    Execution,
    Metadata,
    Plan,
    Selection,
    Spec,
    Trigger,
)

if TYPE_CHECKING:
    from orun_core.host import Host

EXPORTER: Final = "github-output"
VARIABLE: Final = "GITHUB_OUTPUT"


def write_outputs(host: Host, plan: Plan | None) -> None:
    """Append what the exporter says to the file of `GITHUB_OUTPUT`; no plan is an empty matrix.

    Raises `UsageError` outside Actions and `PluginError` without the exporter.
    """
    file = host.environ.get(VARIABLE)
    if not file:
        hint = "use --github-output in a step of GitHub Actions, or set the variable to a file"
        raise UsageError(Diagnostic("usage/no-github-output", f"{VARIABLE} is not set", hint=hint))
    options = {"environ": host.environ, "report": host.report}
    content = host.exporter(EXPORTER)(plan or _nothing(), options)[VARIABLE]
    with Path(file).open("ab") as outputs:
        outputs.write(content)


def _nothing() -> Plan:
    """The plan of an event that nothing answers."""
    trigger = Trigger("system", "system.manual", "manual", (), (), "full")
    metadata = Metadata("", "", "", trigger, Selection((), (), "full", all_envs=False), Compiler("", (), ()))
    return Plan(API_VERSION, KIND, metadata, Execution(0, fail_fast=False), Spec({}, ()), ())
