"""The original's registered defects that no observed vector covers: what this orun does instead. `docs/compatibility.md` lists them all."""

from __future__ import annotations

from textwrap import dedent

from compiling import STACK, Project, composition
from orun_core.spec.plan import Policy

COMPOSITION = "stack/compositions/svc/composition.yaml"
ONE = "components: [{name: a, type: svc, subscribe: {environments: [dev]}}]\n"


def test_b2_paths_of_groups_and_environments_have_no_effect(project: Project) -> None:
    compiled = project.compile("""
        groups: {g: {path: gp}}
        environments: {dev: {path: ep}}
        components: [{name: a, type: svc, domain: g, subscribe: {environments: [dev]}}]
        """)
    assert compiled.plan.jobs[0].path == "./"
    assert [(d.message, d.hint) for d in compiled.warnings] == [
        (
            'the field "path" of an older orun has no effect, here and in 1 more place',
            'write parameterDefaults: {"*": {path: …}}',
        )
    ]


def test_b3_mended_policies_are_in_the_plan_with_their_layer(project: Project) -> None:
    jobs = project.jobs("""
        groups: {g: {policies: {maxTimeout: 20m, tier: core}}}
        environments: {dev: {policies: {maxTimeout: 30m}}}
        components: [{name: a, type: svc, domain: g, subscribe: {environments: [dev]}}]
        """)
    assert jobs["a.dev.deploy"].policies == (
        Policy("maxTimeout", "30m", "environment:dev"),
        Policy("tier", "core", "group:g"),
    )


def test_b6_condition_and_scope_change_no_edge(project: Project) -> None:
    jobs = project.jobs("""
        environments: {dev: {}}
        components:
          - {name: b, type: svc, subscribe: {environments: [dev]}}
          - name: a
            type: svc
            subscribe: {environments: [dev]}
            dependsOn: [{component: b, condition: whenever, scope: anywhere}]
        """)
    assert jobs["a.dev.deploy"].depends_on == ("b.dev.deploy",)


def test_b10_mended_presets_count_everywhere(project: Project) -> None:
    files = {
        "stack/stack.yaml": STACK + "spec: {intentPresets: [{name: p, path: p.yaml}]}\n",
        "stack/p.yaml": """\
            kind: IntentPreset
            metadata: {name: p}
            spec: {automation: {triggerBindings: {push: {on: {provider: github, event: push}}}}}
            """,
    }
    compiled = project.compile(
        """
        extends: [{source: local, preset: p}]
        environments: {dev: {}}
        components:
          - name: a
            type: svc
            subscribe: {environments: [{name: dev, dependencyRules: [{mode: advisory, when: {triggerRef: push}}]}]}
        """,
        files,
    )
    assert [job.id for job in compiled.plan.jobs] == ["a.dev.deploy"]


def test_b11_roots_of_a_preset_have_no_effect(project: Project) -> None:
    files = {
        "stack/stack.yaml": STACK + "spec: {intentPresets: [{name: p, path: p.yaml}]}\n",
        "stack/p.yaml": "kind: IntentPreset\nmetadata: {name: p}\nspec: {discovery: {roots: [more]}}\n",
        "more/component.yaml": "kind: Component\nmetadata: {name: b}\nspec: {type: svc, subscribe: {environments: [dev]}}\n",
        "apps/component.yaml": "kind: Component\nmetadata: {name: a}\nspec: {type: svc, subscribe: {environments: [dev]}}\n",
    }
    intent = "extends: [{source: local, preset: p}]\ndiscovery: {roots: [apps]}\nenvironments: {dev: {}}\n"
    assert list(project.jobs(intent, files)) == ["a.dev.deploy"]


