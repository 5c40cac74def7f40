"""`--changed`, `orun affected` and `--why-not` as their users meet them: in a git repository, with exit codes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from monorepo import FILES, QUIET_GIT, Monorepo, component, git
from orun_core.cli.main import run
from orun_core.cli.report import Reporter
from orun_core.spec.errors import ExitCode

INTENT = FILES["intent.yaml"].replace("dev: {}", "dev: {selectors: {components: ['*']}}") + (
    "env: {A: b}\n"
    "automation:\n"
    "  triggerBindings:\n"
    "    pr:\n"
    "      on: {provider: manual, event: pull_request}\n"
    "      plan: {scope: changed, base: pull.base, head: pull.head}\n"
    "    mr: {on: {provider: gitlab, event: merge_request}, plan: {scope: changed}}\n"
)
TRIGGERED = INTENT.replace("dev: {", "dev: {activation: {triggerRefs: [pr, mr]}, ")


@dataclass
class Shell:
    """`orun` in the folder of a repository."""

    repo: Monorepo
    capsys: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        self.monkeypatch.chdir(self.repo.root)
        code = run(list(arguments), Reporter())
        out, err = self.capsys.readouterr()
        return code, out, err

    def json(self, *arguments: str) -> Any:
        code, out, err = self(*arguments)
        assert (code, err) == (ExitCode.OK, "")
        return json.loads(out)["result"]

    def planned(self, *arguments: str) -> list[str]:
        return list(self.json("plan", "--format", "json", *arguments)["components"])

    def problem(self, *arguments: str) -> tuple[int, str]:
        """Exit code and the code of the first diagnostic."""
        code, _, err = self(*arguments)
        return code, err.partition("[")[2].partition("]")[0]


@pytest.fixture
def orun(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    for name, value in (QUIET_GIT | {"ORUN_CACHE_DIR": str(tmp_path / "cache")}).items():
        monkeypatch.setenv(name, value)
    for name in ("CI", "GITHUB_ACTIONS", "GITLAB_CI", "BUILDKITE", "GITHUB_EVENT_NAME"):
        monkeypatch.delenv(name, raising=False)
    files = {**FILES, "intent.yaml": TRIGGERED, ".gitignore": ".orun/\n"}
    return Shell(Monorepo.create(tmp_path / "repo", files), capsys, monkeypatch)


def test_a_plan_of_a_change(orun: Shell) -> None:
    orun.repo.write({"apps/api/main.py": "2\n", "services/web/index.html": "2\n"})
    assert orun.planned("--changed") == ["api", "db", "web"]
    assert orun.planned("--changed", "--component", "w*") == ["web"]
    orun.repo.commit()
    assert orun.planned("--changed") == []
    assert orun.planned("--changed", "--base", "HEAD~1") == ["api", "db", "web"]
    assert orun.planned("--changed", "--base", "HEAD~1", "--head", "HEAD~1") == []
    assert orun.planned("--changed", "--files", "apps/db/x,libs/core/y", "--files", "README.md") == [
        "core",
        "dash",
        "db",
        "report",
    ]


def test_a_plan_of_a_change_checks_what_it_merges(orun: Shell) -> None:
    twice = component("core", more="env: {KEY: x}\nsecretEnv: {KEY: 'secret://vault/key'}")
    orun.repo.commit({"libs/core/component.yaml": twice})
    orun.repo.write({"services/web/index.html": "2\n"})
    assert orun.planned("--changed") == ["web"]
    assert orun.problem("plan") == (ExitCode.COMPILE, "expand/secret-in-env")
    assert orun.problem("plan", "--changed", "--base", "HEAD~1") == (ExitCode.COMPILE, "expand/secret-in-env")


def test_uncommitted_and_untracked(orun: Shell) -> None:
    orun.repo.write({"apps/db/schema.sql": "2\n", "services/web/new.html": "2\n"})
    assert orun.planned("--changed", "--uncommitted") == ["db"]
    assert orun.planned("--changed", "--untracked") == ["web"]


@pytest.mark.parametrize("impact", ["watch", "all", "none"])
def test_how_far_a_section_of_the_intent_reaches(orun: Shell, impact: str) -> None:
    orun.repo.write({"intent.yaml": TRIGGERED.replace("A: b", "A: c")})
    found = orun.planned("--changed", "--intent-impact", impact)
    assert found == {"watch": ["cron"], "none": []}.get(
        impact, sorted(orun.json("affected", "--json", "--intent-impact", "all")["selection"])
    )
    assert len(found) == {"watch": 1, "all": 8, "none": 0}[impact]


def test_a_shallow_clone_plans_the_same(orun: Shell, tmp_path: Path) -> None:
    git(orun.repo.top, "switch", "--quiet", "--create", "topic")
    orun.repo.commit({"apps/api/main.py": "2\n"})
    orun.repo.commit({"services/web/index.html": "2\n"})
    git(tmp_path, "clone", "--quiet", "--depth", "1", "--branch", "topic", f"file://{orun.repo.top}", "shallow")
    orun.repo = Monorepo(tmp_path / "shallow", tmp_path / "shallow")
    assert orun.problem("plan", "--changed", "--offline") == (ExitCode.COMPILE, "changes/shallow")
    assert orun.planned("--changed") == ["api", "db", "web"]


def test_components_and_runs_of_a_change(orun: Shell) -> None:
    orun.repo.write({"services/web/index.html": "2\n"})
    found = orun.json("component", "--changed", "--format", "json")
    assert [component["name"] for component in found["components"]] == ["web"]
    code, out, _ = orun("run", "--changed", "--dry-run", "--env", "dev")
    assert (code, "web" in out, "api" in out) == (ExitCode.OK, True, False)
    orun.repo.commit()
    assert orun("run", "--changed") == (ExitCode.OK, "✓ no jobs to run\n", "")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("plan", "--changed", "--base", "nowhere"), "changes/unknown-revision"),
        (("plan", "--changed", "--files", "a", "--base", "main"), "changes/conflicting-options"),
        (("plan", "--changed", "--files", " , "), "usage/empty-value"),
        (("plan", "--base", "main"), "usage/missing-option"),
        (("plan", "--why-not", "apy"), "usage/unknown-name"),
        (("plan", "--why-not", "api@pord"), "usage/unknown-name"),
        (("run", "latest", "--changed"), "usage/conflict"),
        (("affected", "--verify", "--files", "apps/api"), "changes/no-start"),
    ],
)
def test_what_cannot_be_asked(orun: Shell, arguments: tuple[str, ...], problem: str) -> None:
    orun("plan")
    assert orun.problem(*arguments) == (ExitCode.USAGE, problem)


# --- triggers ----------------------------------------------------------------------------------------------------------


def test_a_named_trigger_has_no_revisions_and_flags_win(orun: Shell) -> None:
    orun.repo.write({"apps/db/schema.sql": "2\n"})
    assert orun.planned("--trigger", "pr") == ["db"]
    assert orun.planned("--trigger", "pr", "--files", "services/web/x") == ["web"]
    orun.repo.commit()
    assert orun.planned("--trigger", "pr") == []
    assert orun.planned("--trigger", "pr", "--base", "HEAD~1") == ["db"]


def test_an_event_says_what_to_compare(orun: Shell, tmp_path: Path) -> None:
    base = git(orun.repo.top, "rev-parse", "HEAD")
    head = orun.repo.commit({"apps/db/schema.sql": "2\n"})
    orun.repo.commit({"services/web/index.html": "2\n"})
    file = tmp_path / "event.json"
    file.write_text(json.dumps({"event": "pull_request", "pull": {"base": base, "head": head}}))
    event = ("--from-ci", "manual", "--event-file", str(file))
    assert orun.planned(*event) == ["db"]
    assert orun.planned(*event, "--base", base) == ["db", "web"]
    change = orun.json("affected", "--json", *event)["change"]
    assert (change["base"], change["head"], change["origin"]) == (base, head, "ci")


def test_the_push_of_a_new_branch_is_compared_with_main(orun: Shell, tmp_path: Path) -> None:
    git(orun.repo.top, "switch", "--quiet", "--create", "topic")
    head = orun.repo.commit({"apps/db/schema.sql": "2\n"})
    file = tmp_path / "event.json"
    file.write_text(json.dumps({"event": "pull_request", "pull": {"base": "0" * 40, "head": head}}))
    event = ("--from-ci", "manual", "--event-file", str(file))
    assert orun.planned(*event) == ["db"]
    assert orun.json("affected", "--json", *event)["change"]["base"] == "main"


def test_the_same_event_gives_the_same_bytes_in_ci(orun: Shell, tmp_path: Path) -> None:
    git(orun.repo.top, "switch", "--quiet", "--create", "topic")
    orun.repo.commit({"apps/db/schema.sql": "2\n"})
    merge = {"target_branch": "main", "source_branch": "topic", "last_commit": {"id": "HEAD"}}
    file = tmp_path / "event.json"
    file.write_text(json.dumps({"object_kind": "merge_request", "object_attributes": merge}))
    command = ("plan", "--from-ci", "gitlab", "--event-file", str(file), "-o", "-")
    here = orun(*command)
    assert [job["id"] for job in json.loads(here[1])["jobs"]] == ["db.dev.deploy"]
    elsewhere = {"CI": "true", "GITLAB_CI": "true", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "topic", "TZ": "UTC+5"}
    for name, value in elsewhere.items():
        orun.monkeypatch.setenv(name, value)
    assert orun(*command) == here


def test_flags_need_no_provider(orun: Shell) -> None:
    orun.monkeypatch.setenv("ORUN_DISABLE_PLUGIN_AUTOLOAD", "1")
    orun.repo.commit({"intent.yaml": TRIGGERED.replace("provider: gitlab", "provider: github")})
    orun.repo.write({"apps/db/schema.sql": "2\n"})
    assert orun.planned("--changed") == ["db"], "a machine of one's own needs no provider"
    orun.monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert orun.problem("plan", "--changed") == (ExitCode.PLUGIN, "plugin/unknown-name")
    assert orun.planned("--changed", "--base", "main") == ["db"]


@pytest.mark.parametrize("trigger", ["desk", "pr"])
def test_a_binding_may_name_a_provider_that_nobody_offers(orun: Shell, trigger: str) -> None:
    desk = "    desk: {on: {provider: local}, plan: {scope: changed}}\n"
    orun.repo.commit({"intent.yaml": (TRIGGERED + desk).replace("[pr, mr]", "[pr, mr, desk]")})
    orun.repo.write({"apps/db/schema.sql": "2\n"})
    assert orun.planned("--trigger", trigger) == ["db"]
    assert orun.planned("--changed") == ["db"]


# --- why ---------------------------------------------------------------------------------------------------------------


def test_why_everything_of_a_plan_is_in_it(orun: Shell) -> None:
    orun.repo.write({"apps/api/main.py": "2\n"})
    start = git(orun.repo.top, "rev-parse", "HEAD")
    code, out, err = orun("plan", "--trigger", "pr", "--explain")
    assert (code, err) == (ExitCode.OK, "")
    assert out.partition("  → orun run ")[2].splitlines()[1:] == [
        "",
        f"  Compared: main ({start[:12]}) with the working tree, by default: 1 file changed",
        "",
        "  api@dev  (deploy)",
        "    environments.dev.selectors.components has *",
        "    trigger pr activates dev",
        "    apps/api/main.py changed",
        "",
        "  db@dev  (deploy)",
        "    environments.dev.selectors.components has *",
        "    trigger pr activates dev",
        "    api always includes it",
    ]
    told = orun.json("plan", "--explain", "--format", "json", "--component", "da*", "--env", "dev")
    assert told["planned"] == [
        {
            "component": "dash",
            "environment": "dev",
            "jobs": ["deploy"],
            "reasons": [
                "environments.dev.selectors.components has *",
                "--env dev names dev",
                "--component da* names it",
            ],
        }
    ]


NO_PROD = "it has no subscription, and environments.prod.selectors.components does not name it"


@pytest.mark.parametrize(
    ("arguments", "target", "reason"),
    [
        ((), "api@dev", "it is planned: deploy"),
        ((), "api@prod", f"{NO_PROD} (apps/api/component.yaml:3:1)"),
        ((), "off@dev", "it is disabled at apps/off/component.yaml:5:3"),
        ((), "shy@dev", "it subscribes to prod, not to dev (apps/shy/component.yaml:5:3)"),
        ((), "shy@prod", 'prod takes domains data, and its domain is "" (apps/shy/component.yaml:5:3)'),
        (("--trigger", "pr"), "own@prod", "trigger pr does not activate prod"),
        (("--env", "dev"), "own@prod", "--env dev does not name prod"),
        (("--component", "web"), "db@dev", "--component web does not name it"),
        (
            ("--changed", "--files", "apps/api/x"),
            "web@dev",
            "nothing that it consists of changed (the named files alone, as the options say)",
        ),
        (
            ("--changed", "--files", "apps/api/x"),
            "cron@dev",
            "it depends on api, which changed, and takes no input of it (`input: true`)",
        ),
    ],
)
def test_why_a_component_is_not_planned(orun: Shell, arguments: tuple[str, ...], target: str, reason: str) -> None:
    orun.repo.write(
        {
            "intent.yaml": TRIGGERED.replace("prod: {}", "prod: {selectors: {domains: [data]}}"),
            "apps/off/component.yaml": component("off", more="enabled: false"),
            "apps/shy/component.yaml": component("shy", more="subscribe: {environments: [prod]}"),
            "apps/own/component.yaml": component("own", more="domain: data\nsubscribe: {environments: [prod]}"),
        }
    )
    if target == "api@prod":
        orun.repo.write({"intent.yaml": TRIGGERED})
    code, out, _ = orun("plan", "--why-not", target, *arguments)
    assert (code, out) == (ExitCode.OK, f"{target}: {reason}\n")
    assert not (orun.repo.root / ".orun/plans").exists()


# --- affected ----------------------------------------------------------------------------------------------------------


def test_what_a_change_touches(orun: Shell) -> None:
    orun.repo.write({"apps/api/main.py": "2\n", "apps/api/b.py": "2\n", "README.md": "2\n"})
    start = git(orun.repo.top, "rev-parse", "HEAD")
    assert orun("affected") == (
        ExitCode.OK,
        f"""\
