from __future__ import annotations

import inspect
import os
import subprocess
from dataclasses import replace
from functools import cached_property
from pathlib import Path

import pytest
from orun_core.changes.options import ChangeOptions
from orun_core.cli.report import Reporter
from orun_core.compiler.chosen import chosen_stages
from orun_core.host import Host, cache_folder
from orun_core.intent_file import find_intent
from orun_core.plugins.discover import CORE, installed
from orun_core.plugins.registry import Registry
from orun_core.spec.errors import PluginError, RunError, UsageError
from orun_core.spec.host import Host as Contract
from orun_core.spec.run import Status
from orun_core.spec.stages import Request


@pytest.fixture
def core():
    import sys

    return Registry(plugin for plugin in installed(sys.path) if plugin.distribution == CORE)


@pytest.fixture
def host(core, tmp_path, monkeypatch):
    """A host in a folder that is its own git root."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return Host(core, {"ORUN_CACHE_DIR": str(tmp_path / "cache")}, Reporter())


@pytest.mark.parametrize(
    ("files", "start", "found"),
    [
        (["intent.yaml"], ".", "intent.yaml"),
        (["intent.yml"], ".", "intent.yml"),
        (["intent.yml", "intent.yaml"], ".", "intent.yaml"),
        (["intent.yaml"], "apps/api/deep", "intent.yaml"),
        (["intent.yaml", "apps/intent.yml"], "apps/api", "apps/intent.yml"),
        (["intent.yaml", "apps/.git/HEAD"], "apps/api", None),
        (["intent.yaml", "apps/.git"], "apps/api", None),
        (["intent.yaml", ".git/HEAD"], "apps/api", "intent.yaml"),
        (["intent.yaml/folder"], ".", None),
    ],
)
def test_the_intent_is_the_nearest_upward_to_the_git_root(tmp_path, files, start, found):
    (tmp_path / ".git").mkdir(exist_ok=True)
    (tmp_path / start).mkdir(parents=True, exist_ok=True)
    for file in files:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    assert find_intent(tmp_path / start) == (tmp_path / found if found else None)


def test_the_root_is_the_folder_of_the_intent_or_where_one_stands(host, tmp_path):
    assert (host.root, host.intent) == (tmp_path, None)
    given = Host(host.registry, {}, Reporter(), given_intent=tmp_path / "sub/other.yaml")
    assert (given.root, given.intent) == (tmp_path / "sub", tmp_path / "sub/other.yaml")


def test_without_an_intent_nothing_compiles(host, tmp_path):
    with pytest.raises(UsageError) as caught:
        host.compile(Request())
    [problem] = caught.value.diagnostics
    assert problem.code == "usage/no-intent"
    assert problem.message == f"no intent.yaml or intent.yml in {tmp_path} or above it"


@pytest.mark.parametrize(
    ("given", "message", "hint"),
    [
        ("nope/intent.yaml", "nope/intent.yaml is not there", "--intent names a file, from the working folder"),
        ("sub", "sub is a folder", "write --intent sub/intent.yml"),
        ("sub/deep", "sub/deep is a folder", "--intent names a file, from the working folder"),
    ],
)
def test_a_given_intent_that_is_no_file_is_named_as_given(host, tmp_path, monkeypatch, given, message, hint):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sub/deep").mkdir(parents=True)
    (tmp_path / "sub/intent.yml").touch()
    with pytest.raises(UsageError) as caught:
        Host(host.registry, {}, Reporter(), given_intent=tmp_path / given).compile(Request())
    assert [(d.code, d.message, d.hint) for d in caught.value.diagnostics] == [("usage/no-intent", message, hint)]


def test_the_compiler_block_is_read_alone(tmp_path):
    intent = tmp_path / "intent.yaml"
    intent.write_text("metadata: {name: x}\ncompiler:\n  bind: acme\n  schemaDefaults: apply\n  unknown: y\n")
    [(stage, (plugin, where))] = chosen_stages(intent).items()
    assert (stage, plugin, str(where)) == ("bind", "acme", "intent.yaml:3:3")


@pytest.mark.parametrize(
    "text", ["", "compiler", "compiler: x", "compiler: {bind: }", "compiler: {", "- compiler", "x: 1"]
)
def test_an_intent_without_a_readable_block_names_nobody(tmp_path, text):
    (tmp_path / "intent.yaml").write_text(text)
    assert chosen_stages(tmp_path / "intent.yaml") == {}
    assert chosen_stages(tmp_path / "missing.yaml") == {}


def test_an_unknown_stage_plugin_is_an_error_at_its_line(host, tmp_path):
    (tmp_path / "intent.yaml").write_text("compiler:\n  expand: cor\n")
    with pytest.raises(PluginError) as caught:
        host.compile(Request())
    [problem] = caught.value.diagnostics
    assert (problem.message, problem.hint) == ("no plugin for stage expand named 'cor'", 'did you mean "core"?')
    assert str(problem.where).startswith("intent.yaml:2:")


@pytest.mark.parametrize(
    ("environ", "folder"),
    [
        ({"ORUN_CACHE_DIR": "/a", "XDG_CACHE_HOME": "/b", "HOME": "/c"}, "/a"),
        ({"XDG_CACHE_HOME": "/b", "HOME": "/c"}, "/b/orun"),
        ({"HOME": "/c"}, "/c/.cache/orun"),
        ({"XDG_CACHE_HOME": "b", "HOME": "/c"}, "/c/.cache/orun"),
        ({"XDG_CACHE_HOME": "", "HOME": ""}, "/.cache/orun"),
        ({"HOME": "c"}, "/.cache/orun"),
    ],
)
def test_where_caches_are(environ, folder):
    assert cache_folder(environ) == Path(folder)


def test_names_that_nobody_offers(host):
    for ask in (host.backend, host.source, host.trigger_provider):
        with pytest.raises(PluginError, match="named 'nothing'"):
            ask("nothing")


@pytest.mark.parametrize("name", [name for name in vars(Contract) if not name.startswith("_")])
def test_the_host_is_what_the_contract_says(name):
    promised, given = vars(Contract)[name], vars(Host).get(name, name in Host.__dataclass_fields__)
    if isinstance(promised, property):
        assert given is True or isinstance(given, property | cached_property)
    else:
        asked = list(inspect.signature(promised).parameters.values())
        assert list(inspect.signature(given).parameters.values())[: len(asked)] == asked


@pytest.fixture
def project(host, tmp_path):
    """A project of one job whose plan is compiled."""
    (tmp_path / "stack/service").mkdir(parents=True)
    (tmp_path / "stack/stack.yaml").write_text("kind: Stack\nmetadata: {name: local}\n")
    (tmp_path / "stack/service/composition.yaml").write_text(
        "kind: Composition\nmetadata: {name: service}\n"
        "spec: {type: service, defaultJob: build, parameterSchema: {type: object}, jobs: [{name: build, steps: []}]}\n"
    )
    (tmp_path / "intent.yaml").write_text(
        "metadata: {name: shop}\ncompositions: {sources: [{name: local, kind: dir, path: stack}]}\n"
        "environments: {dev: {}}\ncomponents: [{name: api, type: service, subscribe: {environments: [dev]}}]\n"
    )
    return host.compile(Request()).plan


def test_a_detached_run_goes_on_by_itself_with_the_plan_that_was_given(host, project):
    here = replace(host, environ={**os.environ, **host.environ})
    exec_id = here.run(project, exec_id="detached")
    assert exec_id == "detached"
    for _ in here.store.watch(exec_id):
        if here.store.run(exec_id).status.ended:
            break
    state = here.store.run(exec_id)
    assert (state.status, state.plan_checksum) == (Status.SUCCEEDED, project.metadata.checksum)
    assert here.plan("latest") == project


def test_a_detached_run_that_cannot_start_says_why(host, project):
    here = replace(host, environ={**os.environ, **host.environ})
    with pytest.raises(RunError) as caught:
        here.run(project, backend="nothing")
    [problem] = caught.value.diagnostics
    assert problem.code == "run/not-started"
    assert "no backend named 'nothing'" in problem.message


def git(folder, *arguments):
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def repository(core, tmp_path, monkeypatch):
    """A committed project of the components `api` and `web`; its host."""
    folder = tmp_path / "repository"
    for name in ("api", "web"):
        (folder / name).mkdir(parents=True)
        (folder / name / "component.yaml").write_text(
            f"kind: Component\nmetadata: {{name: {name}}}\nspec: {{type: service, subscribe: {{environments: [dev]}}}}\n"
        )
    (folder / "stack/service").mkdir(parents=True)
    (folder / "stack/stack.yaml").write_text("kind: Stack\nmetadata: {name: local}\n")
    (folder / "stack/service/composition.yaml").write_text(
        "kind: Composition\nmetadata: {name: service}\n"
        "spec: {type: service, defaultJob: build, parameterSchema: {type: object}, jobs: [{name: build, steps: []}]}\n"
    )
    (folder / "intent.yaml").write_text(
        "compositions: {sources: [{name: local, kind: dir, path: stack}]}\nenvironments: {dev: {}}\n"
        "automation: {triggerBindings: {a: {on: {provider: gitlab}}, b: {on: {provider: buildkite}}}}\n"
    )
    git(folder, "init", "--quiet", "--initial-branch", "main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "base")
    monkeypatch.chdir(folder)
    return Host(core, {"ORUN_CACHE_DIR": str(tmp_path / "cache")}, Reporter())


def jobs(compiled):
    return [job.id for job in compiled.plan.jobs]


def test_changed_components_are_compared_with_main(repository):
    assert jobs(repository.compile(Request(changed=True))) == []
    (repository.root / "web/page.html").touch()
    assert jobs(repository.compile(Request(changed=True))) == ["web.dev.build"]
    assert jobs(repository.compile(Request())) == ["api.dev.build", "web.dev.build"]
    given = ChangeOptions(files=("api/main.py",))
    assert jobs(repository.compile(Request(changed=True), given)) == ["api.dev.build"]


def test_the_range_comes_from_the_ci_system_that_the_bindings_name(repository):
    git(repository.root, "branch", "before")
    (repository.root / "web/page.html").touch()
    git(repository.root, "add", "--all")
    git(repository.root, "commit", "--quiet", "--message", "page")
    head = git(repository.root, "rev-parse", "HEAD")
    assert jobs(repository.compile(Request(changed=True))) == []
    gitlab = {"GITLAB_CI": "true", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "before", "CI_COMMIT_SHA": head}
    there = replace(repository, environ={**repository.environ, **gitlab})
    assert jobs(there.compile(Request(changed=True))) == ["web.dev.build"]


@pytest.mark.parametrize("providers", ["", "automation: {triggerBindings: {a: {on: {provider: local}}}}\n"])
def test_without_a_provider_in_the_bindings_the_known_ci_systems_are_asked(repository, providers):
    git(repository.root, "branch", "before")
    intent = repository.root / "intent.yaml"
    intent.write_text("".join(intent.read_text().splitlines(keepends=True)[:2]) + providers)
    (repository.root / "web/page.html").touch()
    git(repository.root, "add", "--all")
    git(repository.root, "commit", "--quiet", "--message", "page")
    buildkite = {"BUILDKITE": "true", "BUILDKITE_PULL_REQUEST_BASE_BRANCH": "before", "CI": "true"}
    there = replace(repository, environ={**repository.environ, **buildkite})
    assert jobs(there.compile(Request(changed=True))) == ["web.dev.build"]
    assert jobs(repository.compile(Request(changed=True))) == []


def test_two_ci_systems_that_both_claim_the_run_are_an_error(repository):
    both = {"GITLAB_CI": "true", "CI_COMMIT_SHA": "2", "BUILDKITE": "true", "BUILDKITE_COMMIT": "2"}
    there = replace(repository, environ={**repository.environ, **both})
    with pytest.raises(UsageError) as caught:
        there.compile(Request(changed=True))
    assert [problem.code for problem in caught.value.diagnostics] == ["trigger/several-providers"]
