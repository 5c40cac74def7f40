"""What this distribution offers: the policy engine `rego`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orun_core.spec.entries import PolicyEntry
from orun_core.spec.markers import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterable

    from orun_core.spec.policy import Violation
    from orun_core.spec.stages import Resolution, ResolvedJob


@hookimpl
def orun_policies() -> tuple[PolicyEntry, ...]:
    return (PolicyEntry("rego", "Constraints in Rego: `engine: rego`.", _check),)


def _check(value: Any, job: ResolvedJob, _: Resolution) -> Iterable[Violation]:
    from orun_policy_rego.engine import judge

    return judge(value["rule"], job)
