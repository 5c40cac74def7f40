"""A third-party plugin with every hook: called in order when it is named, and without any trace when it is not."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from orun_core.cli.report import Reporter
from orun_core.host import Host
from orun_core.plan.canonical import to_json
from orun_core.plugins.discover import CORE, installed
from orun_core.plugins.manager import load
from orun_core.plugins.registry import Registry
from orun_core.spec import hooks
from orun_core.spec.stages import Request
from orun_core.spec.tree import document

pytest_plugins = ("demo_plugin",)

DEMO = Path(__file__).parents[1] / "plugins/orun-demo"
OFFERS = [
    "orun_composition_sources",
    "orun_trigger_providers",
    "orun_policies",
    "orun_backends",
    "orun_state_stores",
    "orun_surfaces",
    "orun_exporters",
]
SHAPES = {
    "load": "LoadedProject",
    "normalize": "NormalizedProject",
    "expand": "Expansion",
    "bind": "Binding",
    "resolve": "Resolution",
    "materialize": "Plan",
}

INTENT = """
metadata: {name: shop}
compositions: {sources: [{name: local, kind: dir, path: packages}]}
environments: {dev: {}, prod: {}}
components:
  - {name: api, type: service, subscribe: {environments: [dev, prod]}}
"""
AUTOMATION = """
automation: {triggerBindings: {push: {on: {provider: demo-ci, event: push}}}}
"""
COMPOSITION = """
kind: Composition
metadata: {name: service}
spec:
  type: service
  defaultJob: build
  parameterSchema: {type: object}
  jobs:
    - name: build
      steps: [{name: say, run: echo hello}]
