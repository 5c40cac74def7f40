"""Plans that are sealed and of the right shape, and still mean nothing: refused before anything runs."""

from __future__ import annotations

import json

import pytest
from orun_core.plan.reader import parse_plan, plan_of
from orun_core.spec.errors import PlanError
from planned import job, plan


def refused(*jobs, encoding="utf-8", **options):
    with pytest.raises(PlanError) as caught:
        parse_plan(json.dumps(plan(*jobs)[1], **options).encode(encoding), "plan.json")
    return [(problem.code, problem.message) for problem in caught.value.diagnostics]


def test_an_id_that_is_there_twice():
    assert refused(job("api.dev.x"), job("api.dev.x")) == [("plan/graph", "the plan has the job 'api.dev.x' 2 times")]


def test_a_dependency_that_the_plan_does_not_have():
    assert refused(job("api.dev.x", depends_on=("db.dev.x",))) == [
        ("plan/graph", "job api.dev.x depends on db.dev.x, which the plan does not have")
    ]


def test_jobs_that_wait_for_each_other():
    assert refused(job("a.dev.x", depends_on=("b.dev.x",)), job("b.dev.x", depends_on=("a.dev.x",))) == [
        ("plan/graph", "the jobs of the plan wait for each other: a.dev.x → b.dev.x → a.dev.x")
    ]
    assert refused(job("a.dev.x", depends_on=("a.dev.x",)))[0][0] == "plan/graph"


@pytest.mark.parametrize(("form", "encoding"), [(True, "utf-8"), (False, "utf-8"), (True, "utf-16")])
@pytest.mark.parametrize("text", ["a\0b", "\ud800", "x\udfff"])
def test_text_that_no_program_takes(text, form, encoding):
    if not form:
        text = text.replace("\ud800", "\0").replace("\udfff", "\0")
    found = refused(job("a.dev.x", env={"A": text}), ensure_ascii=form, encoding=encoding)
    message = "/jobs/0/env/A holds a NUL or half a surrogate pair, which no program takes"
    assert found == [("plan/schema", message)]


def test_keys_and_trees_are_searched_too():
    with pytest.raises(PlanError) as caught:
        plan_of(plan(job("a.dev.x", labels={"a\0": "1"}, parameters={"list": [["\0"]]}))[1], "plan.yaml")
    assert [problem.where.pointer for problem in caught.value.diagnostics] == [
        "/jobs/0/labels",
        "/jobs/0/parameters/list/0/0",
    ]


def test_a_written_escape_is_only_text():
    value, tree = plan(job("a.dev.x", env={"A": r"printf '\u0000 \ud800'", "B": "😀"}))
    assert parse_plan(json.dumps(tree).encode(), "plan.json") == value


def test_names_with_control_characters():
    assert refused(job("a\x1b[2J.dev.x")) == [
        ("plan/schema", "/jobs/0 has a control character in the name 'a\\x1b[2J.dev.x'"),
        ("plan/schema", "/jobs/0 has a control character in the name 'a\\x1b[2J'"),
    ]
