"""The proof of a selection: two whole plans, before and after, show whether a job whose content changed was left out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from orun_core.spec.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Collection

    from orun_core.spec.plan import Job, Plan


@frozen
class Verification:
    """Jobs of the later plan by what became of them, each sorted by id.

    `covered`: content changed or new, and selected. `left_out`: the same, and not selected. `reordered`: only edges changed, and
    not selected: their content is as before. `unchanged` counts the rest.
    """

    covered: tuple[str, ...]
    left_out: tuple[str, ...]
    reordered: tuple[str, ...]
    unchanged: int

    @property
    def proved(self) -> bool:
        """Whether nothing that changed was left out."""
        return not self.left_out


def verify(before: Plan, after: Plan, selected: Collection[str]) -> Verification:
    """Compare two plans of everything, compiled without change detection, with the components that it selected."""
    earlier = {job.id: job for job in before.jobs}
    covered: list[str] = []
    left_out: list[str] = []
    reordered: list[str] = []
    for job in sorted(after.jobs, key=lambda job: job.id):
        old = earlier.get(job.id)
        if old is not None and old.digest == job.digest:
            continue
        if old is None or _content(old) != _content(job):
            (covered if job.component in selected else left_out).append(job.id)
        elif job.component not in selected:
            reordered.append(job.id)
    unchanged = len(after.jobs) - len(covered) - len(left_out) - len(reordered)
    return Verification(tuple(covered), tuple(left_out), tuple(reordered), unchanged)


def _content(job: Job) -> Job:
    return replace(job, uid="", digest="", depends_on=(), advisory_depends_on=(), dependencies=(), gates=())
