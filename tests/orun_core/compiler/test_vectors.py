"""Observed input → output vectors of the original (spec compile, appendix E), with the differences we made on purpose marked `mended`."""

from __future__ import annotations

import pytest
from compiling import STACK, Project, composition
from orun_core.spec.errors import CompileError, EmptySelectionError, UsageError
from orun_core.spec.nearest import nearest
from orun_core.spec.plan import PrunedEdge, SecretRef
from orun_core.spec.trigger import TriggerEvent

COMPOSITION = "stack/compositions/svc/composition.yaml"


def test_e1_a_component_without_subscription_goes_nowhere(project: Project) -> None:
    plan = project.plan("environments: {dev: {}}\ncomponents: [{name: a, type: svc}]")
    assert plan.jobs == ()
    assert plan.metadata.selection.envs == ("dev",)
    assert plan.metadata.selection.components == ()


def test_e2_a_selector_star_takes_components_without_subscription(project: Project) -> None:
    jobs = project.jobs("""
        environments: {dev: {selectors: {components: ["*"]}}, other: {}}
        components: [{name: a, type: svc}, {name: b, type: svc, subscribe: {environments: [nowhere]}}]
        """)
    assert list(jobs) == ["a.dev.deploy"]


def test_e3_a_selector_prefix(project: Project) -> None:
    jobs = project.jobs("""
        environments: {dev: {selectors: {components: ["ap*"]}}}
        components: [{name: api, type: svc}, {name: b, type: svc}]
        """)
    assert list(jobs) == ["api.dev.deploy"]


def test_e4_domains_restrict_everyone(project: Project) -> None:
    jobs = project.jobs("""
        environments: {dev: {selectors: {domains: [d1]}}}
        components:
          - {name: a, type: svc, domain: d1}
          - {name: b, type: svc, domain: d1, subscribe: {environments: ["*"]}}
          - {name: c, type: svc, domain: d2, subscribe: {environments: [dev]}}
        """)
    assert list(jobs) == ["b.dev.deploy"]


def test_e5_a_pattern_subscription_contributes_nothing(project: Project) -> None:
    jobs = project.jobs("""
        environments: {dev: {}, dev2: {}, prod: {}}
        components:
          - {name: a, type: svc, subscribe: {environments: [{name: "dev*", parameters: {x: 1}, env: {A: b}}]}}
        """)
    assert list(jobs) == ["a.dev.deploy", "a.dev2.deploy"]
    assert all(job.parameters == {} and job.env == {} for job in jobs.values())


def test_e6_mended_a_disabled_component_is_in_no_plan(project: Project) -> None:
    components = "components: [{name: a, type: svc, enabled: %s, subscribe: {environments: [dev]}}]"
    assert project.jobs("environments: {dev: {}}\n" + components % "false") == {}
    assert list(project.jobs("environments: {dev: {}}\n" + components % "true")) == ["a.dev.deploy"]


def test_e7_the_first_exact_subscription_wins(project: Project) -> None:
    jobs = project.jobs("""
        environments: {dev: {}}
        components: [{name: a, type: svc, subscribe: {environments: [dev, {name: dev, parameters: {x: 1}}]}}]
        """)
    assert jobs["a.dev.deploy"].parameters == {}


def test_e8_numbers_are_names(project: Project) -> None:
    intent = "environments: {1: {}}\ncomponents: [{name: 5, type: svc, subscribe: {environments: [1]}}]"
    assert list(project.jobs(intent)) == ["5.1.deploy"]


def test_e9_group_paths_win_over_environment_paths(project: Project) -> None:
    jobs = project.jobs("""
        environments: {dev: {parameterDefaults: {"*": {path: ep}}}}
        groups: {g: {parameterDefaults: {"*": {path: "gp/{{ .component }}"}, svc: {path: "gt/{{.component}}"}}}}
        components: [{name: a, type: svc, domain: g, subscribe: {environments: [dev]}}]
        """)
    assert jobs["a.dev.deploy"].path == "gt/a"


def test_e10_the_component_path_wins_and_consumes_the_parameter(project: Project) -> None:
    jobs = project.jobs("""
        environments: {dev: {}}
        components:
          - name: b
            type: svc
            path: "x/{{ .environment }}/{{ .component }}"
            parameters: {path: other, kept: 1}
            subscribe: {environments: [dev]}
        """)
    assert jobs["b.dev.deploy"].path == "x/dev/b"
    assert jobs["b.dev.deploy"].parameters == {"kept": 1}


