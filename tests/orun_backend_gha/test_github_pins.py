"""Commits of actions: asked of GitHub or of the repository, locked, exported, and run here."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

import pytest
from gha_fake_github import Reply
from gha_plans import everything, job, plan, step
from orun_backend_gha.act import ActBackend
from orun_backend_gha.api import server_of
from orun_backend_gha.commits import commit_of
from orun_backend_gha.options import ActOptions
from orun_core.compiler.lockfile import LOCK_FILE, read_actions
from orun_core.spec.backend import JobContext
from orun_core.spec.errors import RunError
from orun_core.spec.run import Output
from test_github_commands import Desk, code_of, run

ONE, TWO, THREE = "1" * 40, "2" * 40, "3" * 40
NODE, FETCH = "actions/setup-node@v4", "acme/fetch@v2"


@pytest.fixture
def desk(fake, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    fake.commits = {NODE: ONE, FETCH: TWO}
    return Desk(tmp_path, fake.environ, everything())


def exported(desk) -> str:
    return (desk.root / ".github/workflows/orun.yml").read_text()


def test_what_is_pinned_is_locked_and_exported(desk, fake):
    assert run(desk, "pin") == f"{FETCH}  {TWO}\n{NODE}  {ONE}\n"
    assert read_actions(desk.root) == {NODE: ONE, FETCH: TWO}
    assert fake.paths() == ["/repos/acme/fetch/commits/v2", "/repos/actions/setup-node/commits/v4"]
    run(desk, "export")
    assert f"uses: actions/setup-node@{ONE} # v4\n" in exported(desk)
    assert exported(desk).count(f"uses: acme/fetch@{TWO} # v2\n") == 2
    assert (desk.reported, run(desk, "export", "--check")) == ([], "")


def test_a_tag_that_moves_changes_nothing_until_it_is_asked_about(desk, fake):
    run(desk, "pin")
    fake.commits[FETCH] = THREE
    asked = len(fake.asked)
    assert run(desk, "pin") == f"{FETCH}  {TWO}\n{NODE}  {ONE}\n"
    assert run(desk, "pin", "--check") == f"{FETCH}  {TWO}\n{NODE}  {ONE}\n"
    assert len(fake.asked) == asked, "what is locked is not asked about"
    assert code_of(desk, "pin", "--update", "--check") == "github/moved-action"
    assert read_actions(desk.root)[FETCH] == TWO
    assert run(desk, "pin", "--update") == f"{FETCH}  {THREE}  was {TWO}\n{NODE}  {ONE}\n"
    assert read_actions(desk.root) == {NODE: ONE, FETCH: THREE}
    assert run(desk, "pin", "--update", "--check") == f"{FETCH}  {THREE}\n{NODE}  {ONE}\n"


def test_check_asks_nobody_and_names_every_action_that_is_not_locked(desk, fake):
    desk.lock_actions({NODE: ONE})
    with pytest.raises(RunError) as caught:
        run(desk, "pin", "--check")
    assert [problem.message for problem in caught.value.diagnostics] == [f"{FETCH} is not locked"]
    assert fake.asked == []


def test_a_given_commit_is_locked_unless_nothing_is_written(desk):
    run(desk, "export", "--pin", f"{FETCH}={THREE}", "-o", "-")
    assert read_actions(desk.root) == {}
    run(desk, "export", "--pin", f"{FETCH}={THREE}")
    assert read_actions(desk.root) == {FETCH: THREE}
    assert f"acme/fetch@{THREE} # v2" in exported(desk)
    run(desk, "export")
    assert f"acme/fetch@{THREE} # v2" in exported(desk)
    assert code_of(desk, "export", "--check", "--pin", f"{FETCH}={TWO}") == "github/export-drift"
    assert read_actions(desk.root) == {FETCH: THREE}
    assert code_of(desk, "export", "--pin", f"{FETCH}=v2") == "usage/command-line"


def test_commits_images_and_actions_of_the_repository_need_no_lock(desk, fake):
    uses = ("./mine", "docker://alpine:3", f"acme/fetch@{ONE}")
    desk.known = plan(job("api.dev.build", *(step(f"s{at}", use=use) for at, use in enumerate(uses))))
    assert run(desk, "pin") == "the plan uses no action by tag or branch\n"
    assert (fake.asked, (desk.root / LOCK_FILE).exists()) == ([], False)


class Repositories:
    """A server of repositories that only git can ask."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = f"file://{folder}"

    def git(self, repository: str, *arguments: str) -> str:
        place = self.folder / repository
        place.mkdir(parents=True, exist_ok=True)
        named = ["git", "-C", str(place), "-c", "user.name=t", "-c", "user.email=t@example.com", *arguments]
        return subprocess.run(named, check=True, capture_output=True, text=True).stdout.strip()

    def make(self, repository: str, file: str = "README", content: str = "") -> str:
        self.git(repository, "init", "-q", "-b", "main")
        (self.folder / repository / file).write_text(content)
        self.git(repository, "add", ".")
        self.git(repository, "commit", "-q", "-m", "x")
        return self.git(repository, "rev-parse", "HEAD")


@pytest.fixture
def server(tmp_path):
    return Repositories(tmp_path / "server")


