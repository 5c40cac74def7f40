"""How a named policy looks at a resolved job. Policies veto; they never edit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Protocol

from orun_core.spec.frozen import frozen

if TYPE_CHECKING:
    from orun_core.spec.stages import Resolution, ResolvedJob


@frozen
class Violation:
    """An objection of a policy.

    `field`: path of the value in the job that it objects to (`parameters.replicas`, `steps.build.run`); core reports the line that
    set it.
    """

    message: str
    field: str = ""
    hint: str = ""


@frozen
class Duty:
    """Something that only a run can satisfy. `kind`: a kind of `orun_core.spec.plan.Obligation`; `value`: its options."""

    kind: str
    value: Any = None


class PolicyCheck(Protocol):
    """The function behind a policy name."""

    def __call__(self, value: Any, job: ResolvedJob, resolution: Resolution) -> Iterable[Violation | Duty]:
        """Check one job against the merged policy value (already validated by the entry's options model)."""
