"""A plan keeps its published schema, and a wrong one is named to the value."""

from __future__ import annotations

import pytest
from orun_core.plan.schema import check_plan
from orun_core.plan.seal import sealed
from orun_core.spec.errors import PlanError
from orun_core.testing.plans import job, plan


def tree() -> dict:
    return sealed(plan(job("a.dev.x", "true"), job("b.dev.x", "true", depends_on=("a.dev.x",))))[1]


def test_a_plan_keeps_the_schema() -> None:
    check_plan(tree())


def test_every_wrong_value_is_named() -> None:
    wrong = tree()
    wrong["jobs"][0]["steps"][0]["phase"] = "later"
    wrong["jobs"][1]["timeout"] = 5
    wrong["surprise"] = True
    with pytest.raises(PlanError) as caught:
        check_plan(wrong)
    places = sorted(problem.message.partition(":")[0] for problem in caught.value.diagnostics)
    assert places == ["/", "/jobs/0/steps/0/phase", "/jobs/1/timeout"]