def test_e11_e12_interpolation_is_top_level_and_deletes_the_rest(project: Project) -> None:
    jobs = project.jobs("""
        environments: {dev: {}}
        components:
          - name: a
            type: svc
            domain: g
            parameters:
              lvl: "{{ .environment }}-{{.group}}-{{ .component }}-{{ .bogus }} "
              list: ["{{ .environment }}"]
            subscribe: {environments: [dev]}
        """)
    assert jobs["a.dev.deploy"].parameters == {"lvl": "dev-g-a-", "list": ["{{ .environment }}"]}


def test_e13_env_keeps_the_source_text(project: Project) -> None:
    jobs = project.jobs("""
        environments: {dev: {}}
        env: {A: 1, B: true, C: 1.50, D: null, E: 2024-01-01, F: yes, H: 0x1F}
        components: [{name: a, type: svc, subscribe: {environments: [dev]}}]
        """)
    expected = {"A": "1", "B": "true", "C": "1.50", "D": "", "E": "2024-01-01", "F": "yes", "H": "0x1F"}
    assert jobs["a.dev.deploy"].env == expected


def test_e14_mended_dates_and_leading_zeros_stay_text(project: Project) -> None:
    jobs = project.jobs("""
        environments: {dev: {}}
        components:
          - name: a
            type: svc
            parameters: {p: 1.0, d: 2024-01-01, y: yes, o: 0777, h: 0x1F, f: 1e3, n: null, u: 1_000, sex: 1:20, s: "<a&b>"}
            subscribe: {environments: [dev]}
        """)
    assert jobs["a.dev.deploy"].parameters == {
        "p": 1, "d": "2024-01-01", "y": "yes", "o": "0777", "h": 31, "f": 1000, "n": None, "u": 1000, "sex": "1:20", "s": "<a&b>",
    }  # fmt: skip


def test_e15_e16_shapes_that_are_refused(project: Project) -> None:
    intent = "environments: {dev: {}}\ncomponents: [{name: a, type: svc, %s}]"
    assert project.problems(intent % "dependsOn: [b]") == ["load/wrong-type intent.yaml:3:47"]
    assert project.problems(intent % "subscribe: [dev]") == ["load/wrong-type intent.yaml:3:46"]


def test_e17_steps_are_ordered_by_phase_then_order(project: Project) -> None:
    steps = """[{name: m2, order: 2, run: x}, {name: post1, phase: post, run: x}, {name: m1, order: 1, run: x},
        {name: m0, run: x}, {name: mneg, order: -1, run: x}, {name: pre2, phase: " PRE ", order: 5, run: x},
        {name: pre1, phase: pre, run: x}, {id: xid, name: m0b, run: x}]"""
    jobs = project.jobs(
        "environments: {dev: {}}\ncomponents: [{name: a, type: svc, subscribe: {environments: [dev]}}]",
        {COMPOSITION: composition(steps=steps)},
    )
    ordered = jobs["a.dev.deploy"].steps
    assert [step.id for step in ordered] == ["pre1", "pre2", "mneg", "m0", "m0b", "m1", "m2", "post1"]
    assert ordered[1].phase == "pre"


def test_e18_nameless_steps_are_numbered_and_keep_their_own_text(project: Project) -> None:
    steps = '[{name: one, run: echo 1}, {run: "echo {{ .orun.job.name }}"}, {run: echo 3}]'
    jobs = project.jobs(
        "environments: {dev: {}}\ncomponents: [{name: a, type: svc, subscribe: {environments: [dev]}}]",
        {COMPOSITION: composition(steps=steps)},
    )
    shown = [(step.id, step.run) for step in jobs["a.dev.deploy"].steps]
    assert shown == [("one", "echo 1"), ("step-2", "echo deploy"), ("step-3", "echo 3")]


PROFILED = """
    defaultProfile: std
    executionProfiles:
      std: {jobs: {deploy: {stepsEnabled: [two, one]}}}
      cap: {jobs: {deploy: {includeCapabilities: [c1]}}}
      changed: {jobs: {deploy: {includeCapabilities: [c1], stepOverrides: {one: {run: other, env: {A: b}}}}}}
    """
PROFILED_STEPS = "[{name: one, run: echo one, capability: c1}, {name: two, run: echo two, capability: c2}, {name: free, run: echo f}]"


def profiled(project: Project, profile: str) -> list[tuple[str, str]]:
    jobs = project.jobs(
        f"environments: {{dev: {{}}}}\ncomponents: [{{name: a, type: svc, subscribe: {{environments: [{{name: dev, profile: {profile}}}]}}}}]",
        {COMPOSITION: composition(steps=PROFILED_STEPS, more=PROFILED)},
    )
    return [(step.id, step.run) for step in jobs["a.dev.deploy"].steps]


