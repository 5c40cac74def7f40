"""Presets: the repository wins, then the first preset; what a preset set says so, with its place."""

from __future__ import annotations

import pytest
from compiling import STACK, Project
from orun_core.spec.errors import PolicyError
from orun_core.spec.plan import Policy
from orun_core.spec.stages import NormalizedProject, Origin

PRESETS = {
    "stack/stack.yaml": STACK + "spec: {intentPresets: [{name: one, path: one.yaml}, {name: two, path: two.yaml}]}\n",
    "stack/one.yaml": """\
        kind: IntentPreset
        metadata: {name: one}
        spec:
          env: {REGION: eu, ORG: first}
          automation: {triggerBindings: {push: {on: {provider: github, event: push}}}}
          policies: {maxTimeout: 20m, tier: gold}
          groups:
            core: {policies: {isolation: strict}, parameterDefaults: {"*": {size: 1, zone: a}}}
            other: {policies: {isolation: none}}
          environments:
            dev:
              env: {LANE: preset}
              dependencyMode: advisory
              activation: {triggerRefs: [push, tag]}
              selectors: {components: ["*"], domains: [core]}
              policies: {lane: preset}
              constraints: [{name: sized, rule: "parameters.size > 0"}]
            qa: {dependencyMode: advisory, secretEnv: {TOKEN: "secret://vault/qa"}, selectors: {components: ["*"]}}
          constraints: [{name: owned, rule: "has(labels.team)"}]
        """,
    "stack/two.yaml": """\
        kind: IntentPreset
        metadata: {name: two}
        spec:
          env: {ORG: second, TEAM: core}
          policies: {tier: silver, quota: 5}
          environments: {dev: {selectors: {domains: [late]}, policies: {lane: two, cap: 2}}}
        """,
}
INTENT = """
    extends: [{source: local, preset: one}, {source: local, preset: two}]
    env: {REGION: us}
    policies: {maxTimeout: 5m}
    automation: {triggerBindings: {tag: {on: {provider: github, event: push, tags: [v*]}}}}
    groups: {core: {parameterDefaults: {"*": {size: 2}}}}
    environments:
      dev:
        dependencyMode: enforced
        secretEnv: {KEY: "secret://vault/key"}
        activation: {triggerRefs: [tag]}
        selectors: {components: [api]}
    components: [{name: api, type: svc, domain: core, labels: {team: x}}]
    """


@pytest.fixture
def merged(project: Project) -> NormalizedProject:
    """The project with both presets."""
    return project.compile(INTENT, PRESETS).resolution.project


def test_the_repository_wins_then_the_first_preset(merged: NormalizedProject) -> None:
    assert merged.intent.env == {"REGION": "us", "ORG": "first", "TEAM": "core"}
    assert merged.intent.policies == {"maxTimeout": "5m", "tier": "gold", "quota": 5}
    assert list(merged.intent.automation.trigger_bindings) == ["push", "tag"]
    assert merged.intent.groups["core"].parameter_defaults == {"*": {"size": 2, "zone": "a"}}


def test_an_environment_keeps_what_it_says_and_gains_the_rest(merged: NormalizedProject) -> None:
    dev, qa = merged.environments["dev"], merged.environments["qa"]
    assert (dev.dependency_mode, dev.secret_env) == ("enforced", {"KEY": "secret://vault/key"})
    assert dev.env == {"LANE": "preset"}
    assert dev.activation.trigger_refs == ("tag", "push")
    assert (dev.selectors.components, dev.selectors.domains) == (("api",), ("core",))
    assert dev.policies == {"lane": "preset", "cap": 2}
    assert (qa.dependency_mode, qa.secret_env) == ("advisory", {"TOKEN": "secret://vault/qa"})