def test_git_answers_without_a_token(server):
    commit = server.make("acme/tools")
    server.git("acme/tools", "tag", "light")
    server.git("acme/tools", "tag", "-a", "v1", "-m", "annotated")
    server.git("acme/tools", "branch", "release/2")
    environ = {"PATH": os.environ["PATH"], "GITHUB_SERVER_URL": server.url}
    for use in ("acme/tools@light", "acme/tools@v1", "acme/tools/lint@release/2"):
        assert commit_of(use, environ) == commit


def test_a_tag_comes_before_a_branch_of_its_name(server):
    tagged = server.make("acme/tools")
    server.git("acme/tools", "tag", "v1")
    server.git("acme/tools", "commit", "-q", "--allow-empty", "-m", "y")
    server.git("acme/tools", "branch", "v1")
    assert commit_of("acme/tools@v1", {"PATH": os.environ["PATH"], "GITHUB_SERVER_URL": server.url}) == tagged


def test_git_answers_where_the_token_sees_nothing(server, fake):
    commit = server.make("acme/open")
    assert (
        commit_of("acme/open@main", {"PATH": os.environ["PATH"], **fake.environ, "GITHUB_SERVER_URL": server.url})
        == commit
    )
    assert fake.paths() == ["/repos/acme/open/commits/main"]


def test_a_refused_token_is_said(server, fake):
    fake.fail("/commits/", Reply(401, {"message": "Bad credentials"}))
    with pytest.raises(RunError) as caught:
        commit_of("acme/open@main", {**fake.environ, "GITHUB_SERVER_URL": server.url})
    assert caught.value.diagnostics[0].code == "github/unauthorized"


def test_what_is_unknown_is_said_with_the_nearest_name(server, desk, fake):
    server.make("acme/fetch")
    server.git("acme/fetch", "tag", "-a", "v3", "-m", "x")
    fake.commits = {}
    desk.environ = {"PATH": os.environ["PATH"], "GITHUB_SERVER_URL": server.url}
    with pytest.raises(RunError) as caught:
        run(desk, "pin")
    fetch, node = caught.value.diagnostics
    assert (fetch.code, fetch.hint) == ("github/unknown-action", 'did you mean "v3"?')
    assert fetch.message == f"{FETCH}: {server.url}/acme/fetch has no tag and no branch v2"
    assert (node.code, node.message.partition(": '/")[0]) == (
        "github/unknown-action",
        f"{NODE}: {server.url}/actions/setup-node cannot be read",
    )


@pytest.mark.parametrize(
    ("environ", "server"),
    [
        ({}, "https://github.com"),
        ({"GH_HOST": "git.example"}, "https://git.example"),
        ({"GITHUB_SERVER_URL": "https://git.example/", "GH_HOST": "other"}, "https://git.example"),
    ],
)
def test_the_server_is_that_of_enterprise(environ, server):
    assert server_of(environ) == server


@pytest.fixture
def run_here(program, server, tmp_path):
    """Runs actions through act, by the commits that are locked, and tells what they printed."""

    def run_here(*uses, locked=None, replaced=()):
        scratch = Path(tempfile.mkdtemp(dir=tmp_path))
        (tmp_path / "workspace").mkdir(exist_ok=True)
        options = ActOptions(cache=tmp_path / "cache", local_repositories=replaced)
        backend = ActBackend(options, os.environ, lambda: locked or {})
        ours = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
        ours |= {} if replaced else {"GITHUB_SERVER_URL": server.url}
        one = job("api.dev.build", *(step(f"s{at}", use=use) for at, use in enumerate(uses)))
        session = backend.open(one, JobContext("e1", tmp_path / "workspace", scratch, ours))
        return [event.text for event in session.events() if isinstance(event, Output)]

    return run_here


GREETING = "runs:\n  using: composite\n  steps:\n    - {{shell: sh, run: echo {}}}\n"


@pytest.mark.act
def test_a_run_here_takes_the_locked_commit(run_here, server, tmp_path):
    """The tag has moved on since it was locked; a folder that stands in for an action still does."""
    locked = server.make("acme/greet", "action.yml", GREETING.format("reviewed"))
    (server.folder / "acme/greet/action.yml").write_text(GREETING.format("moved"))
    server.git("acme/greet", "commit", "-q", "-a", "-m", "y")
    server.git("acme/greet", "tag", "v1")
    assert run_here("acme/greet@v1") == ["moved"]
    assert run_here("acme/greet@v1", locked={"acme/greet@v1": locked}) == ["reviewed"]
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/action.yml").write_text(GREETING.format("mine"))
    stands_in = (f"acme/own@v1={tmp_path}/mine",)
    assert run_here("acme/own@v1", locked={"acme/own@v1": ONE}, replaced=stands_in) == ["mine"]


@pytest.mark.act
def test_an_action_that_was_fetched_once_needs_no_network(run_here, server):
    """Nor do the actions that it uses itself."""
    server.make("acme/inner", "action.yml", GREETING.format("inner"))
    server.git("acme/inner", "tag", "v1")
    outer = "runs:\n  using: composite\n  steps:\n    - uses: acme/inner@v1\n    - {shell: sh, run: echo outer}\n"
    commit = server.make("acme/outer", "action.yml", outer)
    server.git("acme/outer", "tag", "v1")
    used = ("acme/outer@v1", f"acme/outer@{commit}")
    assert run_here(*used) == ["inner", "outer"] * 2
    server.folder.rename(server.folder.with_name("gone"))
    assert run_here(*used) == ["inner", "outer"] * 2
    assert run_here("acme/never@v1") != []
