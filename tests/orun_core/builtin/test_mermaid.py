"""The exporter `mermaid`."""

from __future__ import annotations

from orun_core.builtin.mermaid import Direction, export
from orun_core.testing.plans import job, plan

CHART = """\
flowchart LR
  subgraph env1["dev"]
    job1["api · build"]
    job2["web · build"]
  end
  subgraph env2["prod"]
    job3["api · build"]
  end
  job1 --> job2
  job1 --> job3
"""


def test_a_box_per_environment_and_an_arrow_per_dependency():
    jobs = (
        job("api.dev.build", "true"),
        job("web.dev.build", "true", depends_on=("api.dev.build", "not.in.plan")),
        job("api.prod.build", "true", depends_on=("api.dev.build",)),
    )
    assert export(plan(*jobs), {"direction": Direction.RIGHT}) == {"plan.mmd": CHART.encode()}
    down = export(plan(*jobs), {"direction": Direction.DOWN})
    assert down == {"plan.mmd": CHART.replace(" LR", " TD").encode()}


def test_names_cannot_break_out_of_their_labels():
    chart = export(plan(job('a"] & b.dev.build', "true")), {"direction": Direction.DOWN})["plan.mmd"].decode()
    assert 'job1["a#34;#93; #38; b · build"]' in chart
