"""`docs/policies.md` has every named policy, as the code has it."""

from __future__ import annotations

from pathlib import Path

from orun_core.builtin.policies import POLICIES
from orun_core.compiler.constraints import SEVERITIES, VARIABLES

PAGE = (Path(__file__).parents[2] / "docs/policies.md").read_text(encoding="utf-8")


def test_the_table_is_that_of_the_code() -> None:
    table = PAGE.partition("<!-- policies: begin -->\n")[2].partition("<!-- policies: end -->")[0]
    rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table.splitlines()[2:]]
    assert [(name.strip("`"), summary) for name, _, summary in rows] == [
        (name, summary) for name, (_, _, summary) in POLICIES.items()
    ]
    forms = {
        model: {form for n, form, _ in rows if POLICIES[n.strip("`")][1] == model} for _, model, _ in POLICIES.values()
    }
    assert all(len(form) == 1 for form in forms.values()), forms


def test_every_variable_and_severity_of_a_constraint_is_told() -> None:
    constraints = PAGE.partition("## Constraints")[2].partition("## Violations")[0]
    for word in (*VARIABLES, *SEVERITIES):
        assert f"`{word}`" in constraints
