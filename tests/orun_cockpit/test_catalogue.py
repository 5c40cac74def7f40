"""Plans, components and environments of a compiled workspace, as lists, pages and documents."""

from __future__ import annotations

import json
from dataclasses import replace

import jsonschema_rs
import pytest
from click.testing import CliRunner
from cockpit_samples import NOW, Desk, MemoryStore, job, run
from compiling import Project
from orun_cockpit.commands.describe import command as describe
from orun_cockpit.commands.get import command as get
from orun_cockpit.document import schema
from orun_cockpit.schemas import SCHEMAS
from orun_core.spec.errors import UsageError
from orun_core.spec.run import Status

INTENT = """
    metadata: {name: shop, description: A shop}
    environments:
      dev: {policies: {maxTimeout: 15m}}
      prod: {promotion: {dependsOn: [{environment: dev}]}}
    groups: {data: {}}
    components:
      - {name: web, type: svc, owner: ada, subscribe: {environments: [dev, prod]}, dependsOn: [{component: db}]}
      - {name: db, type: svc, domain: data, subscribe: {environments: [dev]}}
      - {name: old, type: svc, enabled: false, subscribe: {environments: [dev]}}
    """


class Compiling(Desk):
    """A desk with a compiled workspace on it."""

    def __init__(self, compiled, store):
        super().__init__(store)
        self.compiled = compiled

    def compile(self, request):
        return self.compiled

    def plan(self, reference):
        return self.compiled.plan


@pytest.fixture
def desk(tmp_path):
    compiled = Project(tmp_path).compile(INTENT, all_environments=True)
    ran = run(
        replace(job("db", "deploy", environment="dev", begin=0, end=4), summary="# Migrated\n2 tables\x1b[2J\n"),
        job("web", "deploy", Status.FAILED, environment="dev", begin=4, end=6, reason="step one: exit code 3"),
        status=Status.FAILED,
        end=6,
        plan_checksum=compiled.plan.metadata.checksum,
    )
    return Compiling(compiled, MemoryStore(ran))


@pytest.fixture(autouse=True)
def _fixed_clock(monkeypatch):
    for module in ("orun_cockpit.bridge", "orun_cockpit.commands.options", "orun_cockpit.commands.get"):
        monkeypatch.setattr(f"{module}.utc_now", lambda: NOW)
    monkeypatch.setenv("COLUMNS", "100")


def show(desk, command, *arguments):
    return CliRunner().invoke(command, arguments, obj=desk, catch_exceptions=False).output


def test_components_with_environments_and_last_run(desk):
    assert show(desk, get, "components") == (
        "\n"
        "▲ orun components\n"
        "\n"
        "  COMPONENT  TYPE  ENVIRONMENTS  DOMAIN  LAST RUN\n"
        "  db         svc   dev           data    ✓ 1m ago\n"
        "  web        svc   dev, prod     —       ✗ 1m ago\n"
    )


def test_the_changed_badge_is_shown_when_asked(desk):
    project = desk.compiled.resolution.project
    binding = desk.compiled.resolution.binding
    expansion = replace(binding.expansion, project=replace(project, changed=("web",)))
    resolution = replace(desk.compiled.resolution, binding=replace(binding, expansion=expansion))
    desk.compiled = replace(desk.compiled, resolution=resolution)

    rows = show(desk, get, "components", "--changed").splitlines()
    assert [row.split("  ")[-1].strip() for row in rows if row.startswith(("  db", "  web"))] == ["—", "● changed"]


def test_environments_with_what_they_hold(desk):
    assert show(desk, get, "environments").splitlines()[3:] == [
        "  ENVIRONMENT  COMPONENTS  AFTER  POLICIES",
        '  dev          2           —      maxTimeout="15m"',
        "  prod         1           dev    —",
    ]


def test_jobs_with_how_they_went(desk):
    assert show(desk, get, "jobs").splitlines()[5:] == [
        "  JOB                STATE      DURATION  STEPS",
        "  ✓ db.dev.deploy    succeeded  4.0s      1",
        "  ✗ web.dev.deploy   failed     2.0s      1",
        "  ○ web.prod.deploy  —          —         1",
    ]


def test_wide_shows_what_jobs_need(desk):
    assert "web.dev.deploy" in show(desk, get, "jobs", "-o", "wide").splitlines()[-1]


def test_pages(desk):
    plan = show(desk, describe, "plan")
    assert "  Description   A shop\n" in plan
    assert "  web.prod.deploy 1 step → web.dev.deploy\n" in plan
    work = show(desk, describe, "job", "web@dev.deploy")
    assert "  Needs         db.dev.deploy\n" in work
    assert "  1. one\n" in work
    assert "     echo one\n" in work
    assert "  ✗ web.dev.deploy failed 2.0s\n      step one: exit code 3\n" in work
    assert "Summary" not in work
    assert show(desk, describe, "job", "db@dev.deploy").endswith("\n  Summary\n  # Migrated\n  2 tables\n")
    component = show(desk, describe, "component", "web")
    assert "  Owner         ada\n" in component
    assert "  Needs         db\n" in component
    assert "  prod\n" in component


@pytest.mark.parametrize(
    ("schema_name", "arguments"),
    [
        ("plans", ("get", "plans")),
        ("jobs", ("get", "jobs")),
        ("components", ("get", "components")),
        ("environments", ("get", "environments")),
        ("plan", ("describe", "plan")),
        ("job", ("describe", "job", "web.dev")),
        ("component", ("describe", "component", "web")),
        ("run", ("describe", "run")),
        ("runs", ("get", "runs")),
    ],
)
def test_every_document_fits_its_schema(schema_name, arguments, desk):
    command, *rest = arguments
    text = show(desk, {"get": get, "describe": describe}[command], *rest, "-o", "json")
    jsonschema_rs.validate(schema(SCHEMAS[schema_name]), json.loads(text))


@pytest.mark.parametrize("columns", [44, 80, 120])
@pytest.mark.parametrize("what", ["components", "environments", "jobs", "plans", "runs"])
def test_tables_fit_the_terminal(what, columns, desk, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(columns))
    for line in show(desk, get, what).splitlines():
        assert len(line) <= columns


@pytest.mark.parametrize(
    ("arguments", "code", "hint"),
    [
        (("job", "web.dev.deplo"), "", ""),
        (("job", "web.dev.deplyo"), "usage/unknown-name", 'did you mean "web.dev.deploy"?'),
        (("job", "deploy"), "usage/ambiguous-name", "name one of: db.dev.deploy, web.dev.deploy, web.prod.deploy"),
        (("component", "webb"), "usage/unknown-name", 'did you mean "web"?'),
    ],
)
def test_names_are_looked_up_with_help(arguments, code, hint, desk):
    result = CliRunner().invoke(describe, arguments, obj=desk)
    if not code:
        assert result.exit_code == 0
        return
    assert isinstance(result.exception, UsageError)
    assert (result.exception.diagnostics[0].code, result.exception.diagnostics[0].hint) == (code, hint)
