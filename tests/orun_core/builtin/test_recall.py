from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace

import pytest
from orun_core.cli.report import Reporter
from orun_core.host import Host
from orun_core.plan.canonical import canonical_text, to_json
from orun_core.plan.outline import outline
from orun_core.plugins.discover import CORE, installed
from orun_core.plugins.registry import Registry
from orun_core.spec.stages import Request

pytest_plugins = ("plugin_shelf",)

FILES = {
    "intent.yaml": "metadata: {name: shop}\ncompositions: {sources: [{name: local, kind: dir, path: stack}]}\n"
    "discovery: {roots: [apps]}\nenvironments: {dev: {}, prod: {}}\n",
    "stack/stack.yaml": "kind: Stack\nmetadata: {name: local}\n",
    "stack/service/composition.yaml": "kind: Composition\nmetadata: {name: service}\n"
    "spec: {type: service, defaultJob: build, parameterSchema: {type: object},"
    " jobs: [{name: build, steps: [{name: a, run: 'echo {{ .env.X }}'}]}]}\n",
    "apps/api/component.yaml": "kind: Component\nmetadata: {name: api}\n"
    "spec: {type: service, env: {X: '1'}, subscribe: {environments: [dev, prod]}}\n",
}
API = "apps/api/component.yaml"


@pytest.fixture
def root(tmp_path):
    for name, text in FILES.items():
        path = tmp_path / "shop" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "shop"


def core():
    return [plugin for plugin in installed(sys.path) if plugin.distribution == CORE]


def host(root, plugins=None):
    """A host of a process of its own."""
    environ = {"ORUN_CACHE_DIR": str(root.parent / "cache")}
    return Host(Registry(plugins or core()), environ, Reporter(), given_intent=root / "intent.yaml")


def memory(root):
    """The file that remembers the compile."""
    (found,) = (root.parent / "cache").glob("intents/*/compile.json")
    return found


def plan(root, request=Request(), plugins=None):  # noqa: B008 - it is frozen
    """Compile and save, as `orun plan` does."""
    from orun_core.cli.compositions_lock import save_lock

    at = host(root, plugins)
    compiled = at.compile(request)
    text = at.save(compiled)
    save_lock(at, compiled.resolution.project.loaded.packages)
    return compiled, text


def recalled(root, request=Request(), plugins=None):  # noqa: B008 - it is frozen
    return host(root, plugins).recall(request)


def test_what_is_recalled_is_what_would_be_compiled(root):
    compiled, text = plan(root)
    found = recalled(root)
    assert found.text == text == to_json(compiled.document)
    assert found.outline == outline(compiled.plan)
    assert found.outline.jobs == ("api.dev.build", "api.prod.build")


def test_locked_actions_are_no_package(root):
    compiled, text = plan(root)
    host(root).lock_actions({"acme/fetch@v2": "a" * 40})
    assert host(root).locked_actions == {"acme/fetch@v2": "a" * 40}
    recalled = host(root).recall(Request())
    assert recalled is not None
    assert (recalled.text, recalled.outline) == (text, outline(compiled.plan))


def test_a_recalled_plan_is_named_and_becomes_the_latest(root):
    first, text = plan(root)
    second, _ = plan(root, Request(environments=("dev",)))
    plan(root)
    at = host(root)
    at.store.save_plan(to_json(second.document), second.plan.metadata.checksum)
    assert at.recall(Request(), "release").text == text
    assert at.store.plan("release") == at.store.plan("latest") == first.plan
    assert at.store.plans()[0] == (first.plan.metadata.checksum, ("release",))
    assert at.store.provenance(first.plan.metadata.checksum) == canonical_text(first.provenance) + "\n"


CHANGES = {
    "a byte of the intent": lambda root: append(root / "intent.yaml", "\n"),
    "a byte of a component": lambda root: append(root / API, "# \n"),
    "a touched value": lambda root: (root / API).write_text(FILES[API].replace("'1'", "'2'")),
    "one component more": lambda root: add(root / "apps/web/component.yaml", FILES[API].replace("api", "web")),
    "one component fewer": lambda root: (root / API).unlink(),
    "a component elsewhere": lambda root: (root / "apps/api").rename(root / "apps/app"),
    "no root": lambda root: (root / "apps").rename(root / "gone"),
    "a byte of the package": lambda root: append(root / "stack/service/composition.yaml", "# \n"),
    "one package file more": lambda root: add(root / "stack/readme.md", "hello"),
    "no package": lambda root: (root / "stack").rename(root / "gone"),
    "a byte of the lock": lambda root: append(root / ".orun/compositions.lock.yaml", "# \n"),
    "no lock": lambda root: (root / ".orun/compositions.lock.yaml").unlink(),
    "no stored plan": lambda root: stored(root, "0.json").unlink(),
    "a byte of the stored plan": lambda root: append(stored(root, "0.json"), "\n"),
    "no stored provenance": lambda root: stored(root, ".provenance.json").unlink(),
    "a byte of the stored provenance": lambda root: append(stored(root, ".provenance.json"), "\xff"),
    "a plan that is no text": lambda root: stored(root, "0.json").write_bytes(b"\xff\xfe"),
    "a damaged memory": lambda root: append(memory(root), "}"),
    "a memory too deep": lambda root: memory(root).write_text("[" * 100_000),
    "a foreign memory": lambda root: memory(root).write_text("[]"),
}


