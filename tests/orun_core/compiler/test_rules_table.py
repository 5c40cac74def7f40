"""One intent under every trigger: which environments, which profile, which edges, and who decided."""

from __future__ import annotations

from itertools import product

import pytest
from compiling import Project, composition
from orun_core.builtin.triggers import ManualTrigger
from orun_core.spec.plan import Dependency, Gate, Job, Plan, PrunedEdge
from orun_core.spec.trigger import TriggerEvent

PROFILES = composition(
    more="""
    defaultProfile: plain
    executionProfiles:
      plain: {jobs: {deploy: {stepsEnabled: [one]}}}
      quick: {jobs: {deploy: {stepsEnabled: [one]}}}
      full: {jobs: {deploy: {stepsEnabled: [one]}}}
    """
)
INTENT = """
    automation:
      triggerBindings:
        push: {on: {provider: manual, event: push}}
        release: {on: {provider: manual, event: push, tags: ["v*"]}}
        nightly: {on: {provider: manual, event: schedule}}
    environments:
      dev: {activation: {triggerRefs: [push, nightly]}}
      stage: {dependencyMode: advisory, activation: {triggerRefs: [push, release]}}
      prod: {activation: {triggerRefs: [release, nightly]}}
    components:
      - {name: base, type: svc, subscribe: {environments: [dev, stage, prod]}}
      - name: app
        type: svc
        dependsOn: [{component: base}]
        subscribe:
          environments:
            - name: dev
              profile: quick
              profileRules:
                - {profile: plain, when: {triggerRef: release}}
                - {profile: full, when: {triggerRef: push}}
                - {profile: plain, when: {triggerRef: push}}
              dependencyMode: advisory
              dependencyRules:
                - {mode: disabled, when: {triggerRef: nightly}}
                - {mode: enforced, when: {triggerRef: push}}
            - name: stage
              profile: quick
              profileRules: [{profile: full, when: {triggerRef: release}}]
              dependencyRules:
                - {mode: enforced, when: {triggerRef: release}}
                - {mode: disabled, when: {triggerRef: push}}
            - {name: prod, dependencyMode: advisory}
"""

TAG = {"event": "push", "tag": "v1.2"}
EVENTS = {
    "push": {"event": "push", "branch": "main"},
    "push+release": TAG,
    "nightly": {"event": "schedule"},
}
ENFORCED, ADVISORY, NONE = ("base",), ("~base",), ()

# trigger → environment → (profile, who chose it, its rule, mode, who chose it, its rule, edges)
TABLE = {
    ("none", "dev"): ("quick", "subscription", "", "advisory", "subscription", "", ADVISORY),
    ("none", "stage"): ("quick", "subscription", "", "advisory", "environment", "", ADVISORY),
    ("none", "prod"): ("plain", "composition-default", "", "advisory", "subscription", "", ADVISORY),
    ("push", "dev"): ("full", "subscription-rule", "push", "enforced", "subscription-rule", "push", ENFORCED),
    ("push", "stage"): ("quick", "subscription", "", "disabled", "subscription-rule", "push", NONE),
    ("push", "prod"): None,
    ("release", "dev"): None,
    ("release", "stage"): (
        "full",
        "subscription-rule",
        "release",
        "enforced",
        "subscription-rule",
        "release",
        ENFORCED,
    ),
    ("release", "prod"): ("plain", "composition-default", "", "advisory", "subscription", "", ADVISORY),
    ("nightly", "dev"): ("quick", "subscription", "", "disabled", "subscription-rule", "nightly", NONE),
    ("nightly", "stage"): None,
    ("nightly", "prod"): ("plain", "composition-default", "", "advisory", "subscription", "", ADVISORY),
    ("push+release", "dev"): (
        "plain",
        "subscription-rule",
        "release",
        "enforced",
        "subscription-rule",
        "push",
        ENFORCED,
    ),
    ("push+release", "stage"): (
        "full",
        "subscription-rule",
        "release",
        "enforced",
        "subscription-rule",
        "release",
        ENFORCED,
    ),
    ("push+release", "prod"): ("plain", "composition-default", "", "advisory", "subscription", "", ADVISORY),
}


def event(name: str) -> TriggerEvent:
    return ManualTrigger().parse(EVENTS[name], {})


def planned(project: Project, trigger: str) -> Plan:
    if trigger == "none":
        return project.plan(INTENT, {"stack/compositions/svc/composition.yaml": PROFILES})
    request = {"event": event(trigger)} if trigger in EVENTS else {"trigger": trigger}
    return project.plan(INTENT, {"stack/compositions/svc/composition.yaml": PROFILES}, **request)


