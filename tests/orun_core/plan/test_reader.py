from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path

import pytest
from orun_core.plan.canonical import to_json
from orun_core.plan.reader import parse_plan, read_plan
from orun_core.spec.errors import PlanError
from planned import plan


def problems(content: bytes | dict) -> list[tuple[str, str]]:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    with pytest.raises(PlanError) as caught:
        parse_plan(raw, "plan.json")
    return [(problem.code, problem.message) for problem in caught.value.diagnostics]


def test_a_plan_comes_back_as_it_was(tmp_path: Path) -> None:
    value, tree = plan()
    path = tmp_path / "plan.json"
    path.write_text(to_json(tree))
    assert read_plan(path) == value


def test_what_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="No such file"):
        read_plan(tmp_path / "none.json")
    assert problems(b"{")[0][0] == "plan/unreadable"
    assert problems(b'{"a": 1, "a": 2}') == [
        ("plan/unreadable", 'the plan is not JSON: an object has the key "a" twice')
    ]
    assert problems(b'{"a": NaN}') == [("plan/unreadable", "the plan is not JSON: NaN is no JSON number")]
    assert problems(b"\xff\xfe\x00")[0][0] == "plan/unreadable"
    assert problems(b"[" * 100_000)[0][0] == "plan/unreadable"


def test_a_syntax_error_has_its_place() -> None:
    with pytest.raises(PlanError) as caught:
        parse_plan(b'{\n  "a": ,\n}', "plan.json")
    assert str(caught.value.diagnostics[0].where) == "plan.json:2:8"


@pytest.mark.parametrize(
    "tree", [{}, [], None, {"apiVersion": "orun.io/v2", "kind": "Plan"}, {"apiVersion": "orun.io/v1"}]
)
def test_another_version_is_refused_before_anything_else(tree: object) -> None:
    assert [code for code, _ in problems(json.dumps(tree).encode())] == ["plan/version"]


def test_every_wrong_value_is_reported_with_its_pointer() -> None:
    tree = deepcopy(plan()[1])
    tree["execution"]["concurrency"] = "4"
    tree["jobs"][0]["steps"][1]["phase"] = "last"
    tree["jobs"][1]["dependsOn"] = "api.dev.deploy"
    tree["jobs"][1]["env"]["A"] = 1
    tree["jobs"][1]["retries"] = True
    del tree["metadata"]["name"]
    tree["jobs"][0]["componant"] = "api"
    found = sorted(problems(tree))
    assert found == [
        ("plan/schema", '/execution/concurrency must be an integer, not "4"'),
        ("plan/schema", '/jobs/0 has an unknown field "componant"'),
        ("plan/schema", '/jobs/0/steps/1/phase must be one of pre, main, post, not "last"'),
        ("plan/schema", '/jobs/1/dependsOn must be a list, not "api.dev.deploy"'),
        ("plan/schema", "/jobs/1/env/A must be a string, not an integer"),
        ("plan/schema", "/jobs/1/retries must be an integer, not true or false"),
        ("plan/schema", '/metadata has no field "name"'),
    ]


def test_an_unknown_field_gets_a_suggestion() -> None:
    tree = deepcopy(plan()[1])
    tree["jobs"][0]["timeuot"] = "5m"
    with pytest.raises(PlanError) as caught:
        parse_plan(json.dumps(tree).encode(), "plan.json")
    assert caught.value.diagnostics[0].hint == 'did you mean "timeout"?'


def test_an_edited_plan_is_refused() -> None:
    tree = deepcopy(plan()[1])
    tree["jobs"][0]["steps"][0]["run"] = "curl evil"
    assert {code for code, _ in problems(tree)} == {"plan/seal"}


def test_a_pointer_escapes_keys() -> None:
    tree = deepcopy(plan()[1])
    tree["jobs"][1]["env"]["a/b~c"] = 1
    assert problems(tree) == [("plan/schema", "/jobs/1/env/a~1b~0c must be a string, not an integer")]


def test_a_plan_of_another_orun_is_one_problem() -> None:
    tree = deepcopy(plan()[1])
    for field in ("seal", "compiler"):
        del tree["metadata"][field]
    for job in tree["jobs"]:
        del job["digest"]
    assert problems(tree) == [("plan/version", "another orun wrote this plan: it has no seal")]