def append(path, text):
    path.write_text(path.read_text() + text)


def add(path, text):
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)


def stored(root, ending):
    plans, provenances = [], []
    for path in (root / ".orun/plans").glob("sha256-*"):
        (provenances if path.name.endswith(".provenance.json") else plans).append(path)
    [found] = provenances if ending == ".provenance.json" else plans
    return found


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_whatever_changes_is_noticed(root, change):
    plan(root)
    assert recalled(root)
    change(root)
    assert recalled(root) is None


@pytest.mark.parametrize(
    "request_",
    [
        Request(environments=("dev",)),
        Request(all_environments=True),
        Request(components=("api",)),
        Request(strict=True),
        Request(as_of="2026-01-01"),
        Request(offline=True),
        Request(frozen=True),
    ],
    ids=str,
)
def test_another_request_is_another_compile(root, request_):
    plan(root)
    assert recalled(root, request_) is None
    plan(root, request_)
    assert recalled(root, request_)
    assert recalled(root) is None


@pytest.mark.parametrize("changed", [{"version": "9.9"}, {"stamp": "other"}, {"distribution": "orun-core-fork"}])
def test_another_plugin_is_another_compile(root, changed):
    plan(root)
    [plugin] = core()
    assert recalled(root, plugins=[plugin])
    assert recalled(root, plugins=[replace(plugin, **changed)]) is None


def test_one_more_plugin_is_another_compile(root, shelf):
    plan(root)
    assert recalled(root)
    shelf.put("quiet")
    assert recalled(root, plugins=[*core(), *shelf.installed()]) is None


def test_what_is_installed_is_part_of_the_code(root, shelf):
    plan(root)
    assert recalled(root)
    (shelf.folder / "library.py").touch()
    os.utime(shelf.folder, ns=(1, 1))
    assert recalled(root) is None


@pytest.mark.parametrize(
    "hook",
    ["orun_stage_finished(stage, result)", "orun_plan_compiled(compiled)"],
)
def test_observers_are_told_of_every_compile(root, shelf, hook):
    shelf.put("watcher", f"@hookimpl\ndef {hook}: pass\n")
    plugins = [*core(), *shelf.installed()]
    plan(root, plugins=plugins)
    assert recalled(root, plugins=plugins) is None


def test_what_another_plugin_decided_is_compiled_again(root, shelf):
    shelf.put(
        "strict",
        """
        @hookimpl
        def orun_policies():
            return (PolicyEntry("fine", "Never minds.", lambda value, job, resolution: ()),)
        """,
    )
    intent = FILES["intent.yaml"].replace("dev: {}", "dev: {policies: {fine: true}}")
    (root / "intent.yaml").write_text(intent)
    plugins = [*core(), *shelf.installed()]
    compiled, _ = plan(root, plugins=plugins)
    assert {plugin.name for plugin in compiled.plan.metadata.compiler.plugins} == {"core", "strict"}
    assert recalled(root, plugins=plugins) is None


def test_warnings_are_given_every_time(root):
    append(root / API, "specs: {}\n")
    compiled, _ = plan(root)
    assert [warning.code for warning in compiled.warnings] == ["load/unknown-field"]
    assert recalled(root) is None


def test_an_empty_plan_is_compiled_again(root):
    (root / "intent.yaml").write_text(FILES["intent.yaml"].replace("{dev: {}, prod: {}}", "{test: {}}"))
    compiled, _ = plan(root)
    assert compiled.plan.jobs == ()
    assert recalled(root) is None


def test_a_recalled_plan_is_told_like_a_compiled_one_without_a_compiler(root):
    """Only the second process does without the documents' models."""
    output = root.parent / "plan.json"
    command = [sys.executable, "-X", "importtime", "-m", "orun_core.cli.main", "plan", "--name", "now", "-o", output]
    environ = {**os.environ, "ORUN_CACHE_DIR": str(root.parent / "cache")}
    runs = []
    for _ in range(2):
        run = subprocess.run(command, cwd=root, env=environ, capture_output=True, text=True, check=True)
        runs.append((run.stdout, output.read_bytes(), "orun_core.spec.documents" in run.stderr))
        output.unlink()
    (said, written, compiled), again = runs
    assert "✓ Plan created" in said
    assert compiled
    assert again == (said, written, False)


def test_a_run_recalls_the_plan_too(root):
    compiled, _ = plan(root, Request(all_environments=True))
    command = [sys.executable, "-X", "importtime", "-m", "orun_core.cli.main", "run", "--all-envs", "--dry-run"]
    environ = {**os.environ, "ORUN_CACHE_DIR": str(root.parent / "cache")}
    runs = []
    for _ in range(2):
        run = subprocess.run(command, cwd=root, env=environ, capture_output=True, text=True, check=True)
        runs.append((run.stdout, "orun_core.spec.documents" in run.stderr))
    (said, _), again = runs
    assert f"Plan: {compiled.plan.metadata.checksum[:12]}\n" in said
    assert again == (said, False)


def test_a_legacy_registry_is_not_remembered(root):
    plan(root)
    assert replace(host(root), config_dir=root / "stack").recall(Request()) is None