def test_b13_a_required_parameter_must_be_the_components_own(project: Project) -> None:
    schema = (
        "kind: Composition\nmetadata: {name: svc}\nspec:\n  type: svc\n  defaultJob: deploy\n  jobs: [{name: deploy}]\n"
    )
    schema += "  parameterSchema: {properties: {parameters: {required: [size]}}}\n"
    found = project.problems(
        "environments: {dev: {parameterDefaults: {svc: {size: 1}}}}\n" + ONE, {COMPOSITION: schema}
    )
    assert [problem.split()[0] for problem in found] == ["normalize/schema"]


def test_b14_mended_labels_are_checked_by_the_schema(project: Project) -> None:
    schema = (
        "kind: Composition\nmetadata: {name: svc}\nspec:\n  type: svc\n  defaultJob: deploy\n  jobs: [{name: deploy}]\n"
    )
    schema += "  parameterSchema: {properties: {labels: {type: object, required: [team]}}}\n"
    files = {COMPOSITION: schema}
    assert [p.split()[0] for p in project.problems("environments: {dev: {}}\n" + ONE, files)] == ["normalize/schema"]
    labelled = ONE.replace("type: svc,", "type: svc, labels: {team: x},")
    assert list(project.jobs("environments: {dev: {}}\n" + labelled, files)) == ["a.dev.deploy"]


def test_b16_a_rule_without_profiles_is_recorded(project: Project) -> None:
    job = project.jobs(
        """
        automation: {triggerBindings: {push: {on: {provider: github, event: push}}}}
        environments: {dev: {activation: {triggerRefs: [push]}}}
        components:
          - name: a
            type: svc
            subscribe:
              environments: [{name: dev, profile: x, profileRules: [{profile: y, when: {triggerRef: push}}]}]
        """,
        trigger="push",
    )["a.dev.deploy"]
    assert (job.profile, job.profile_source, job.profile_rule_trigger_ref) == ("", "subscription-rule", "push")


def test_b22_the_registry_is_looked_up_by_type(project: Project) -> None:
    files = {
        "other/stack.yaml": "kind: Stack\nmetadata: {name: other-stack}\n",
        "other/compositions/alt/composition.yaml": composition("alt"),
    }
    intent = """
        environments: {dev: {}}
        components:
          - {name: a, type: svc, compositionRef: {source: two, name: alt}, subscribe: {environments: [dev]}}
        """
    two = "compositions: {sources: [{name: local, kind: dir, path: ./stack}, {name: two, kind: dir, path: ./other}]}\n"
    project.write(files)
    jobs = project.jobs("", {"intent.yaml": two + dedent(intent)})
    assert jobs["a.dev.deploy"].job_registry == "st"


def test_b40_mended_the_first_character_of_a_display_name_is_a_capital(project: Project) -> None:
    text = composition().replace("deploy", "élan-vital")
    jobs = project.jobs("environments: {dev: {}}\n" + ONE, {COMPOSITION: text})
    assert jobs["a.dev.élan-vital"].display_name == "Élan vital"


def test_b43_gates_do_not_ask_whether_the_component_was_there(project: Project) -> None:
    jobs = project.jobs(
        """
        environments: {dev: {}, prod: {promotion: {dependsOn: [{environment: dev}]}}}
        components: [{name: a, type: svc, subscribe: {environments: [prod]}}]
        """,
        environments=("prod",),
    )
    assert [gate.environment for gate in jobs["a.prod.deploy"].gates] == ["dev"]


def test_m2_mended_the_folder_of_the_checkout_is_in_no_secret_reference(project: Project) -> None:
    more = """
        defaultProfile: std
        executionProfiles:
          std: {jobs: {deploy: {stepsEnabled: [one]}}, secretBindings: {K: {required: true}}}
        """
    intent = "metadata: {name: platform}\nexecution: {state: {workspace: w}}\nenvironments: {dev: {}}\n" + ONE
    job = project.jobs(intent, {COMPOSITION: composition(more=more)})["a.dev.deploy"]
    assert [secret.ref for secret in job.secret_refs] == ["secret://w/project:platform/env:dev/K"]
