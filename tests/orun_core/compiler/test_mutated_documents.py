"""Whatever stands in a document, there is a plan or there are diagnostics, each with a code and a place; never a crash."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from compiling import STACK, Project
from hypothesis import given, settings
from hypothesis import strategies as st
from orun_core.builtin.policies import policies
from orun_core.cli.report import text
from orun_core.compiler.yaml_source import dump, parse
from orun_core.plan.canonical import to_json
from orun_core.plan.reader import plan_of
from orun_core.spec.errors import OrunError

FILES = {
    "intent.yaml": """\
metadata: {name: shop, description: everything at once}
compositions:
  sources:
    - {name: local, kind: dir, path: ./stack}
  resolution: {precedence: [local], bindings: {svc: local}}
extends:
  - {source: local, preset: base}
discovery: {roots: [apps]}
env: {REGION: eu}
secretEnv:
  TOKEN: secret://TOKEN
automation:
  triggerBindings:
    push: {on: {provider: github, event: push, branches: [main]}, plan: {scope: full, base: before, head: after}}
groups:
  core: {policies: {isolation: none}, parameterDefaults: {"*": {size: 1}}}
environments:
  dev:
    activation: {triggerRefs: [push]}
    parameterDefaults: {svc: {size: 2}}
  prod:
    selectors: {components: ["*"], domains: [core]}
    dependencyMode: advisory
    promotion: {dependsOn: [{environment: dev, strategy: environment-barrier, satisfy: same-plan}]}
    policies:
      requireApproval: {required: true, approvers: [ada]}
      maxTimeout: 2h
      parameterBounds: {size: {max: 9}}
      forbiddenCommands: ["rm -rf /*"]
constraints:
  - {name: small, rule: parameters.size < 9, when: "environment == 'prod'", message: "'too large'", severity: warn}
execution: {concurrency: 2, failFast: true, state: {workspace: w}}
compiler: {schemaDefaults: apply}
components:
  - name: db
    type: svc
    domain: core
    subscribe: {environments: [dev, prod]}
""",
    "apps/api/component.yaml": """\