3 files changed: main ({start[:12]}) with the working tree, by default

Changed (1)
  api  apps/api/b.py changed (+1 more)

Depends on them, not planned (1)
  cron  it depends on api

Planned with --changed (2)
  api  apps/api/b.py changed (+1 more)
  db   api always includes it

Outside every component
  README.md

Confidence: exact
""",
        "",
    )
    explained = orun("affected", "--explain")[1].splitlines()
    assert explained[1:4] == ["  M README.md", "  ? apps/api/b.py", "  M apps/api/main.py"]
    assert "       apps/api/main.py changed" in explained
    assert list(orun.json("affected", "--json")["selection"]) == ["api", "db"]


def test_it_proves_itself(orun: Shell) -> None:
    orun.repo.write({"apps/report/component.yaml": component("report", more="parameters: {x: 1}")})
    code, out, _ = orun("affected", "--verify")
    assert (code, out.splitlines()[-1]) == (
        ExitCode.OK,
        "✓ no job that changed is left out: 1 changed and selected, 7 as before",
    )
    orun.repo.write(
        {
            "stack/compositions/site/composition.yaml": FILES["stack/compositions/site/composition.yaml"].replace(
                "echo one", "echo two"
            )
        }
    )
    found = orun.json("affected", "--json", "--verify")["verification"]
    assert found["covered"] == ["dash.dev.deploy", "report.dev.deploy", "web.dev.deploy"]
    assert found["leftOut"] == []


def test_a_proof_leaves_nothing_behind(orun: Shell, tmp_path: Path) -> None:
    orun("affected")
    before = sorted(path.name for path in (tmp_path / "cache").rglob("*"))
    assert orun("affected", "--verify")[0] == ExitCode.OK
    assert sorted(path.name for path in (tmp_path / "cache").rglob("*")) == before


def test_what_is_left_out_is_an_error(orun: Shell) -> None:
    orun.repo.write({"intent.yaml": TRIGGERED.replace("A: b", "A: c")})
    code, out, err = orun("affected", "--verify")
    assert code == ExitCode.COMPILE
    assert "✗ jobs that changed are left out: 1 changed and selected, 0 as before" in out
    assert err.count("[changes/left-out]") == 7
    assert orun("affected", "--verify", "--intent-impact", "all")[0] == ExitCode.OK
