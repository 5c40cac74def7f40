"""Which document has which schema: `schemas/<name>.json` describes what a command prints as JSON."""

from __future__ import annotations

from typing import Final

from orun_cockpit.listing import (
    ComponentListView,
    ComponentView,
    EnvironmentListView,
    JobListView,
    PlanListView,
)
from orun_cockpit.view import LogLine, PlanJobView, PlanView, RunListView, RunView

SCHEMAS: Final[dict[str, type]] = {
    "component": ComponentView,
    "components": ComponentListView,
    "environments": EnvironmentListView,
    "job": PlanJobView,
    "jobs": JobListView,
    "log-line": LogLine,
    "plan": PlanView,
    "plans": PlanListView,
    "run": RunView,
    "runs": RunListView,
}
"""Name of the shipped schema → the view it is made from."""