def facts(job: Job) -> tuple[object, ...]:
    edges = tuple(job_id.split(".")[0] for job_id in job.depends_on)
    edges += tuple("~" + job_id.split(".")[0] for job_id in job.advisory_depends_on)
    rules = (job.profile_source, job.profile_rule_trigger_ref)
    modes = (job.dependency_mode, job.dependency_source, job.dependency_rule_trigger_ref)
    return (job.profile.removeprefix("svc."), *rules, *modes, edges)


@pytest.mark.parametrize(("trigger", "environment"), TABLE)
def test_a_trigger_in_an_environment(project: Project, trigger: str, environment: str) -> None:
    plan = planned(project, trigger)
    found = [facts(job) for job in plan.jobs if (job.component, job.environment) == ("app", environment)]
    expected = TABLE[trigger, environment]
    assert found == ([] if expected is None else [expected])
    assert (environment in plan.metadata.selection.envs) == (expected is not None)


@pytest.mark.parametrize("name", EVENTS)
def test_an_event_is_the_named_triggers_that_it_matches(project: Project, name: str) -> None:
    trigger = planned(project, name).metadata.trigger
    assert (trigger.matched_bindings, trigger.mode) == (tuple(name.split("+")), "event-file")


# --- promotion ---------------------------------------------------------------------------------------------------------

STRATEGIES = ("same-component", "environment-barrier")
SATISFIES = ("same-plan", "previous-success", "same-plan-or-previous-success")
EDGES = {"same-component": ("a.dev.deploy",), "environment-barrier": ("a.dev.deploy", "b.dev.deploy")}
GATE = (Gate("environment-promotion", "dev", "a", "approved", {"revision": "merge"}),)
PRUNED = (PrunedEdge("promotion", "prod", "dev", "env-not-selected"),)


def promoted(project: Project, strategy: str, satisfy: str, *environments: str) -> Plan:
    intent = f"""
        environments:
          dev: {{}}
          prod:
            promotion:
              dependsOn:
                - {{environment: dev, strategy: {strategy}, satisfy: {satisfy}, condition: approved, match: {{revision: merge}}}}
        components:
          - {{name: a, type: svc, subscribe: {{environments: [{{name: dev}}, {{name: prod, dependencyMode: disabled}}]}}}}
          - {{name: b, type: svc, subscribe: {{environments: [dev]}}}}
        """
    return project.plan(intent, environments=environments)


@pytest.mark.parametrize(("strategy", "satisfy", "both"), product(STRATEGIES, SATISFIES, (True, False)))
def test_a_promotion(project: Project, strategy: str, satisfy: str, both: bool) -> None:
    plan = promoted(project, strategy, satisfy, *(("dev", "prod") if both else ("prod",)))
    job = plan.job("a.prod.deploy")
    ordered = both and satisfy != "previous-success"
    gated = not both and satisfy != "same-plan"
    assert job.depends_on == (EDGES[strategy] if ordered else ())
    assert {edge.kind for edge in job.dependencies} == ({"promotion"} if ordered else set())
    assert job.gates == (GATE if gated else ())
    assert plan.metadata.selection.pruned_edges == (PRUNED if not both and satisfy == "same-plan" else ())


@pytest.mark.parametrize(("field", "value"), [("strategy", "same-componant"), ("satisfy", "sometime")])
def test_a_misspelt_promotion_has_no_effect_and_a_warning(project: Project, field: str, value: str) -> None:
    intent = f"""
        environments: {{dev: {{}}, prod: {{promotion: {{dependsOn: [{{environment: dev, {field}: {value}}}]}}}}}}
        components: [{{name: a, type: svc, subscribe: {{environments: [dev, prod]}}}}]
        """
    compiled = project.compile(intent)
    assert [warning.code for warning in compiled.warnings] == ["normalize/unknown-promotion"]
    assert compiled.plan.job("a.prod.deploy").depends_on == ()


def test_an_edge_that_is_declared_twice_says_both_reasons(project: Project) -> None:
    jobs = project.jobs(
        """
        environments: {dev: {}, prod: {promotion: {dependsOn: [{environment: dev}]}}}
        components:
          - {name: b, type: svc, subscribe: {environments: [dev]}}
          - name: a
            type: svc
            subscribe: {environments: [dev, prod]}
            dependsOn:
              - {component: b, environment: dev, reason: the schema}
              - {component: b, environment: dev, reason: the queue}
              - {component: a, environment: dev, include: if-selected, condition: ignored, reason: warm caches}
        """.replace("[dev, prod]}", "[{name: dev, dependencyMode: disabled}, prod]}")
    )
    reasons = "prod is promoted from dev (same-component)"
    assert jobs["a.prod.deploy"].dependencies == (
        Dependency("a.dev.deploy", "component", "enforced", f"warm caches in dev; {reasons}"),
        Dependency("b.dev.deploy", "component", "enforced", "the schema in dev; the queue in dev"),
    )
    assert jobs["a.prod.deploy"].depends_on == ("a.dev.deploy", "b.dev.deploy")