def test_e19_e20_profiles_choose_steps_in_template_order(project: Project) -> None:
    assert profiled(project, "std") == [("one", "echo one"), ("two", "echo two")]
    assert profiled(project, "svc.std") == [("one", "echo one"), ("two", "echo two")]
    assert profiled(project, "cap") == [("one", "echo one"), ("free", "echo f")]
    assert profiled(project, "changed") == [("one", "other"), ("free", "echo f")]


def test_e21_a_profile_with_two_jobs_makes_two_jobs_without_an_edge(project: Project) -> None:
    text = """\
        kind: Composition
        metadata: {name: svc}
        spec:
          type: svc
          defaultJob: one
          defaultProfile: both
          parameterSchema: {type: object}
          jobs: [{name: one, steps: [{name: s, run: "1"}]}, {name: two, steps: [{name: s, run: "2"}]}]
          executionProfiles: {both: {jobs: {two: {stepsEnabled: [s]}, one: {stepsEnabled: [s]}}}}
        """
    jobs = project.jobs(
        "environments: {dev: {}}\ncomponents: [{name: a, type: svc, subscribe: {environments: [dev]}}]",
        {COMPOSITION: text},
    )
    assert [(job.id, job.depends_on, job.steps[0].run) for job in jobs.values()] == [
        ("a.dev.one", (), "1"),
        ("a.dev.two", (), "2"),
    ]


def test_e22_component_overrides_replace_or_append(project: Project) -> None:
    jobs = project.jobs(
        """
        environments: {dev: {}}
        components:
          - name: a
            type: svc
            overrides: {steps: [{name: s, run: new}, {name: extra, phase: pre, run: early}]}
            subscribe: {environments: [dev]}
        """,
        {COMPOSITION: composition(steps="[{name: s, run: old, timeout: 5m}, {name: t, run: keep}]")},
    )
    shown = [(step.id, step.run, step.timeout) for step in jobs["a.dev.deploy"].steps]
    assert shown == [("extra", "early", ""), ("s", "new", ""), ("t", "keep", "")]


E23 = """
    environments: {dev: {}, prod: {promotion: {dependsOn: [{environment: dev}]}}}
    components:
      - name: api
        type: svc
        dependsOn: [{component: db}, {component: zz}, {component: db, environment: prod}]
        subscribe: {environments: [dev, prod]}
      - {name: db, type: svc, subscribe: {environments: [dev, prod]}}
      - {name: web, type: svc, dependsOn: [{component: api, environment: dev}], subscribe: {environments: [prod]}}
    """


def test_e23_component_and_promotion_edges(project: Project) -> None:
    plan = project.plan(E23)
    assert plan.job("api.dev.deploy").depends_on == ("db.dev.deploy", "db.prod.deploy")
    assert plan.job("api.prod.deploy").depends_on == ("api.dev.deploy", "db.prod.deploy")
    assert plan.metadata.selection.mode == "full"
    assert PrunedEdge("component", "api", "zz", "component-not-selected") in plan.metadata.selection.pruned_edges


def test_e24_an_environment_outside_the_plan_becomes_a_gate(project: Project) -> None:
    plan = project.plan(E23, environments=("prod",))
    assert {job.id: [gate.environment for gate in job.gates] for job in plan.jobs} == {
        "db.prod.deploy": ["dev"], "api.prod.deploy": ["dev"], "web.prod.deploy": ["dev"],
    }  # fmt: skip
    assert PrunedEdge("component", "web", "api", "env-not-selected") in plan.metadata.selection.pruned_edges
    assert plan.metadata.selection.mode == "scoped"


def test_e25_cycles_are_refused_unless_advisory(project: Project) -> None:
    intent = """
        environments: {dev: {%s}}
        components:
          - {name: a, type: svc, dependsOn: [{component: b}], subscribe: {environments: [dev]}}
          - {name: b, type: svc, dependsOn: [{component: a}], subscribe: {environments: [dev]}}
        """
    with pytest.raises(CompileError) as caught:
        project.compile(intent % "")
    (cycle,) = caught.value.diagnostics
    assert cycle.message == "jobs depend on each other: a.dev.deploy → b.dev.deploy → a.dev.deploy"
    assert [str(related.where) for related in cycle.related] == ["intent.yaml:5:38", "intent.yaml:6:38"]
    jobs = project.jobs(intent % "dependencyMode: advisory")
    assert {i: job.advisory_depends_on for i, job in jobs.items()} == {
        "a.dev.deploy": ("b.dev.deploy",), "b.dev.deploy": ("a.dev.deploy",),
    }  # fmt: skip


