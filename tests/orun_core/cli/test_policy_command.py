"""Policies on the command line: a violation stops and writes nothing; list, test and impact."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from orun_core.builtin.policies import POLICIES
from shop import INTENT, Shop, shop  # noqa: F401

SARIF = Path(__file__).parents[2] / "fixtures/sarif/sarif-2.1.0.json"
STRICT = INTENT + "policies: {requireOwner: true, parameterBounds: {replicas: {max: 2}}}\n"


@pytest.fixture
def strict(shop: Shop) -> Shop:  # noqa: F811
    """The shop with policies that it does not keep."""
    shop.write({"intent.yaml": STRICT})
    return shop


@pytest.mark.parametrize("command", [("plan",), ("plan", "-o", "out/plan.json"), ("validate",), ("plan", "--check")])
def test_a_violation_stops_with_4_and_writes_nothing(strict: Shop, command: tuple[str, ...]) -> None:
    before = sorted(strict.root.rglob("*"))
    ran = strict.orun(*command)
    assert (ran.code, ran.out) == (4, "")
    assert sorted(strict.root.rglob("*")) == before
    assert '✕ parameterBounds (intent): api in prod: parameter "replicas" is 3, more than 2' in ran.err
    assert "\n  intent.yaml:10:31  [policy/violation]\n" in ran.err
    assert ran.err.count("[policy/violation]") == 6


def test_violations_as_sarif_are_what_the_standard_says(strict: Shop) -> None:
    ran = strict.orun("validate", "--format", "sarif")
    assert (ran.code, ran.err) == (4, "")
    validator = jsonschema.Draft4Validator(json.loads(SARIF.read_text()))
    assert [error.message for error in validator.iter_errors(ran.tree)] == []
    results = ran.tree["runs"][0]["results"]
    assert {(r["ruleId"], r["level"]) for r in results} == {("policy/violation", "error")}
    [bounds] = [r for r in results if "api in prod: parameter" in r["message"]["text"]]
    [place] = bounds["locations"]
    assert place["physicalLocation"]["artifactLocation"] == {"uri": "intent.yaml"}
    assert place["physicalLocation"]["region"] == {"startLine": 10, "startColumn": 31}
    [policy] = bounds["relatedLocations"]
    assert policy["message"]["text"] == "parameterBounds of intent stands here"
    assert policy["physicalLocation"]["region"]["startLine"] == 20


def test_the_validator_refuses_what_is_no_sarif() -> None:
    validator = jsonschema.Draft4Validator(json.loads(SARIF.read_text()))
    wrong = {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x"}}, "results": [{"level": "fatal"}]}]}
    assert [error.json_path for error in validator.iter_errors(wrong)] != []


def test_a_place_with_a_space_is_a_uri_in_sarif(strict: Shop) -> None:
    strict.edit("intent.yaml", "compositions:", "discovery: {roots: [my apps]}\ncompositions:")
    strict.write(
        {
            "my apps/web/component.yaml": "kind: Component\nmetadata: {name: web}\n"
            "spec: {type: svc, subscribe: {environments: [dev]}}\n"
        }
    )
    ran = strict.orun("validate", "--format", "sarif")
    uris = {
        place["physicalLocation"]["artifactLocation"]["uri"]
        for result in ran.tree["runs"][0]["results"]
        for place in result["locations"]
    }
    assert "my%20apps/web/component.yaml" in uris


def test_violations_as_json(strict: Shop) -> None:
    ran = strict.orun("validate", "--format", "json")
    assert (ran.code, ran.err) == (4, "")
    [found] = [d for d in ran.tree["diagnostics"] if "api in prod: parameter" in d["message"]]
    assert found == {
        "code": "policy/violation",
        "severity": "error",
        "message": 'parameterBounds (intent): api in prod: parameter "replicas" is 3, more than 2',
        "where": {
            "file": "intent.yaml",
            "line": 10,
            "column": 31,
            "pointer": "/environments/prod/parameterDefaults/*/replicas",
        },
        "related": [
            {
                "message": "parameterBounds of intent stands here",
                "where": {"file": "intent.yaml", "line": 20, "column": 32, "pointer": "/policies/parameterBounds"},
            }
        ],
    }


def test_list_names_every_policy_and_who_offers_it(shop: Shop) -> None:  # noqa: F811
    ran = shop.orun("policy", "list")
    assert {line.split()[0] for line in ran.out.splitlines()} >= {*POLICIES}
    assert all(line.endswith("(core)") for line in ran.out.splitlines() if line.split()[0] in POLICIES)
    rows = shop.orun("policy", "list", "--long", "--format", "json").tree["result"]["policies"]
    assert {row["name"]: row["value"]["type"] for row in rows if row["name"] in ("allowedTypes", "requireOwner")} == {
        "allowedTypes": "array",
        "requireOwner": "boolean",
    }


def test_impact_tells_whom_new_policies_would_stop(shop: Shop) -> None:  # noqa: F811
    shop.write(
        {
            "trial.yaml": 'policies: {parameterBounds: {replicas: {max: 2}}}\nconstraints: [{name: tiers, rule: "has(labels.tier)"}]\n'
        }
    )
    ran = shop.orun("policy", "impact", "trial.yaml")
    assert ran.code == 0
    assert [line for line in ran.out.splitlines() if line and not line.startswith(" ")] == [
        "api in prod",
        "db in dev",
        "db in prod",
        "3 components (per environment) would be stopped by trial.yaml",
    ]
    shop.write({"trial.yaml": "policies: {allowedTypes: [svc]}\n"})
    assert shop.orun("policy", "impact", "trial.yaml").out == "\n✓ Nobody would be stopped by trial.yaml\n".lstrip("\n")


def test_impact_counts_only_what_is_new(strict: Shop) -> None:
    strict.write({"trial.yaml": "policies: {requiredLabels: [tier]}\n"})
    ran = strict.orun("policy", "impact", "trial.yaml")
    assert "requireOwner" not in ran.out
    assert ran.out.count("requiredLabels (intent)") == 2


CASES = """\
kind: PolicyTest
tests:
  - {name: many replicas, component: api, environment: prod, policy: parameterBounds, expect: deny}
  - {name: owned, component: api, policy: requireOwner, set: {owner: ada}, expect: allow}
  - {name: few, component: api, environment: prod, policy: parameterBounds, set: {parameters.replicas: 1}, expect: allow}
  - {name: wrong, component: db, environment: dev, policy: parameterBounds, expect: deny}
"""


def test_policy_tests(strict: Shop) -> None:
    strict.write({"cases.yaml": CASES})
    ran = strict.orun("policy", "test", "cases.yaml")
    assert ran.code == 1
    assert ran.out.splitlines() == [
        "✓ many replicas",
        "✓ owned",
        "✓ few",
        "✗ wrong: parameterBounds allows it",
        "",
        "3 passed, 1 failed",
    ]


def test_a_policy_test_of_an_unknown_component(strict: Shop) -> None:
    strict.write({"cases.yaml": "tests: [{name: x, component: apj}]\n"})
    ran = strict.orun("policy", "test", "cases.yaml")
    assert ran.code == 2
    assert 'did you mean "api"' in ran.err
