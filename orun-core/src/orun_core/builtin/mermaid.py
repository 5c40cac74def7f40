"""The exporter `mermaid`: the jobs of a plan as a flowchart that Markdown of GitHub and GitLab shows."""

from __future__ import annotations

from enum import StrEnum
from itertools import groupby
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, Field

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orun_core.spec.plan import Plan


class Direction(StrEnum):
    """Where dependants stand."""

    RIGHT = "right"
    DOWN = "down"


class Options(BaseModel):
    """How the chart looks."""

    direction: Direction = Field(default=Direction.RIGHT, description="Where dependants stand.")


def export(plan: Plan, options: Mapping[str, Any]) -> dict[str, bytes]:
    """`plan.mmd`."""
    direction = "LR" if options["direction"] is Direction.RIGHT else "TD"
    return {"plan.mmd": "".join(f"{line}\n" for line in (f"flowchart {direction}", *_chart(plan))).encode()}


def _chart(plan: Plan) -> Iterator[str]:
    """A box per environment with its jobs, then the edges."""
    nodes = {job.id: f"job{number}" for number, job in enumerate(plan.jobs, start=1)}
    jobs = sorted(plan.jobs, key=lambda job: job.environment)
    for number, (environment, members) in enumerate(groupby(jobs, lambda job: job.environment), start=1):
        yield f"  subgraph env{number}[{_text(environment)}]"
        yield from (f"    {nodes[job.id]}[{_text(f'{job.component} · {job.name}')}]" for job in members)
        yield "  end"
    for job in plan.jobs:
        yield from (f"  {nodes[above]} --> {nodes[job.id]}" for above in job.depends_on if above in nodes)


def _text(words: str) -> str:
    """Words as a label: quotes and what Markdown would take are entities."""
    return '"' + "".join(c if c.isalnum() or c in " -_./·" else f"#{ord(c)};" for c in words) + '"'