def test_e26_a_missing_always_dependency_is_an_error(project: Project) -> None:
    intent = """
        environments: {dev: {}}
        components:
          - {name: a, type: svc, dependsOn: [{component: b, include: always}], subscribe: {environments: [dev]}}
          - {name: b, type: svc, subscribe: {environments: [dev]}}
        """
    assert project.problems(intent, components=("a",)) == ["resolve/missing-dependency intent.yaml:5:38"]


def test_e27_e28_selection(project: Project) -> None:
    intent = """
        environments: {dev: {}, prod: {}}
        components:
          - {name: api, type: svc, subscribe: {environments: [dev]}}
          - {name: db, type: svc, subscribe: {environments: [dev]}}
        """
    assert project.plan(intent, environments=("de*", "prod")).metadata.selection.envs == ("dev", "prod")
    assert list(project.jobs(intent, components=("d*",))) == ["db.dev.deploy"]
    with pytest.raises(UsageError) as caught:
        project.compile(intent, components=("db,api",))
    assert caught.value.diagnostics[0].hint.startswith('did you mean "api"?')
    assert nearest("pord", ("dev", "prod")) == "prod"


TRIGGERS = """
    automation:
      triggerBindings:
        push: {on: {provider: github, event: push, branches: [main]}, plan: {scope: full, base: before, head: after}}
        pr: {on: {provider: github, event: pull_request, actions: [opened]}}
    environments: {dev: {activation: {triggerRefs: [push]}}, prod: {}}
    components: [{name: a, type: svc, subscribe: {environments: [dev, prod]}}]
    """


def test_e29_mended_a_named_trigger_has_no_revisions(project: Project) -> None:
    trigger = project.plan(TRIGGERS, trigger="push").metadata.trigger
    assert (trigger.type, trigger.mode, trigger.scope, trigger.active_environments) == (
        "declared",
        "manual",
        "full",
        ("dev",),
    )
    assert (trigger.base, trigger.head) == ("", "")


def test_e30_an_event_gives_revisions_and_activates_environments(project: Project) -> None:
    event = TriggerEvent("github", "push", branch="main", payload={"before": "b" * 40, "after": "c1d2e3f4"})
    plan = project.plan(TRIGGERS, event=event)
    assert [job.id for job in plan.jobs] == ["a.dev.deploy"]
    assert (plan.metadata.trigger.base, plan.metadata.trigger.head) == ("b" * 40, "c1d2e3f4")


def test_e31_an_event_that_matches_nothing_says_why(project: Project) -> None:
    with pytest.raises(EmptySelectionError) as caught:
        project.compile(TRIGGERS, event=TriggerEvent("github", "pull_request", action="closed"))
    assert caught.value.diagnostics[0].code == "trigger/no-match"
    assert 'pr: action "closed" is not one of opened' in caught.value.diagnostics[0].hint


def test_e32_conflicting_scopes(project: Project) -> None:
    intent = TRIGGERS.replace(
        "pr: {on: {provider: github, event: pull_request, actions: [opened]}}",
        "push2: {on: {provider: github, event: push}, plan: {scope: changed}}",
    )
    assert project.problems(intent, event=TriggerEvent("github", "push", branch="main")) == [
        "trigger/conflicting-scopes"
    ]


def test_e37_a_type_of_two_sources_needs_a_choice(project: Project) -> None:
    files = {
        "two/stack.yaml": STACK.replace("st", "st2"),
        "two/compositions/svc/composition.yaml": composition(steps="[{name: two, run: x}]"),
    }
    intent = """
        %s
        environments: {dev: {}}
        components: [{name: a, type: svc, subscribe: {environments: [dev]}}]
        """
    sources = (
        "compositions: {sources: [{name: one, kind: dir, path: ./stack}, {name: two, kind: dir, path: ./two}]%s}\n"
    )

    def chosen(resolution: str) -> str:
        project.write({**files, "intent.yaml": sources % resolution})
        plan = project.plan(
            intent % "",
            {
                **files,
                "intent.yaml": sources % resolution
                + "environments: {dev: {}}\ncomponents: [{name: a, type: svc, subscribe: {environments: [dev]}}]\n",
            },
        )
        return plan.jobs[0].steps[0].id

    with pytest.raises(CompileError) as caught:
        chosen("")
    assert [d.code for d in caught.value.diagnostics] == ["normalize/ambiguous-type"]
    assert chosen(", resolution: {precedence: [two]}") == "two"
    assert chosen(", resolution: {bindings: {svc: one}}") == "one"