"""


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "project"
    (folder / "packages/service").mkdir(parents=True)
    (folder / "packages/stack.yaml").write_text("kind: Stack\nmetadata: {name: local}\n")
    (folder / "packages/service/composition.yaml").write_text(COMPOSITION)
    (folder / "intent.yaml").write_text(INTENT)
    return folder


def host(project, *distributions, cache):
    plugins = [plugin for plugin in installed(sys.path) if plugin.distribution in distributions]
    return Host(Registry(plugins), {"ORUN_CACHE_DIR": str(cache)}, Reporter(), given_intent=project / "intent.yaml")


def compile_with(project, *distributions, cache):
    return host(project, *distributions, cache=cache).compile(Request())


def test_every_hook_is_implemented(demo):
    [plugin] = [plugin for plugin in installed(demo.path) if plugin.name == "demo"]
    assert sorted(load(plugin)) == sorted(name for name in vars(hooks) if name.startswith("orun_"))


def test_metadata_of_the_fixture_is_that_of_the_distribution(demo):
    project = tomllib.loads((DEMO / "pyproject.toml").read_text())["project"]
    [plugin] = installed(demo.path)
    assert (plugin.distribution, plugin.version) == (project["name"], project["version"])
    assert {plugin.name: plugin.module} == project["entry-points"]["orun.v1"]


def test_it_installs_with_pip(demo, tmp_path):
    pytest.importorskip("hatchling", reason="building a wheel needs hatchling")
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*command, "--target", str(tmp_path / "target"), str(DEMO)], check=True, capture_output=True)
    [plugin] = installed([str(tmp_path / "target")])
    assert (plugin.name, plugin.distribution, plugin.version) == ("demo", "orun-demo", "1.0")
    assert plugin.stamp.startswith(str(tmp_path / "target"))


def test_installing_it_changes_no_byte_of_a_plan_and_calls_only_its_observers(demo, project, tmp_path):
    alone = compile_with(project, CORE, cache=tmp_path / "a")
    assert demo.calls() == []
    together = compile_with(project, CORE, "orun-demo", cache=tmp_path / "b")
    assert len(alone.plan.jobs) == 2
    assert to_json(document(together.plan)) == to_json(document(alone.plan))
    assert together.provenance == alone.provenance
    watched = [f"orun_stage_finished {stage} {shape}" for stage, shape in SHAPES.items()]
    assert demo.calls() == [*OFFERS, *watched, "orun_plan_compiled shop"]


def test_the_order_of_plugins_means_nothing(demo, project, tmp_path):
    plugins = installed(sys.path)
    texts = {
        to_json(
            document(
                Host(Registry(order), {"ORUN_CACHE_DIR": str(tmp_path)}, Reporter(), intent).compile(Request()).plan
            )
        )
        for intent in [project / "intent.yaml"]
        for order in (plugins, plugins[::-1], sorted(plugins, key=lambda plugin: plugin.version + plugin.name))
    }
    assert len(texts) == 1


def test_every_hook_is_called_in_order_when_the_intent_names_it(demo, project, tmp_path):
    stages = ", ".join(f"{stage}: demo" for stage in SHAPES)
    (project / "intent.yaml").write_text(f"{INTENT}compiler: {{{stages}}}\n")
    compiled = compile_with(project, CORE, "orun-demo", cache=tmp_path / "cache")
    done = [
        line for stage, shape in SHAPES.items() for line in (f"orun_{stage}", f"orun_stage_finished {stage} {shape}")
    ]
    assert demo.calls() == [*OFFERS, *done, "orun_plan_compiled demo"]
    [who] = compiled.plan.metadata.compiler.plugins
    assert (who.name, who.distribution, who.version) == ("demo", "orun-demo", "1.0")
    assert who.roles == tuple(sorted(f"stage:{stage}" for stage in SHAPES))


def test_one_named_stage_is_recorded_beside_core(demo, project, tmp_path):
    (project / "intent.yaml").write_text(f"{INTENT}compiler: {{resolve: demo}}\n")
    plan = compile_with(project, CORE, "orun-demo", cache=tmp_path / "cache").plan
    assert plan.jobs == ()
    assert [(ref.name, ref.roles) for ref in plan.metadata.compiler.plugins] == [
        (
            "core",
            ("source:dir", "stage:bind", "stage:expand", "stage:load", "stage:materialize", "stage:normalize"),
        ),
        ("demo", ("stage:resolve",)),
    ]


def test_its_source_is_fetched_only_when_the_intent_names_its_kind(demo, project, tmp_path):
    sources = "{name: local, kind: dir, path: packages}"
    intent = INTENT.replace(sources, sources + ", {name: other, kind: demo, ref: anything}")
    (project / "intent.yaml").write_text(intent)
    plan = compile_with(project, CORE, "orun-demo", cache=tmp_path / "cache").plan
    assert [source.kind for source in plan.spec.composition_sources] == ["dir", "demo"]
    assert [ref.roles for ref in plan.metadata.compiler.plugins if ref.name == "demo"] == [("source:demo",)]


def test_its_trigger_is_recorded_when_its_event_is_planned(demo, project, tmp_path):
    intent = INTENT.replace("dev: {}", "dev: {activation: {triggerRefs: [push]}}") + AUTOMATION
    (project / "intent.yaml").write_text(intent)
    here = host(project, CORE, "orun-demo", cache=tmp_path / "cache")
    event = here.trigger_provider("demo-ci").parse({"branch": "main"}, {})
    plan = here.compile(Request(event=event)).plan
    assert [job.id for job in plan.jobs] == ["api.dev.build"]
    assert [ref.roles for ref in plan.metadata.compiler.plugins if ref.name == "demo"] == [("trigger:demo-ci",)]


def test_a_run_is_watched_event_by_event(demo, project):
    done = demo.orun("run", "--all-envs", "--exec-id", "watched", cwd=project)
    assert done.returncode == 0, done.stderr
    journal = (project / ".orun/runs/watched/events.ndjson").read_text().splitlines()
    assert len(journal) == 10
    watched = [call for call in demo.calls() if call.startswith("orun_run_advanced")]
    assert watched == [f"orun_run_advanced watched {seq}" for seq in range(1, len(journal) + 1)]


def test_its_backend_runs_the_plan(demo, project):
    done = demo.orun("run", "--all-envs", "--runner", "pretend", "--exec-id", "pretended", cwd=project)
    assert done.returncode == 0, done.stderr
    status = demo.orun("status", "--exec-id", "pretended", cwd=project)
    assert "2 succeeded" in status.stdout


def test_a_resumed_run_goes_on_at_its_backend_unless_another_is_named(demo, project):
    """The demo's backend says that all is well, which this machine does not."""
    (project / "packages/service/composition.yaml").write_text(COMPOSITION.replace("echo hello", "exit 3"))
    assert demo.orun("run", "--all-envs", "--exec-id", "stays", "--runner", "local", cwd=project).returncode == 1
    again = demo.orun("run", "--resume", "stays", cwd=project, ORUN_RUNNER="demo")
    assert again.returncode == 1
    assert demo.orun("run", "--resume", "stays", "--runner", "demo", cwd=project).returncode == 0
    runs = [json.loads(line) for line in (project / ".orun/runs/stays/events.ndjson").read_text().splitlines()]
    assert [event["backend"] for event in runs if event["type"] == "run.started"] == ["local", "local", "demo"]


def test_its_command_runs_and_can_be_left_out(demo, project):
    done = demo.orun("demo", cwd=project / "packages")
    assert (done.returncode, done.stdout, done.stderr) == (0, "intent.yaml\n", "")
    for arguments, environ in (
        (["--no-plugin", "demo"], {}),
        (["--no-plugin", "orun-demo"], {}),
        ([], {"ORUN_DISABLE_PLUGIN_AUTOLOAD": "1"}),
    ):
        left_out = demo.orun(*arguments, "demo", cwd=project, **environ)
        assert left_out.returncode == 2
        assert left_out.stderr.startswith("✕ no command named 'demo'")


def test_a_backend_store_and_exporter_are_made_by_name(demo, project, tmp_path):
    here = host(project, "orun-demo", cache=tmp_path / "cache")
    assert here.backend("pretend").capabilities.context == "demo"
    _, exporter = here.registry.find("orun_exporters", "demo")
    plan = compile_with(project, CORE, cache=tmp_path / "cache").plan
    assert exporter.create()(plan, {}) == {"jobs.txt": b"api.dev.build\napi.prod.build\n"}
    chosen = Host(here.registry, {"ORUN_STATE_STORE": "demo"}, Reporter())
    assert chosen.store.runs() == ()
