"""Two intents differ by meaning, per section, per inline component and per composition source."""

from __future__ import annotations

import pytest
from monorepo import intent, parse_intent
from orun_core.changes.intent_diff import IntentDiff, intent_diff

BASE = intent("[{name: a, type: svc}, {name: b, type: svc}]", "metadata: {name: shop}\nenv: {A: x}\n")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("x", "x", IntentDiff()),
        ("env: {A: x}", "# comment\nenv:\n  A: 'x'", IntentDiff()),
        ("{name: shop}", "{name: shop, description: Shop, labels: {x: y}}", IntentDiff()),
        (
            "{name: a, type: svc}, {name: b, type: svc}",
            "{type: svc, name: b}, {name: a, type: svc, env: {}}",
            IntentDiff(),
        ),
        ("env: {A: x}", "env: {A: y}", IntentDiff(("env",))),
        ("env: {A: x}", "secretEnv: {S: 'secret://a'}", IntentDiff(("env", "secretEnv"))),
        ("{name: shop}", "{name: store}", IntentDiff(("metadata",))),
        ("prod: {}", "prod: {env: {A: b}}", IntentDiff(("environments",))),
        ("{name: a, type: svc}", "{name: a, type: svc, path: p}", IntentDiff(components={"a": "modified"})),
        ("{name: a, type: svc}", "{name: c, type: svc}", IntentDiff(components={"a": "removed", "c": "added"})),
        (
            "[{name: a, type: svc}, {name: b, type: svc}]",
            "[{name: b, type: site}]\ndiscovery: {roots: [apps]}",
            IntentDiff(("discovery",), {"a": "removed", "b": "modified"}),
        ),
        ("path: ./stack", "path: ./other", IntentDiff(("compositions",), sources=("local",))),
        ("./stack}]", "./stack}, {name: more, kind: oci, ref: r}]", IntentDiff(("compositions",), sources=("more",))),
        (
            "./stack}]",
            "./stack}], resolution: {precedence: [local]}",
            IntentDiff(("compositions",), sources=("local",)),
        ),
        ("path: ./stack", "path: ./stack, pullPolicy: Always", IntentDiff(("compositions",), sources=("local",))),
        ("sources: [{name: local, kind: dir, path: ./stack}]", "sources: []", IntentDiff(("compositions",))),
    ],
)
def test_a_difference(old: str, new: str, expected: IntentDiff) -> None:
    assert old == "x" or old in BASE
    assert intent_diff(parse_intent(BASE.encode()), parse_intent(BASE.replace(old, new).encode())) == expected


def test_a_source_that_is_gone_may_leave_its_types_to_any_other() -> None:
    two = intent(sources=", {name: more, kind: oci, ref: r}").encode()
    assert intent_diff(parse_intent(two), parse_intent(intent().encode())).sources == ("local",)
