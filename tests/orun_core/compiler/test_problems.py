"""A small workspace, one thing wrong with it, and what is said: code and place of every problem."""

from __future__ import annotations

import pytest
from compiling import STACK, Project, composition
from orun_core.spec.errors import CompileError, Severity

COMPOSITION = "stack/compositions/svc/composition.yaml"
LONG = "x" * 300
USED = "environments: {dev: {}}\ncomponents: [{name: a, type: svc, subscribe: {environments: [dev]}}]\n"


def rewritten(profiles: str, default: str = "defaultProfile: std\n") -> dict[str, str]:
    """The composition with these inline profiles."""
    return {COMPOSITION: composition(more=f"{default}executionProfiles: {profiles}")}


PACKAGE_CASES = {
    "a source of another kind": (
        {"intent.yaml": "compositions: {sources: [{name: x, kind: dir, path: ./stack}, {name: x, kind: dir, path: ./stack}]}\n"},
        ["load/duplicate-source intent.yaml:1:63"],
    ),
    "a manifest without a name": (
        {"stack/stack.yaml": "kind: Stack\n"},
        ["package/no-name stack/stack.yaml:1:1"],
    ),
    "a path that names no folder": (
        {"stack/stack.yaml": STACK + "spec: {compositions: [{path: svc.yaml}]}\n"},
        ["package/bad-path stack/stack.yaml:4:23"],
    ),
    "a path that leaves the package": (
        {"stack/stack.yaml": STACK + "spec: {compositions: [{path: ../outside/svc/c.yaml}]}\n", "outside/svc/c.yaml": composition()},
        ["package/bad-path stack/stack.yaml:4:23"],
    ),
    "a path that no disk takes": (
        {"stack/stack.yaml": STACK + f'spec: {{compositions: [{{path: "compositions/a\\0/c.yaml"}}, {{path: {LONG}/c.yaml}}]}}\n'},
        ["load/unreadable stack/stack.yaml:4:23", "load/unreadable stack/stack.yaml:4:58"],
    ),
    "a schema outside the package": (
        {
            COMPOSITION: composition().replace("parameterSchema: {type: object}", "schemaRef: {name: ../../../x}"),
            "x.yaml": "kind: ComponentSchema\nmetadata: {name: ../../../x}\n",
        },
        [f"package/missing-document {COMPOSITION}:6:3"],
    ),
    "a name that no disk takes": (
        {COMPOSITION: composition().replace("parameterSchema: {type: object}", f"schemaRef: {{name: {LONG}}}")},
        [f"package/missing-document {COMPOSITION}:6:3"],
    ),
    "a preset outside the package": (
        {
            "stack/stack.yaml": STACK + "spec: {intentPresets: [{name: p, path: ../p.yaml}]}\n",
            "p.yaml": "kind: IntentPreset\n",
            "intent.yaml": "compositions: {sources: [{name: x, kind: dir, path: ./stack}]}\nextends: [{source: x, preset: p}]\n",
        },
        ["package/bad-path stack/stack.yaml:4:24"],
    ),
    "folders that no disk takes": (
        {"intent.yaml": f"compositions: {{sources: [{{name: x, kind: dir, path: {LONG}}}]}}\ndiscovery: {{roots: [{LONG}]}}\n"},
        ["source/not-found intent.yaml:1:47", "load/discovery-root intent.yaml:2:21"],
    ),
    "two exports of one name": (
        {"stack/more/svc/composition.yaml": composition()},
        ["package/duplicate-export stack/more/svc/composition.yaml:1:1"],
    ),
    "an empty legacy package": (
        {"old/orun.yaml": "kind: CompositionPackage\nmetadata: {name: old}\n", "intent.yaml": "compositions: {sources: [{name: x, kind: dir, path: ./old}]}\n"},
        ["package/no-exports old/orun.yaml:1:1"],
    ),
    "two jobs of one name": (
        {COMPOSITION: composition().replace("  jobs:\n", "  jobs:\n    - {name: deploy}\n")},
        ["package/duplicate-job stack/compositions/svc/composition.yaml:9:7"],
    ),
    "two steps of one id": (
        {COMPOSITION: composition(steps="[{id: s, run: x}, {name: s, run: y}]")},
        ["package/duplicate-step stack/compositions/svc/composition.yaml:11:32"],
    ),
    "a profile of nothing": (
        rewritten("{std: {jobs: {}}}"),
        ["package/empty-profile stack/compositions/svc/composition.yaml:13:23"],
    ),
    "profiles without a default": (
        rewritten("{std: {jobs: {deploy: {stepsEnabled: [one]}}}}", default=""),
        ["package/no-default-profile stack/compositions/svc/composition.yaml:3:1"],
    ),
    "a default that is no profile": (
        rewritten("{std: {jobs: {deploy: {stepsEnabled: [one]}}}}", default="defaultProfile: stf\n"),
        ["package/unknown-profile stack/compositions/svc/composition.yaml:12:3"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PACKAGE_CASES)
def test_packages(project: Project, name: str) -> None:
    files, problems = PACKAGE_CASES[name]
    assert project.problems(USED, files) == problems


INTENT_CASES = {
    "a binding to a source without the type": (
        "compositions: {sources: [{name: local, kind: dir, path: ./stack}, {name: two, kind: dir, path: ./two}],\n"
        "  resolution: {bindings: {svc: two}}}\n" + USED,
        {"two/stack.yaml": STACK, "two/compositions/other/composition.yaml": composition("other")},
        ["normalize/bad-binding intent.yaml:2:27", "normalize/unknown-type intent.yaml:4:24"],
    ),
    "rules without a fallback": (
        (
            "%s"
            "automation: {triggerBindings: {t: {}}}\nenvironments: {dev: {}}\ncomponents:\n  - name: a\n    type: svc\n    subscribe:\n"
            "      environments: [{name: dev, profileRules: [{profile: p, when: {triggerRef: t}}]}]\n"
        ),
        {},
        ["normalize/no-fallback-profile intent.yaml:8:22"],
    ),
    "a required secret that cannot be mapped": (
        "%s" + USED,
        rewritten("{std: {jobs: {deploy: {stepsEnabled: [one]}}, secretBindings: {K: {required: true}}}}"),
        ["bind/secret-binding stack/compositions/svc/composition.yaml:13:85"],
    ),
    "secrets to be written that are not there": (
        "%s" + USED,
        rewritten("{std: {jobs: {deploy: {stepsEnabled: [one]}}, materialize: {target: vault, secrets: [Z]}}}"),
        ["bind/materialize stack/compositions/svc/composition.yaml:13:107"],
    ),
}  # fmt: skip

SOURCES = "compositions: {sources: [{name: local, kind: dir, path: ./stack}]}\n"


@pytest.mark.parametrize("name", INTENT_CASES)
def test_intents(project: Project, name: str) -> None:
    intent, files, problems = INTENT_CASES[name]
    text = intent.replace("%s", SOURCES)
    assert project.problems("", {**files, "intent.yaml": text}) == problems


def test_a_package_one_folder_below_is_named(project: Project) -> None:
    project.write({"stacks/ops/stack.yaml": STACK, "stacks/base/stack.yaml": STACK})
    with pytest.raises(CompileError) as caught:
        project.compile("", {"intent.yaml": "compositions: {sources: [{name: x, kind: dir, path: ./stacks}]}\n"})
    (found,) = caught.value.diagnostics
    assert (found.code, found.hint) == ("package/no-manifest", "there is one in base, ops")


def test_fields_of_an_older_orun_are_one_warning_each(project: Project) -> None:
    component = "kind: Component\nmetadata: {name: %s}\nspec: {type: svc, inputs: {size: 1}}\n"
    files = {
        "apps/b/component.yaml": component % "b",
        "apps/c/component.yaml": component % "c",
        "apps/d/component.yaml": component.replace("{size: 1}", "{}") % "d",
    }
    compiled = project.compile(
        """
        groups: {g: {defaults: {lane: fast}}}
        environments: {dev: {defaults: {lane: slow}}, prod: {defaults: }, stage: {defaults: {lane: slow}}}
        """,
        files,
    )
    assert [(w.code, str(w.where), w.message.partition(" no effect")[2], w.hint) for w in compiled.warnings] == [
        ("load/retired-field", "apps/b/component.yaml:3:19", ", here and in 1 more place", "write parameters"),
        ("load/retired-field", "intent.yaml:3:14", ", here and in 2 more places", 'write parameterDefaults: {"*": …}'),
    ]


def test_the_schema_of_an_older_composition_is_named(project: Project) -> None:
    with pytest.raises(CompileError) as caught:
        project.compile(
            USED, {COMPOSITION: composition().replace("parameterSchema: {type: object}", "inputSchema: {type: object}")}
        )
    assert [(d.code, d.hint) for d in caught.value.diagnostics] == [
        ("package/no-schema", ""),
        ("load/retired-field", "write parameterSchema"),
    ]


def test_names_of_an_older_orun_in_templates_are_one_warning_for_a_file(project: Project) -> None:
    steps = "[{name: one, run: '{{ .Environment }} {{ .size }}'}, {name: two, run: '{{ .size }} {{ .parameters.siez }} {{ .parameters.siez }}'}]"
    compiled = project.compile(
        "environments: {dev: {}}\ncomponents:\n"
        "  - {name: a, type: svc, parameters: {size: 1}, subscribe: {environments: [dev]}}\n"
        "  - {name: b, type: svc, parameters: {size: 1}, subscribe: {environments: [dev]}}\n",
        {COMPOSITION: composition(steps=steps)},
    )
    assert [(str(w.where), w.message, w.hint) for w in compiled.warnings] == [
        (
            f"{COMPOSITION}:11:27",
            "run, line 1: .Environment, .size are names of an older orun, not set for a in dev and 1 more; rendered empty",
            "write {{ .orun.environment.name }}, {{ .parameters.size }}",
        ),
        (
            f"{COMPOSITION}:11:79",
            "run, line 1: .parameters.siez is not set for a in dev and 1 more; it renders empty",
            'did you mean .parameters.size? set it, or write a default: {{ or .parameters.siez "…" }}',
        ),
    ]


def test_a_parameter_that_is_null_is_not_called_misspelt(project: Project) -> None:
    compiled = project.compile(
        "environments: {dev: {}}\ncomponents: [{name: a, type: svc, parameters: {tag: null}, subscribe: {environments: [dev]}}]\n",
        {COMPOSITION: composition(steps="[{name: one, run: 'echo {{ .parameters.tag }}'}]")},
    )
    assert [w.hint for w in compiled.warnings] == ['set it, or write a default: {{ or .parameters.tag "…" }}']


def test_paths_of_a_manifest_are_relative_to_the_package(project: Project) -> None:
    stack = STACK + "spec: {compositions: [{path: ' /compositions//svc/./composition.yaml '}]}\n"
    assert list(project.jobs(USED, {"stack/stack.yaml": stack})) == ["a.dev.deploy"]


def test_a_composition_with_profiles_and_no_choice(project: Project) -> None:
    split = composition(more="profiles: [{name: p, profileRef: {name: pf}}]")
    files = {
        COMPOSITION: split,
        "stack/compositions/svc/profiles/pf.yaml": "kind: ExecutionProfile\nmetadata: {name: pf}\nspec: {jobs: {deploy: {stepsEnabled: [one]}}}\n",
    }
    assert project.problems(USED, files) == ["expand/no-profile intent.yaml:3:14"]


TRIGGERED = """\
automation: {triggerBindings: {lone: {on: {provider: github, event: push}}, used: {on: {provider: github, event: push}}}}
environments: {dev: {activation: {triggerRefs: [used]}}, prod: {}}
components: [{name: a, type: svc, subscribe: {environments: [dev, prod]}}]
"""


@pytest.mark.parametrize(
    ("request_", "problem"),
    [
        ({"trigger": "lnoe"}, "trigger/unknown-binding"),
        ({"trigger": "lone"}, "trigger/activates-nothing"),
        ({"trigger": "used", "environments": ("prod",)}, "trigger/environment-not-activated"),
    ],
)
def test_triggers(project: Project, request_: dict[str, object], problem: str) -> None:
    assert project.problems(TRIGGERED, **request_) == [problem]


def profiled(steps: str, selection: str) -> dict[str, str]:
    """The composition with these steps, and a profile that selects among them."""
    profile = "kind: ExecutionProfile\nmetadata: {name: pf}\nspec: {jobs: {deploy: %s}}\n"
    return {
        COMPOSITION: composition(steps=steps, more="defaultProfile: p\nprofiles: [{name: p, profileRef: {name: pf}}]"),
        "stack/compositions/svc/profiles/pf.yaml": profile % selection,
    }


WARNINGS = {
    "a scope that is none": (
        "automation: {triggerBindings: {t: {plan: {scope: chnged}}}}\n" + USED, {},
        ["normalize/unknown-scope intent.yaml:2:43"],
    ),
    "an activation by nothing": (
        "environments: {dev: {activation: {triggerRefs: [nope]}}}\n", {},
        ["normalize/unknown-trigger intent.yaml:2:49"],
    ),
    "a path out of the workspace": (
        "environments: {dev: {}}\ncomponents: [{name: a, type: svc, path: ../x, subscribe: {environments: [dev]}}]\n", {},
        ["expand/path-outside intent.yaml:3:35"],
    ),
    "an orun name for a secret": (
        "environments: {dev: {}}\nsecretEnv: {ORUN_X: secret://w/K}\n", {},
        ["normalize/reserved-env intent.yaml:3:13"],
    ),
    "a timeout that is none": (
        USED, {COMPOSITION: composition().replace("10m", "soon")},
        ["bind/bad-duration stack/compositions/svc/composition.yaml:10:7"],
    ),
    "names of GitHub for variables": (
        "environments: {dev: {env: {GITHUB_TOKEN: x}}}\n", {},
        ["normalize/reserved-env intent.yaml:2:28"],
    ),
    "names that only orun sets, in a step": (
        USED, {COMPOSITION: composition(steps="[{name: s, run: x, env: {ORUN_X: 1, A: 2, GITHUB_TOKEN: y}}]")},
        ["bind/reserved-env stack/compositions/svc/composition.yaml:11:39", "bind/reserved-env stack/compositions/svc/composition.yaml:11:56"],
    ),
    "an onFailure that is none": (
        USED, {COMPOSITION: composition(steps="[{name: s, run: x, onFailure: contine}, {name: t, run: x, onFailure: stop}]")},
        ["bind/bad-on-failure stack/compositions/svc/composition.yaml:11:33"],
    ),
    "slips of the hand": (
        """
        groups: {platform: {parameterDefaults: {svcc: {a: 1}}}}
        environments:
          dev: {parameterDefaults: {scv: {a: 1}, other: {a: 1}, "*": {a: 1}}, selectors: {components: [wbe, we*, zz], domains: [Platfrom]}}
        components:
          - {name: web, type: svc, domain: platfrom, subscribe: {environments: [dev]}}
          - {name: two, type: svc, domain: platform, subscribe: {environments: [dev]}}
          - {name: three, type: svc, domain: unguarded}
        """,
        {},
        ["normalize/slip intent.yaml:3:41", "normalize/slip intent.yaml:5:29", "normalize/slip intent.yaml:5:96",
         "normalize/slip intent.yaml:5:121", "normalize/slip intent.yaml:7:28"],
    ),
    "fewer retries than none": (
        USED, {COMPOSITION: composition(steps="[{name: s, run: x, retry: -1}]")},
        ["bind/bad-count stack/compositions/svc/composition.yaml:11:33"],
    ),
    "a profile that misspells a step": (
        USED,
        profiled("[{id: build, run: x}, {id: publish, run: y}]", "{stepsEnabled: [build, sign, publsh], stepOverrides: {buid: {run: z}}}"),
        ["bind/unknown-name stack/compositions/svc/profiles/pf.yaml:3:52", "bind/unknown-name stack/compositions/svc/profiles/pf.yaml:3:77"],
    ),
    "a profile that misspells a capability": (
        USED,
        profiled("[{id: build, run: x, capability: svc.build}, {id: s, run: y}]", "{includeCapabilities: [svc.biuld, svc.sign]}"),
        ["bind/unknown-name stack/compositions/svc/profiles/pf.yaml:3:46"],
    ),
    "a profile that takes no step": (
        USED,
        profiled("[{name: one, run: x}]", "{}"),
        ["bind/no-steps stack/compositions/svc/profiles/pf.yaml:3:15"],
    ),
    "a type on its way out": (
        USED, {COMPOSITION: composition(more="lifecycle: deprecated")},
        ["normalize/deprecated stack/compositions/svc/composition.yaml:12:3"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WARNINGS)
def test_warnings(project: Project, name: str) -> None:
    intent, files, warnings = WARNINGS[name]
    assert project.warnings(intent, files) == warnings
    strict = project.problems(intent, files, strict=True)
    assert strict == warnings


LOOKED = "looked for compositions/svc"
MISTAKES = {
    "a folder that is nearly there": (
        {"intent.yaml": "compositions: {sources: [{name: x, kind: dir, path: ./stak}]}\n"},
        ['composition source "x": no folder at ./stak', 'did you mean "./stack"?'],
    ),
    "a document that is nearly there": (
        {
            COMPOSITION: composition(more="profiles: [{name: p, profileRef: {name: svc-chek}}]"),
            "stack/compositions/svc/profiles/svc-check.yaml": "kind: ExecutionProfile\nmetadata: {name: svc-check}\n",
        },
        [
            'ExecutionProfile "svc-chek" not found',
            f"{LOOKED}/profiles/svc-chek.yaml or compositions/svc/svc-chek.yaml; there is compositions/svc/profiles/svc-check.yaml",
        ],
    ),
    "a document of another name": (
        {
            COMPOSITION: composition().replace("parameterSchema: {type: object}", "schemaRef: {name: svc}"),
            "stack/compositions/svc/schema.yaml": "kind: ComponentSchema\nmetadata: {name: service}\n",
        },
        [
            'ComponentSchema "svc" not found',
            f'{LOOKED}/schema.yaml or compositions/svc/svc.yaml; compositions/svc/schema.yaml is ComponentSchema "service"',
        ],
    ),
    "a composition that is not called like its folder": (
        {COMPOSITION: composition("service")},
        [
            'metadata.name "service" must be the name of its export, "svc"',
            "an export is named by its folder, in an orun.yaml by `composition`",
        ],
    ),
    "a plain secret, once for all environments": (
        {
            "intent.yaml": "%senvironments: {dev: {}, prod: {}}\nsecretEnv: {KEY: hunter2}\n"
            "components: [{name: a, type: svc, subscribe: {environments: [dev, prod]}}]\n"
        },
        [
            "secret KEY: not a scope reference (want <scheme>://[<workspace>/][<dim>:<value>/]*<KEY>[@<version>])",
            "write secret://NAME; its value is that of ORUN_SECRET_NAME in a run",
        ],
    ),
    "an unfinished expression": (
        {"intent.yaml": "%s" + USED + "constraints: [{name: c, rule: 'job.name =='}]\n"},
        ["not a CEL expression: 1:12: Syntax error: mismatched input '<EOF>'", ""],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_what_is_said_of_a_mistake(project: Project, name: str) -> None:
    files, (message, hint) = MISTAKES[name]
    files = {path: text.replace("%s", SOURCES) for path, text in files.items()}
    with pytest.raises(CompileError) as caught:
        project.compile(USED, files)
    assert [(d.message, d.hint) for d in caught.value.diagnostics if d.severity is Severity.ERROR] == [(message, hint)]


def test_a_component_that_is_not_planned_is_not_unknown(project: Project) -> None:
    intent = """
        environments: {dev: {}}
        components:
          - {name: a, type: svc, subscribe: {environments: [dev]}, dependsOn: [{component: off}, {component: of}]}
          - {name: off, type: svc, enabled: false}
        """
    compiled = project.compile(intent)
    assert [(w.message, w.hint) for w in compiled.warnings] == [
        ('component "a" depends on component "off", which is disabled', ""),
        ('component "a" depends on unknown component "of"', 'did you mean "off"?'),
    ]
    with pytest.raises(CompileError) as caught:
        project.compile(intent.replace("type: svc, enabled: false", "enabled: true"))
    assert [d.message for d in caught.value.diagnostics][0::2] == [
        'component "a" depends on component "off", which cannot be planned',
        'component "off" must have a type',
    ]