def test_e38_mended_a_component_file_may_choose_its_composition(project: Project) -> None:
    files = {
        "two/stack.yaml": STACK,
        "two/compositions/alt/composition.yaml": composition("alt", steps="[{name: alt, run: x}]"),
        "apps/a/component.yaml": (
            "kind: Component\nmetadata: {name: a}\n"
            "spec: {type: svc, compositionRef: {source: two, name: alt}, subscribe: {environments: [dev]}}\n"
        ),
        "intent.yaml": "compositions: {sources: [{name: local, kind: dir, path: ./stack}, {name: two, kind: dir, path: ./two}]}\nenvironments: {dev: {}}\n",
    }
    job = project.jobs("", files)["a.dev.deploy"]
    assert (job.composition, job.steps[0].id, job.path) == ("svc", "alt", "apps/a")


def test_e39_both_spellings_in_one_folder_are_two_components(project: Project) -> None:
    text = "kind: Component\nmetadata: {name: %s}\nspec: {type: svc, subscribe: {environments: [dev]}}\n"
    jobs = project.jobs("environments: {dev: {}}", {"a/component.yaml": text % "a", "a/component.yml": text % "b"})
    assert list(jobs) == ["a.dev.deploy", "b.dev.deploy"]


def test_e40_mended_presets_fill_and_never_erase(project: Project) -> None:
    preset = "kind: IntentPreset\nmetadata: {name: %s}\nspec: {env: {%s}, groups: {g: {policies: {%s}}}}\n"
    files = {
        "stack/stack.yaml": STACK + "spec: {intentPresets: [{name: p1, path: p1.yaml}, {name: p2, path: p2.yaml}]}\n",
        "stack/p1.yaml": preset % ("p1", "A: p1, B: p1", "k1: p1"),
        "stack/p2.yaml": preset % ("p2", "A: p2, B: p2, C: p2", "k1: p2, k2: p2"),
    }
    job = project.jobs(
        """
        extends: [{source: local, preset: p1}, {source: local, preset: p2}]
        env: {A: repo}
        groups: {g: {policies: {k: repo}}}
        environments: {dev: {dependencyMode: advisory, secretEnv: {S: secret://w/S}}}
        components: [{name: a, type: svc, domain: g, subscribe: {environments: [dev]}}]
        """,
        files,
    )["a.dev.deploy"]
    assert job.env == {"A": "repo", "B": "p1", "C": "p2"}
    assert {policy.name: policy.value for policy in job.policies} == {"k": "repo", "k1": "p1", "k2": "p2"}
    assert (job.dependency_mode, job.dependency_source) == ("advisory", "environment")
    assert job.secret_refs == (SecretRef("S", "secret://w/S"),)


def test_e42_secret_references_are_interpolated_and_kept_as_written(project: Project) -> None:
    jobs = project.jobs("""
        environments: {dev: {}}
        components:
          - name: a
            type: svc
            secretEnv: {S: secret://w/p/dev/COMP}
            subscribe: {environments: [{name: dev, secretEnv: {S: "secret://w/p/{{ .environment }}/SUB"}}]}
        """)
    assert jobs["a.dev.deploy"].secret_refs == (SecretRef("S", "secret://w/p/dev/SUB"),)


def test_e43_mended_profile_secrets_use_the_intents_name(project: Project) -> None:
    more = """
        defaultProfile: std
        executionProfiles:
          std:
            jobs: {deploy: {stepsEnabled: [one]}}
            secretBindings: {K: {required: true, asEnv: KK}, J: {}}
        """
    jobs = project.jobs(
        """
        metadata: {name: lab}
        execution: {state: {workspace: ws1}}
        environments: {dev: {}}
        components: [{name: a, type: svc, subscribe: {environments: [dev]}}]
        """,
        {COMPOSITION: composition(more=more)},
    )
    assert jobs["a.dev.deploy"].secret_refs == (
        SecretRef("J", "secret://ws1/project:lab/env:dev/J"),
        SecretRef("KK", "secret://ws1/project:lab/env:dev/K"),
    )


def test_e44_an_empty_intent_has_nothing_to_plan_with(project: Project) -> None:
    assert project.problems("", {"intent.yaml": ""}) == ["load/no-compositions intent.yaml:1:1"]
