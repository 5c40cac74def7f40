"""Pictures of a plan on paper."""

from __future__ import annotations

from textwrap import dedent

import pytest
from compiling import Project, composition
from orun_core.cli.main import run
from orun_core.cli.report import Reporter
from orun_core.cli.views import check_view, show
from orun_core.spec.errors import ExitCode, UsageError
from orun_core.spec.plan import Plan

INTENT = """\
environments: {dev: {dependencyMode: advisory}, prod: {promotion: {dependsOn: [{environment: dev}]}}}
components:
  - {name: db, type: svc, path: data, subscribe: {environments: [dev, prod]}}
  - {name: api, type: svc, subscribe: {environments: [dev]}, dependsOn: [{component: db}]}
"""
STEPS = '[{name: one, run: "echo 1\\necho 2\\n"}, {name: two, use: actions/checkout@v4}]'


@pytest.fixture
def plan(project: Project) -> Plan:
    return project.plan(INTENT, {"stack/compositions/svc/composition.yaml": composition(steps=STEPS)})


DAG = """
    Component graph
    ├─ api
    │  └─ dev (advisory dependencies, environment)
    │     └─ deploy · 10m
    │        ├─ (advisory) db.dev.deploy
    │        ├─ one
    │        └─ two
    └─ db
       ├─ dev (advisory dependencies, environment)
       │  └─ deploy · 10m
       │     ├─ one
       │     └─ two
       └─ prod
          └─ deploy · 10m
             ├─ (depends on) db.dev.deploy
             ├─ one
             └─ two

      components   2
      jobs         3"""
DEPENDENCIES = """
    Dependency graph
    ├─ api.dev.deploy
    │  └─ advisory component: db.dev.deploy  (api dependsOn db)
    ├─ db.dev.deploy
    │  no dependencies
    └─ db.prod.deploy
       └─ enforced promotion: db.dev.deploy  (prod is promoted from dev (same-component))

      jobs         3"""
COMPONENT = """
    db [svc]
    ├─ dev · deploy · 10m (advisory dependencies, environment)
    │  path: data
    │  runs on: ubuntu-22.04
    │  registry: st
    │  ├─ one
    │  │  run: echo 1
    │  │       echo 2
    │  └─ two
    │     use: actions/checkout@v4
    └─ prod · deploy · 10m
       path: data
       runs on: ubuntu-22.04
       registry: st
       ├─ (depends on) db.dev.deploy
       ├─ one
       │  run: echo 1
       │       echo 2
       └─ two
          use: actions/checkout@v4

      jobs         2"""


@pytest.mark.parametrize(
    ("view", "text"),
    [("dag", DAG), ("dependencies", DEPENDENCIES), ("component=db", COMPONENT)],
    ids=["dag", "dependencies", "component"],
)
def test_views(plan: Plan, view: str, text: str) -> None:
    check_view(view)
    assert show(plan, view) == dedent(text)


def test_a_long_graph_shows_the_commands(plan: Plan) -> None:
    shown = show(plan, "dag:long")
    assert shown == show(plan, "dag", long=True)
    words = [line.strip(" │├─└") for line in shown.splitlines()]
    assert words[6:11] == ["one", "run: echo 1", "echo 2", "two", "use: actions/checkout@v4"]


def test_a_component_that_the_plan_has_not(plan: Plan) -> None:
    with pytest.raises(UsageError) as caught:
        show(plan, "component=apii")
    assert caught.value.diagnostics[0].hint == 'did you mean "api"?'


def test_an_unknown_view_is_refused_before_anything_is_planned(
    project: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project.plan(INTENT)
    monkeypatch.chdir(project.root)
    assert run(["plan", "--view", "graph"], Reporter()) == ExitCode.USAGE
    assert capsys.readouterr() == (
        "",
        '✕ no view is called "graph"\n  [usage/unknown-name]\n  hint: views: dag, dependencies, component=NAME\n',
    )
    assert not (project.root / ".orun").exists()
