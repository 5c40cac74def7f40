"""What `orun plan` says about a plan, without its jobs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping  # noqa: TC003 - as Metadata
from typing import TYPE_CHECKING

from orun_core.spec.frozen import frozen
from orun_core.spec.plan import Metadata  # noqa: TC001 - `spec.tree` reads this class by its annotations

if TYPE_CHECKING:
    from orun_core.spec.plan import Plan


@frozen
class Outline:
    """A plan's metadata and the ids of its jobs in order.

    `gated`: how many of them wait for promotions outside the plan. `obliged`: how many have an obligation of each kind.
    """

    metadata: Metadata
    jobs: tuple[str, ...]
    gated: int
    obliged: Mapping[str, int]


def outline(plan: Plan) -> Outline:
    """The outline of a plan."""
    gated = sum(1 for job in plan.jobs if job.gates)
    obliged: Counter[str] = Counter(duty.kind for job in plan.jobs for duty in job.obligations)
    return Outline(plan.metadata, tuple(job.id for job in plan.jobs), gated, obliged)
