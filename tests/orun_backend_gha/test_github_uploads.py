"""Run folders that jobs uploaded become one execution, or are refused."""

from __future__ import annotations

import io
import json
import stat
import zipfile

import gha_fake_github as fake_github
import pytest
from gha_fake_github import NUMBER, FakeGitHub
from gha_plans import job, plan
from orun_backend_gha import artifacts
from orun_backend_gha.artifacts import unpacked
from orun_core.spec.errors import RunError
from orun_core.spec.run import Status
from test_github_commands import Desk, code_of, run


def archive(files: dict[str, bytes], mode: int = stat.S_IFREG | 0o644) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in files.items():
            member = zipfile.ZipInfo(name)
            member.external_attr = mode << 16
            opened.writestr(member, content)
    return kept.getvalue()


def folder(name: str, minute: int) -> bytes:
    """What one job of a matrix left: its own journal of the shared execution, and a log."""
    component, environment, short = name.split(".")
    planned = {
        "id": name,
        "component": component,
        "environment": environment,
        "name": short,
        "displayName": short,
        "digest": "d",
    }
    log = f"logs/{name}/01-say.1.log"
    start = {
        "schemaVersion": "orun.run/v1",
        "execId": "x",
        "planChecksum": "sha256-896da6b09c29ff",
        "planName": "tides",
    }
    start |= {"backend": "github-actions", "trigger": "t", "user": "u", "concurrency": 4, "failFast": True}
    events = [
        {"type": "run.started", **start, "jobs": [{**planned, "steps": [{"id": "say", "phase": "main"}]}]},
        {"type": "job.started", "job": name, "attempt": 1},
        {"type": "step.started", "job": name, "step": "say", "index": 1, "attempt": 1, "log": log},
        {
            "type": "step.finished",
            "job": name,
            "step": "say",
            "index": 1,
            "attempt": 1,
            "status": "succeeded",
            "exitCode": 0,
        },
        {"type": "something.newer", "job": name},
        {"type": "job.finished", "job": name, "attempt": 1, "status": "succeeded"},
        {"type": "run.finished", "status": "succeeded"},
    ]
    lines = [
        json.dumps({"seq": at, "at": f"2026-05-29T10:{minute:02d}:0{at}.000Z", **event})
        for at, event in enumerate(events, 1)
    ]
    return archive({"events.ndjson": ("\n".join(lines) + '\n{"torn').encode(), log: f"said {name}\n".encode()})


@pytest.fixture
def fake():
    made = FakeGitHub()
    made.frames = [(fake_github.run(), [])]
    yield made
    made.close()
    assert made.wrong == []


@pytest.fixture
def desk(fake, tmp_path):
    return Desk(tmp_path, fake.environ, plan(job("api.dev.build"), job("web.dev.build")))


def test_uploads_of_a_matrix_are_one_execution(desk, fake):
    fake.artifacts = {
        "orun-run-web": folder("web.dev.build", 1),
        "orun-run-api": folder("api.dev.build", 2),
        "coverage": b"no zip at all",
    }
    run(desk, "pull", str(NUMBER), "--plan", "latest")
    state = desk.store.run(f"gh-{NUMBER}-1-896da6b09c29")
    assert (state.status, [(one.id, one.status) for one in state.jobs]) == (
        Status.SUCCEEDED,
        [("api.dev.build", Status.SUCCEEDED), ("web.dev.build", Status.SUCCEEDED)],
    )
    assert [one.started_at[14:19] for one in state.jobs] == ["02:02", "01:02"]
    assert desk.store.log(state.exec_id, state.jobs[0].steps[0].logs[0]) == b"said api.dev.build\n"


def test_uploads_can_be_left_out(desk, fake):
    fake.artifacts = {"orun-run-web": b"no zip"}
    assert code_of(desk, "pull", str(NUMBER)) == "github/bad-upload"
    assert desk.store.runs() == ()
    run(desk, "pull", str(NUMBER), "--without-uploads")
    assert len(desk.store.runs()) == 1


@pytest.mark.parametrize("name", ["../x", "/x", "a/../../x", "C:/x", "a\\x", "logs/..\\x"])
def test_paths_that_lead_out_are_refused(name):
    with pytest.raises(RunError) as caught:
        unpacked("orun-run-x", archive({name: b""}))
    assert caught.value.diagnostics[0].code == "github/bad-upload"


def test_links_doubles_and_bombs_are_refused(monkeypatch):
    with pytest.raises(RunError, match="no regular file"):
        unpacked("x", archive({"logs/a": b"/etc/passwd"}, stat.S_IFLNK | 0o777))
    twice = io.BytesIO()
    with zipfile.ZipFile(twice, "w") as opened:
        opened.writestr("a", b"1")
        with pytest.warns(UserWarning, match="Duplicate name"):
            opened.writestr("a", b"2")
    with pytest.raises(RunError, match="a file twice"):
        unpacked("x", twice.getvalue())
    monkeypatch.setattr(artifacts, "MAX_BYTES", 1000)
    with pytest.raises(RunError, match="larger than a run can be"):
        unpacked("x", archive({"a": b"0" * 1001}))


def test_a_broken_journal_is_refused(desk, fake):
    fake.artifacts = {"orun-run-web": archive({"events.ndjson": b'{"seq": 1}\n'})}
    assert code_of(desk, "pull", str(NUMBER)) == "github/bad-upload"