ORIGINS = {
    "/automation/triggerBindings/push": "stack/one.yaml#/spec/automation/triggerBindings/push",
    "/constraints/0": "stack/one.yaml#/spec/constraints/0",
    "/env/ORG": "stack/one.yaml#/spec/env/ORG",
    "/env/TEAM": "stack/two.yaml#/spec/env/TEAM",
    "/environments/dev/activation/triggerRefs/1": "stack/one.yaml#/spec/environments/dev/activation/triggerRefs/0",
    "/environments/dev/constraints/0": "stack/one.yaml#/spec/environments/dev/constraints/0",
    "/environments/dev/env/LANE": "stack/one.yaml#/spec/environments/dev/env/LANE",
    "/environments/dev/policies/cap": "stack/two.yaml#/spec/environments/dev/policies/cap",
    "/environments/dev/policies/lane": "stack/one.yaml#/spec/environments/dev/policies/lane",
    "/environments/dev/selectors/domains": "stack/one.yaml#/spec/environments/dev/selectors/domains",
    "/environments/qa": "stack/one.yaml#/spec/environments/qa",
    "/groups/core/parameterDefaults/*/zone": "stack/one.yaml#/spec/groups/core/parameterDefaults/*/zone",
    "/groups/core/policies/isolation": "stack/one.yaml#/spec/groups/core/policies/isolation",
    "/groups/other": "stack/one.yaml#/spec/groups/other",
    "/policies/quota": "stack/two.yaml#/spec/policies/quota",
    "/policies/tier": "stack/one.yaml#/spec/policies/tier",
}


def test_everything_that_a_preset_set_has_its_place(merged: NormalizedProject) -> None:
    assert {key: f"{at.file}#{at.pointer}" for key, at in sorted(merged.origins.items())} == ORIGINS


def test_a_place_inside_what_a_preset_set(merged: NormalizedProject) -> None:
    assert merged.origin("environments", "qa", "secretEnv", "TOKEN") == Origin(
        "stack/one.yaml", "/spec/environments/qa/secretEnv/TOKEN"
    )
    assert merged.origin("policies", "maxTimeout") == Origin("intent.yaml", "/policies/maxTimeout")


def test_a_policy_names_the_preset_that_set_it(project: Project) -> None:
    job = project.jobs(INTENT, PRESETS)["api.dev.deploy"]
    assert job.policies == (
        Policy("cap", 2, "preset:local/two"),
        Policy("isolation", "strict", "preset:local/one"),
        Policy("lane", "preset", "preset:local/one"),
        Policy("maxTimeout", "5m", "intent"),
        Policy("quota", 5, "preset:local/two"),
        Policy("tier", "gold", "preset:local/one"),
    )


def test_every_layer_stands_where_its_values_stand(project: Project) -> None:
    (job,) = (j for j in project.compile(INTENT, PRESETS).resolution.jobs if j.id == "api.dev.deploy")
    found = {
        f"{layer.origin.file}#{layer.origin.at(key).pointer}"
        for field in ("env", "policies", "parameters")
        for layer in job.bound.instance.layers[field]
        for key in layer.values
    }
    sections = ("/env/", "/policies/", "/groups/core/", "/environments/dev/env/", "/environments/dev/policies/")
    expected = {at for key, at in ORIGINS.items() if key.startswith(sections)}
    assert {at for at in found if at.startswith("stack/")} == expected
    assert "intent.yaml#/groups/core/parameterDefaults/*/size" in found


def test_what_is_wrong_in_a_preset_is_reported_where_it_stands(project: Project) -> None:
    with pytest.raises(PolicyError) as caught:
        project.compile(INTENT.replace("labels: {team: x}", "labels: {}"), PRESETS)
    denied = {str(other.where) for d in caught.value.diagnostics if d.code == "policy/violation" for other in d.related}
    assert denied == {"stack/one.yaml:19:17"}


def test_a_reserved_variable_of_a_preset_is_reported_where_it_stands(project: Project) -> None:
    presets = {**PRESETS, "stack/two.yaml": "kind: IntentPreset\nspec:\n  env:\n    ORUN_X: y\n"}
    assert project.problems(INTENT, presets) == ["normalize/reserved-env stack/two.yaml:4:5"]