kind: Component
metadata: {name: api, labels: {team: core}}
spec:
  type: svc
  domain: core
  path: apps/api
  parameters: {size: 3, image: {tag: "1.0"}}
  env: {PORT: 8080}
  optionalSecretEnv: {KEY: secret://w/project:p/env:prod/KEY@2}
  change: {watches: [environments]}
  dependsOn:
    - {component: db, environment: __same__, include: always}
  overrides:
    steps:
      - {name: last, phase: post, run: "echo {{ .orun.component.name }}"}
  subscribe:
    environments:
      - name: dev
        profile: fast
        profileRules:
          - {when: {triggerRef: push}, profile: full}
        dependencyRules:
          - {when: {triggerRef: push}, mode: disabled}
      - prod
""",
    "stack/stack.yaml": STACK + "spec: {intentPresets: [{name: base, path: preset.yaml}]}\n",
    "stack/preset.yaml": "kind: IntentPreset\nmetadata: {name: base}\nspec:\n  env: {FROM: preset}\n  environments: {dev: {env: {A: 1}}}\n",
    "stack/compositions/svc/composition.yaml": """\
kind: Composition
metadata: {name: svc}
spec:
  type: svc
  defaultJob: deploy
  defaultProfile: full
  schemaRef: {name: svc}
  jobs:
    - {name: deploy, templateRef: {name: deploy}}
  profiles:
    - {name: full, profileRef: {name: full}}
    - {name: fast, profileRef: {name: fast}}
""",
    "stack/compositions/svc/schema.yaml": """\
kind: ComponentSchema
metadata: {name: svc}
spec:
  schema:
    type: object
    properties:
      parameters: {type: object, properties: {size: {type: integer, default: 1, minimum: 0}}}
""",
    "stack/compositions/svc/jobs/deploy.yaml": """\
kind: JobTemplate
metadata: {name: deploy}
spec:
  runsOn: ubuntu-22.04
  timeout: 10m
  retries: 1
  labels: {kind: "{{ .orun.component.name }}"}
  steps:
    - name: build
      capability: svc.build
      run: make {{ .parameters.size }} {{ or .parameters.image.tag "x" }}
      env: {A: "{{ .orun.environment.name }}"}
    - name: push
      capability: svc.push
      phase: main
      order: 2
      use: actions/checkout@v4
      with: {ref: "{{ range $k, $v := .parameters }}{{ $k }}{{ end }}", depth: 1}
      onFailure: continue
""",
    "stack/compositions/svc/profiles/full.yaml": """\
kind: ExecutionProfile
metadata: {name: full}
spec:
  policies: {isolation: strict}
  jobs:
    deploy:
      stepsEnabled: [build, push]
      stepOverrides: {build: {run: make all}}
  secretBindings: {DEPLOY_KEY: {required: false}}
  materialize: {target: vault, secrets: [TOKEN]}
""",
    "stack/compositions/svc/profiles/fast.yaml": """\
kind: ExecutionProfile
metadata: {name: fast}
spec:
  jobs: {deploy: {includeCapabilities: [svc.build]}}
""",
}  # fmt: skip
TREES = {path: parse(content.encode(), path) for path, content in FILES.items()}


def places(tree: Any, *above: str | int) -> Iterator[tuple[str | int, ...]]:
    """The path of every value in a tree, the tree itself included."""
    yield above
    for key, value in tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ():
        yield from places(value, *above, key)


PLACES = [(path, place) for path, tree in TREES.items() for place in places(tree)]
WORDS = st.sampled_from([
    "~", "*", "dev", "db", "1h", "-5m", "9" * 30, "2024-01-01", "a.b/c", "../..", "/abs", "é😀", "{{ . }}", "{{", "([", "secret://w/KEY",
    "ORUN_X", "${{ x }}", "__same__", "\u2028", "\t", "",
])  # fmt: skip
KEYS = st.sampled_from(
    [
        "name",
        "environments",
        "policies",
        "jobs",
        "steps",
        "parameters",
        "with",
        "dependsOn",
        "run",
        "<<",
        "spec",
        "a b",
        "",
    ]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.floats() | WORDS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=2),
    max_leaves=5,
)
CHANGES = {
    "replace": lambda _old, new: new,
    "listed": lambda old, _new: [old],
    "named": lambda old, new: {str(new): old},
    "longer": lambda old, new: [*old, new] if isinstance(old, list) else {**old, "name": new} if isinstance(old, dict) else [old, new],
}  # fmt: skip


def changed(tree: Any, place: tuple[str | int, ...], change: str, value: object) -> Any:
    """The tree with the value at a place changed; as it is when an earlier change has taken the place away."""
    if not place:
        return CHANGES[change](tree, value)
    key, *below = place
    if isinstance(tree, dict) and key in tree:
        return {**tree, key: changed(tree[key], tuple(below), change, value)}
    if isinstance(tree, list) and isinstance(key, int) and key < len(tree):
        return [*tree[:key], changed(tree[key], tuple(below), change, value), *tree[key + 1 :]]
    return tree


@settings(max_examples=150)
@given(st.lists(st.tuples(st.sampled_from(PLACES), st.sampled_from(sorted(CHANGES)), VALUES), min_size=1, max_size=3))
def test_a_plan_or_diagnostics(changes: list[tuple[tuple[str, tuple[str | int, ...]], str, object]]) -> None:
    trees = dict(TREES)
    for (path, place), change, value in changes:
        trees[path] = changed(trees[path], place, change, value)
    with tempfile.TemporaryDirectory() as folder:
        project = Project(Path(folder), policies={entry.name: entry for entry in policies()})
        try:
            compiled = project.compile("", {path: dump(tree) for path, tree in trees.items()})
        except OrunError as error:
            found = error.diagnostics
            assert found
            assert all(d.code and d.message and d.where and d.where.file for d in found)
        else:
            found = compiled.warnings
            assert plan_of(json.loads(to_json(compiled.document)), "x") == compiled.plan
        assert all(text(d) for d in found)


def test_unchanged_they_are_a_plan_without_a_warning(project: Project) -> None:
    project.policies = {entry.name: entry for entry in policies()}
    compiled = project.compile("", FILES)
    assert sorted(job.id for job in compiled.plan.jobs) == [
        f"{component}.{environment}.deploy" for component in ("api", "db") for environment in ("dev", "prod")
    ]
    assert compiled.warnings == ()
