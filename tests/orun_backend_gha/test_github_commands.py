"""`orun github …` against a GitHub of our own and the real store."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import gha_fake_github as fake_github
import pytest
from click.testing import CliRunner
from gha_fake_github import NUMBER, Reply
from gha_plans import everything, job, plan, step
from orun_backend_gha.commands.group import command
from orun_backend_gha.comment import LIMIT, body
from orun_backend_gha.plugin import orun_surfaces
from orun_backend_gha.remote_logs import cut
from orun_core.compiler.lockfile import read_actions, write_actions
from orun_core.spec.errors import OrunError
from orun_core.spec.run import Status
from orun_core.state.local import LocalStore

BUILD = "api · dev · Build"
DEPLOY = "api · dev · Deploy"
LOG = b"""\
2026-05-29T10:00:00.1000000Z Current runner version
2026-05-29T10:00:01.1000000Z ##[group]Run make
2026-05-29T10:00:01.2000000Z ##[endgroup]
2026-05-29T10:00:03.0000000Z compiled
2026-05-29T10:00:05.1000000Z ##[group]Run make test
2026-05-29T10:00:05.2000000Z gr\xc3\xbc\xc3\x9fe \xff
2026-05-29T10:00:09.0000000Z Cleaning up
"""


@dataclass
class Desk:
    """The part of a host that these commands use."""

    root: Path
    environ: dict[str, str]
    known: object = None
    reported: list = field(default_factory=list)

    @cached_property
    def store(self):
        return LocalStore(self.root / ".orun", lambda path: self.known)

    def plan(self, reference):
        return self.known

    def report(self, diagnostics):
        self.reported += diagnostics

    @property
    def locked_actions(self):
        return read_actions(self.root)

    def lock_actions(self, commits):
        return write_actions(self.root, commits)


@pytest.fixture
def desk(fake, tmp_path):
    build = job("api.dev.build", step("make", "make"), step("test", "make test"), step("tidy", "true", phase="post"))
    return Desk(tmp_path, fake.environ, plan(build, job("api.dev.deploy", depends_on=("api.dev.build",))))


def run(desk, *arguments) -> str:
    result = CliRunner().invoke(command, arguments, obj=desk)
    if result.exception is not None:
        raise result.exception
    return result.output


def code_of(desk, *arguments) -> str:
    with pytest.raises(OrunError) as caught:
        run(desk, *arguments)
    return caught.value.diagnostics[0].code


def seen_steps(*names):
    states = [(name, "completed", "success") for name in names]
    made = fake_github.job(BUILD, steps=states)
    times = {"Set up job": ("00", "00"), "make": ("01", "04"), "test": ("05", "08"), "Complete job": ("09", "09")}
    for state in made["steps"]:
        began, ended = times.get(state["name"], ("08", "08"))
        state["started_at"] = f"2026-05-29T10:00:{began}Z"
        state["completed_at"] = f"2026-05-29T10:00:{ended}Z"
    return {**made, "id": 7, "started_at": "2026-05-29T10:00:00Z", "completed_at": "2026-05-29T10:00:09Z"}


@pytest.fixture
def finished(fake):
    skipped = fake_github.job(DEPLOY, conclusion="skipped", id=8)
    jobs = [seen_steps("Set up job", "make", "test", "tidy", "Complete job"), skipped]
    ended = fake_github.run(
        conclusion="success", run_started_at="2026-05-29T09:59:58Z", updated_at="2026-05-29T10:00:10Z"
    )
    fake.frames = [(ended, jobs)]
    fake.logs = {7: Reply(200, LOG)}
    return fake


def test_the_command_is_offered_without_import():
    (entry,) = orun_surfaces()
    assert (entry.name, entry.load()) == ("github", command)


def test_runs_are_listed(desk, finished):
    line = run(desk, "runs")
    assert line.split()[:4] == [str(NUMBER), fake_github.RUN["head_sha"][:7], fake_github.RUN["head_branch"], "success"]
    run(desk, "runs", "--workflow", "orun.yml", "--branch", "main", "--failed", "--limit", "3", "--sha", "a" * 40)
    asked = finished.asked[-1]
    assert asked.path.endswith("/actions/workflows/orun.yml/runs")
    assert asked.query == {"per_page": "3", "branch": "main", "head_sha": "a" * 40, "status": "failure"}
    assert json.loads(run(desk, "runs", "--json"))[0]["id"] == NUMBER


def test_no_runs_are_said_to_be_none(desk, fake):
    fake.frames = [({}, [])]
    fake.fail("/actions/runs", Reply(200, {"total_count": 0, "workflow_runs": []}))
    assert run(desk, "runs") == "No workflow runs found.\n"


@pytest.mark.parametrize(
    "naming", [(str(NUMBER),), ("--run-id", str(NUMBER)), ("--exec-id", f"gh-{NUMBER}-1-896da6b09c29"), ()]
)
def test_the_status_of_a_run(desk, finished, naming):
    branch = fake_github.RUN["head_branch"]
    assert run(desk, "status", *naming) == (
        f"Run {NUMBER} ({branch}): 2 jobs, 1 skipped, 1 success\n  success  {BUILD}\n  skipped  {DEPLOY}\n"
    )


def test_runs_that_are_not_there(desk, finished):
    assert code_of(desk, "status", "--exec-id", "local-run") == "github/no-run"
    assert code_of(desk, "logs", str(NUMBER), "--job", "nowhere") == "github/no-run"
    desk.environ = {"GITHUB_API_URL": finished.url}
    assert code_of(desk, "runs") == "github/no-repository"


def test_logs_are_cut_into_steps(desk, finished):
    printed = run(desk, "logs", str(NUMBER), "--job", "BUILD")
    assert f"=== {BUILD} / make ===\n##[group]Run make\n##[endgroup]\ncompiled\n" in printed
    assert f"=== {BUILD} / test ===\n##[group]Run make test\n" in printed


def test_a_log_without_stamps_belongs_to_the_first_step():
    steps = [{"number": 1, "started_at": "2026-05-29T10:00:00Z", "conclusion": "success"}]
    assert cut(b"plain\n", steps) == {1: b"plain\n"}
    assert cut(b"plain\n", []) == {}


def test_a_pulled_run_is_like_a_local_one(desk, finished):
    run(desk, "pull", str(NUMBER), "--plan", "latest")
    exec_id = f"gh-{NUMBER}-1-896da6b09c29"
    state = desk.store.run(exec_id)
    assert (state.status, state.backend, state.plan_name) == (Status.SUCCEEDED, "github", "tides")
    assert (state.started_at, state.finished_at) == ("2026-05-29T09:59:58.000Z", "2026-05-29T10:00:10.000Z")
    build, deploy = state.jobs
    assert (build.status, deploy.status, deploy.depends_on) == (Status.SUCCEEDED, Status.SKIPPED, ("api.dev.build",))
    assert [(one.id, one.phase, one.started_at[17:19], one.finished_at[17:19]) for one in build.steps] == [
        ("make", "main", "01", "04"),
        ("test", "main", "05", "08"),
        ("tidy", "post", "08", "08"),
    ]
    assert desk.store.log(exec_id, build.steps[0].logs[0]) == b"##[group]Run make\n##[endgroup]\ncompiled\n"
    before = desk.store.events(exec_id)
    run(desk, "pull", str(NUMBER), "--plan", "latest")
    assert desk.store.events(exec_id) == before


def test_a_run_without_a_plan_is_told_from_its_names(desk, finished):
    finished.logs = {}
    run(desk, "pull", str(NUMBER))
    (summary,) = desk.store.runs()
    assert summary.exec_id == f"gh-{NUMBER}-1-{fake_github.RUN['head_sha'][:12]}"
    state = desk.store.run(summary.exec_id)
    assert [(one.id, one.component, one.environment) for one in state.jobs] == [
        ("api.dev.build", "api", "dev"),
        ("api.dev.deploy", "api", "dev"),
    ]
    assert [one.id for one in state.jobs[0].steps] == ["make", "test", "tidy"]
    assert [note.data["again"] for note in state.notes] == [f"gh run rerun {NUMBER} --failed"]


def test_a_run_that_still_runs_is_not_pulled(desk, fake):
    fake.frames = [(fake_github.run("in_progress", None), [])]
    assert code_of(desk, "pull", str(NUMBER)) == "github/still-running"
    assert desk.store.runs() == ()


def test_one_comment_is_kept(desk, fake):
    first = run(desk, "comment", "--pull-request", "42")
    assert first == fake_github.COMMENT["html_url"] + "\n"
    (comment,) = fake.comments
    assert comment["body"].startswith("<!-- orun-plan  -->\n### orun plan `896da6b09c29`\n")
    run(desk, "comment", "--pull-request", "42")
    assert fake.paths("PATCH") == []
    desk.known = plan(job("api.dev.build"))
    run(desk, "comment", "--pull-request", "42")
    assert (len(fake.comments), len(fake.paths("PATCH"))) == (1, 1)
    assert "1 component × 1 environment → 1 job" in comment["body"]
    run(desk, "comment", "--pull-request", "42", "--key", "staging")
    assert len(fake.comments) == 2


def test_the_pull_request_is_that_of_the_event(desk, fake, tmp_path):
    desk.environ = {**fake.environ, "GITHUB_REF": "refs/pull/7/merge"}
    run(desk, "comment")
    assert fake.paths("POST")[-1].endswith("/issues/7/comments")
    event = tmp_path / "event.json"
    event.write_text('{"pull_request": {"number": 8}}')
    desk.environ = {**fake.environ, "GITHUB_EVENT_PATH": str(event)}
    run(desk, "comment")
    assert fake.paths("GET")[-1].endswith("/issues/8/comments")
    desk.environ = fake.environ
    assert code_of(desk, "comment") == "github/no-pull-request"


def test_a_comment_fits_and_holds_no_markdown_of_others():
    large = plan(*(job(f"component-{number}.environment.build") for number in range(3000)))
    text = body(large)
    assert len(text) <= LIMIT
    assert "more jobs." in text
    evil = replace(job("api.dev.build"), id="a|`b` @everyone\n.dev.build")
    assert "| `a\\|'b' @everyone .dev.build` | 1 |  |" in body(plan(evil))
    assert body(plan()).endswith("Nothing to do.")


def test_the_comment_can_be_read_first(desk):
    assert run(desk, "comment", "--dry-run").startswith("<!-- orun-plan  -->")


def test_export_writes_checks_and_warns(desk, tmp_path, monkeypatch):
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    desk.root = tmp_path / "platform"
    desk.root.mkdir()
    desk.known = everything()
    monkeypatch.chdir(desk.root)
    assert code_of(desk, "export", "--check") == "github/export-drift"
    assert run(desk, "export") == ".github/workflows/orun.yml\n"
    written = tmp_path / ".github/workflows/orun.yml"
    assert "working-directory: platform/apps/api\n" in written.read_text()
    assert run(desk, "export", "--check") == ""
    assert run(desk, "export", "-o", "-") == written.read_text()
    (warning, *_) = desk.reported
    assert warning.code == "github/unpinned-action"
    assert "acme/fetch@v2, actions/setup-node@v4" in warning.message
    assert code_of(desk, "export", "--pin", "acme/fetch=v2") == "usage/command-line"


def test_parts_of_a_larger_plan_do_not_stay(desk, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    desk.known = plan(*(job(f"c{number}.dev.build") for number in range(300)))
    assert run(desk, "export", "-o", "w/all.yml") == "w/all.yml\nw/all-1.yml\nw/all-2.yml\n"
    run(desk, "export", "-o", "w/all-prod.yml")
    (tmp_path / "w/all-3.yml").write_text("mine\n")
    desk.known = plan(job("c0.dev.build"))
    with pytest.raises(OrunError) as caught:
        run(desk, "export", "-o", "w/all.yml", "--check")
    assert [problem.message for problem in caught.value.diagnostics] == [
        "w/all.yml is not what the plan exports",
        "w/all-1.yml is a part of an earlier export",
        "w/all-2.yml is a part of an earlier export",
    ]
    told = run(desk, "export", "-o", "w/all.yml")
    assert told == "w/all.yml\nw/all-1.yml removed\nw/all-2.yml removed\n"
    assert run(desk, "export", "-o", "w/all.yml", "--check") == ""
    left = sorted(path.name for path in (tmp_path / "w").iterdir())
    assert left == ["all-3.yml", "all-prod-1.yml", "all-prod-2.yml", "all-prod.yml", "all.yml"]
