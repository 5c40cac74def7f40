"""What is said about a plan without reading its jobs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from orun_core.spec.plan import Metadata  # noqa: TC001 - `spec.tree` reads this class by its annotations

if TYPE_CHECKING:
    from orun_core.spec.plan import Plan


@dataclass(frozen=True, slots=True)
class Outline:
    """A plan's metadata, the ids of its jobs in order, and how many of them wait for promotions outside the plan."""

    metadata: Metadata
    jobs: tuple[str, ...]
    gated: int


def outline(plan: Plan) -> Outline:
    """The outline of a plan."""
    return Outline(plan.metadata, tuple(job.id for job in plan.jobs), sum(1 for job in plan.jobs if job.gates))
