"""The backend `github` against a GitHub of our own that knows the real one's description."""

from __future__ import annotations

import gha_fake_github as fake_github
import pytest
from gha_fake_github import NOW, NUMBER, Reply
from gha_followed import BUILD, DEPLOY, DONE, example, opened, steps
from gha_openapi import description
from gha_plans import CHECKSUM
from orun_backend_gha.api import GitHub, base_of, token_of
from orun_backend_gha.options import RemoteOptions
from orun_backend_gha.remote import ATTACHED, GitHubBackend
from orun_core.spec.backend import PlanBackend, PlanContext
from orun_core.spec.errors import RunError
from orun_core.spec.run import (
    Event,
    JobFinished,
    JobQueued,
    JobSkipped,
    JobStarted,
    Noted,
    RunFinished,
    Status,
    StepFinished,
    StepStarted,
)
from parts import missing


def code_of(caught) -> str:
    return caught.value.diagnostics[0].code


def test_it_is_a_plan_backend():
    assert isinstance(GitHubBackend(RemoteOptions(), {}), PlanBackend)


def test_the_fake_is_judged_by_githubs_own_description():
    judge = description()
    if judge is None:
        missing("openapi", "ORUN_NODE_MODULES names no folder with the npm package @octokit/openapi")
    path = f"/repos/{fake_github.REPOSITORY}/actions/runs/1"
    assert judge.judge("GET", path, None, 200, fake_github.run()) == []
    assert judge.judge("GET", path, None, 200, {"id": 1}) != []
    assert judge.judge("GET", "/repos/a/b/actions/nowhere", None, 200, {}) == [
        "GitHub has no GET /repos/a/b/actions/nowhere"
    ]


def test_a_run_is_dispatched_and_told_step_by_step(fake):
    going = fake_github.run("in_progress", None)
    fake.frames = [
        (going, []),
        (going, [fake_github.job(BUILD, "queued", None)]),
        (going, [fake_github.job(BUILD, "in_progress", None, steps(DONE, DONE, DONE, ("in_progress", None)))]),
        (
            fake_github.run(),
            [
                fake_github.job(BUILD, steps=steps(DONE, DONE, DONE, DONE, DONE, DONE)),
                fake_github.job(DEPLOY, steps=[("hello", *DONE)]),
            ],
        ),
    ]
    told = list(opened(fake).events())
    assert isinstance(told[0], Noted)
    assert (told[0].kind, told[0].data["run"]) == (ATTACHED, NUMBER)
    build = [event for event in told if getattr(event, "job", "") == "api.dev.build"]
    assert [type(event) for event in build] == [
        JobQueued,
        JobStarted,
        *(StepStarted, StepFinished, StepStarted, StepFinished, StepStarted, StepFinished),
        JobFinished,
    ]
    assert [(e.step, e.index, e.status) for e in build if isinstance(e, StepFinished)] == [
        ("compile", 1, Status.SUCCEEDED),
        ("test", 2, Status.SUCCEEDED),
        ("tidy", 3, Status.SUCCEEDED),
    ]
    assert build[-1].links["GitHub"].startswith("https://github.com/")
    assert told[-1] == RunFinished(Status.SUCCEEDED)
    (dispatch,) = [asked for asked in fake.asked if asked.method == "POST"]
    assert dispatch.path.endswith("/actions/workflows/orun.yml/dispatches")
    assert dispatch.body == {"ref": "main", "inputs": {"exec_id": "run-1"}, "return_run_details": True}
    assert dispatch.headers["Authorization"] == "Bearer token-canary"


def test_a_failure_names_its_step_and_skips_dependents(fake):
    bad = ("completed", "failure")
    skipped = ("completed", "skipped")
    fake.frames = [
        (
            fake_github.run(conclusion="failure"),
            [
                fake_github.job(BUILD, conclusion="failure", steps=steps(DONE, DONE, bad, skipped, DONE, DONE)),
                fake_github.job(DEPLOY, conclusion="skipped"),
            ],
        )
    ]
    told = list(opened(fake).events())
    finished = [(event.step, event.status) for event in told if isinstance(event, StepFinished)]
    assert finished == [("compile", Status.FAILED), ("test", Status.SKIPPED), ("tidy", Status.SUCCEEDED)]
    (end,) = [event for event in told if isinstance(event, JobFinished)]
    assert (end.status, end.reason) == (Status.FAILED, "step compile: GitHub says failed")
    assert [event.job for event in told if isinstance(event, JobSkipped)] == ["api.dev.deploy"]
    assert told[-1] == RunFinished(Status.FAILED, "GitHub says failure")


@pytest.mark.parametrize(
    ("conclusion", "of_job", "status", "run_status"),
    [
        ("cancelled", "cancelled", Status.CANCELLED, Status.CANCELLED),
        ("timed_out", "timed_out", Status.TIMED_OUT, Status.FAILED),
        ("startup_failure", "failure", Status.FAILED, Status.FAILED),
    ],
)
def test_other_ends(fake, conclusion, of_job, status, run_status):
    running = [("Set up job", *DONE), ("compile", "in_progress", None)]
    fake.frames = [(fake_github.run(conclusion=conclusion), [fake_github.job(BUILD, conclusion=of_job, steps=running)])]
    told = list(opened(fake).events())
    (end,) = [event for event in told if isinstance(event, JobFinished)]
    assert end.status is status
    assert [(e.step, e.status) for e in told if isinstance(e, StepFinished)] == [
        ("compile", Status.CANCELLED),
        ("test", Status.SKIPPED),
        ("tidy", Status.SKIPPED),
    ]
    assert JobSkipped("api.dev.deploy", "GitHub never started it") in told
    assert told[-1].status is run_status


def test_jobs_of_shards_and_later_pages_are_found(fake):
    fake.page_size = 1
    fake.frames = [
        (fake_github.run(), [fake_github.job(f"Part 1 of 2 / {BUILD}"), fake_github.job(f"Part 2 of 2 / {DEPLOY}")])
    ]
    told = list(opened(fake).events())
    assert [event.job for event in told if isinstance(event, JobFinished)] == ["api.dev.build", "api.dev.deploy"]


def test_the_run_is_found_by_its_title_where_the_number_is_not_told(fake):
    fake.tells_number = False
    fake.frames = [(fake_github.run(display_title="orun run-1"), [])]
    assert next(opened(fake).events()).data["run"] == NUMBER
    assert fake.asked[-1].query == {"event": "workflow_dispatch", "per_page": "50"}


def test_a_run_may_appear_late(fake, monkeypatch):
    fake.frames = [(fake_github.run(), [])]
    gone = Reply(404, {"message": "Not Found"})
    fake.fail(f"GET /repos/{fake_github.REPOSITORY}/actions/runs/{NUMBER}", gone, gone)
    monkeypatch.setattr("orun_backend_gha.remote._wait", lambda stop, seconds: None)
    assert list(opened(fake).events())[-1] == RunFinished(Status.SUCCEEDED)


def test_a_run_that_never_appears_or_vanishes_is_told(fake, monkeypatch):
    monkeypatch.setattr("orun_backend_gha.remote._wait", lambda stop, seconds: None)
    fake.tells_number = False
    fake.frames = [(fake_github.run(display_title="orun another"), [])]
    with pytest.raises(RunError) as caught:
        opened(fake)
    assert code_of(caught) == "github/run-gone"
    fake.tells_number = True
    session = opened(fake)
    fake.fail(f"/actions/runs/{NUMBER}", Reply(404, {"message": "Not Found"}))
    with pytest.raises(RunError) as caught:
        list(session.events())
    assert code_of(caught) == "github/not-found"


def noted(number: int = NUMBER):
    return (Event(2, "2026-05-29T10:00:00.000Z", Noted(ATTACHED, "run", data={"run": number, "attempt": 1})),)


def test_a_running_run_is_joined_again(fake):
    fake.frames = [(fake_github.run("in_progress", None), []), (fake_github.run(), [fake_github.job(BUILD)])]
    told = list(opened(fake, earlier=noted()).events())
    assert told[-1] == RunFinished(Status.SUCCEEDED)
    assert fake.paths("POST") == []


def test_failed_jobs_are_begun_again(fake):
    again = fake_github.run("queued", None, run_attempt=2)
    fake.frames = [
        (fake_github.run(conclusion="failure"), []),
        (again, []),
        (fake_github.run(run_attempt=2), [fake_github.job(BUILD), fake_github.job(DEPLOY)]),
    ]
    told = list(opened(fake, earlier=noted(), jobs=("api.dev.deploy",)).events())
    assert fake.paths("POST") == [f"/repos/{fake_github.REPOSITORY}/actions/runs/{NUMBER}/rerun-failed-jobs"]
    assert told[0].data["attempt"] == 2
    assert [event.job for event in told if isinstance(event, JobFinished)] == ["api.dev.deploy"]
    assert fake.paths()[-1].endswith("/attempts/2/jobs")


def test_cancelling_asks_github_and_follows_to_the_end(fake):
    going = fake_github.run("in_progress", None)
    fake.frames = [(going, []), (going, []), (fake_github.run(conclusion="cancelled"), [])]
    session = opened(fake)
    events = session.events()
    next(events)
    session.cancel()
    assert list(events)[-1].status is Status.CANCELLED
    assert fake.paths("POST")[-1].endswith(f"/actions/runs/{NUMBER}/cancel")


def test_cancelling_what_has_ended_is_no_error(fake):
    fake.frames = [(fake_github.run(), [])]
    session = opened(fake)
    fake.fail("/cancel", Reply(409, {"message": "Cannot cancel a workflow run that is completed."}))
    session.cancel()
    assert list(session.events())[-1].status is Status.SUCCEEDED


def test_jobs_with_other_steps_tell_of_none(fake):
    seen = [fake_github.job(BUILD, steps=[("Run", *DONE)]), fake_github.job(DEPLOY, steps=[("Run", *DONE)])]
    fake.frames = [(fake_github.run(), seen)]
    told = list(opened(fake).events())
    assert [event.status for event in told if isinstance(event, JobFinished)] == [Status.SUCCEEDED] * 2
    assert not [event for event in told if isinstance(event, StepFinished)]


def test_another_plans_workflow_is_refused(fake):
    fake.workflow = b"# Written by `orun github export` from plan sha256-other.\nname: orun # " + CHECKSUM.encode()
    with pytest.raises(RunError) as caught:
        opened(fake)
    assert code_of(caught) == "github/stale-workflow"
    assert fake.paths("POST") == []


def test_part_of_a_plan_and_an_unknown_repository_are_refused(fake, tmp_path):
    with pytest.raises(RunError) as caught:
        opened(fake, jobs=("api.dev.build",))
    assert code_of(caught) == "github/whole-plan"
    with pytest.raises(RunError) as caught:
        GitHubBackend(RemoteOptions(), {}).open(example(), PlanContext("e", tmp_path, ()))
    assert code_of(caught) == "github/no-repository"


@pytest.fixture
def client(fake):
    waits: list[float] = []
    made = GitHub(fake.url, fake_github.REPOSITORY, "token-canary", waits.append)
    made.waits = waits
    fake.frames = [(fake_github.run(), [])]
    return made


RUN = f"/actions/runs/{NUMBER}"
LIMITED = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(NOW + 30)}


@pytest.mark.parametrize(
    ("reply", "waits"),
    [
        (Reply(500, {"message": "Server Error"}), [1.0]),
        (Reply(502, b"<html>"), [1.0]),
        (Reply(403, {"message": "API rate limit exceeded"}, LIMITED), [31.0]),
        (Reply(429, {"message": "slow"}, {"Retry-After": "7"}), [7.0]),
        (Reply(403, {"message": "You have exceeded a secondary rate limit."}), [60.0]),
        (Reply(200, b'{"id": 1}', cut=3), [1.0]),
    ],
)
def test_what_passes_is_waited_for(fake, client, reply, waits):
    fake.fail(RUN, reply)
    assert client.get(RUN)["id"] == NUMBER
    assert client.waits == waits


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (Reply(401, {"message": "Bad credentials"}), "github/unauthorized"),
        (Reply(403, {"message": "Resource not accessible by integration"}), "github/forbidden"),
        (Reply(404, {"message": "Not Found"}), "github/not-found"),
        (Reply(422, {"message": "No ref found", "errors": [{"message": "ref is wrong"}]}), "github/refused"),
        (Reply(403, {"message": "limit"}, {"Retry-After": "3600"}), "github/rate-limited"),
    ],
)
def test_what_does_not_pass_is_told_at_once(fake, client, reply, code):
    fake.fail(RUN, reply)
    with pytest.raises(RunError) as caught:
        client.get(RUN)
    assert (code_of(caught), client.waits) == (code, [])
    assert "token-canary" not in str(caught.value)


def test_patience_ends(fake, client):
    fake.fail(RUN, *[Reply(503, {"message": "down"})] * 5)
    with pytest.raises(RunError) as caught:
        client.get(RUN)
    assert (code_of(caught), client.waits) == ("github/unavailable", [1.0, 2.0, 4.0, 8.0])


def test_a_change_is_never_sent_twice(fake, client):
    fake.fail("POST", Reply(502, {"message": "down"}))
    with pytest.raises(RunError) as caught:
        client.post(f"{RUN}/cancel")
    assert (code_of(caught), len(fake.paths("POST"))) == ("github/unavailable", 1)


def test_unchanged_answers_are_not_sent_again(fake, client):
    assert client.get(RUN) == client.get(RUN)
    assert "If-None-Match" not in fake.asked[0].headers
    assert fake.asked[1].headers["If-None-Match"].startswith('W/"')


def test_the_token_stays_with_its_server(fake, client):
    other = Reply(200, {"total_count": 1, "jobs": []}, {"Link": '<http://elsewhere.example/next>; rel="next"'})
    fake.fail("/jobs", other)
    assert list(client.pages(f"{RUN}/jobs", "jobs")) == []


def test_nobody_at_the_other_end(fake):
    waits: list[float] = []
    fake.close()
    with pytest.raises(RunError) as caught:
        GitHub(fake.url, "a/b", "", waits.append).get("/actions/runs")
    assert code_of(caught) == "github/unavailable"


@pytest.mark.parametrize(
    ("environ", "base"),
    [
        ({}, "https://api.github.com"),
        ({"GITHUB_API_URL": "https://ghe.acme.example/api/v3"}, "https://ghe.acme.example/api/v3"),
        ({"GITHUB_SERVER_URL": "https://ghe.acme.example"}, "https://ghe.acme.example/api/v3"),
        ({"GH_HOST": "ghe.acme.example"}, "https://ghe.acme.example/api/v3"),
        ({"GH_HOST": "acme.ghe.com"}, "https://api.acme.ghe.com"),
    ],
)
def test_enterprise_servers_have_their_own_address(environ, base):
    assert base_of(environ) == base


def test_the_token_is_looked_for_in_order(tmp_path):
    gh = tmp_path / "gh"
    gh.write_text('#!/bin/sh\n[ "$*" = "auth token" ] && echo from-gh\n')
    gh.chmod(0o755)
    environ = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    assert token_of({**environ, "GH_TOKEN": "b", "GITHUB_TOKEN": "a"}) == "a"
    assert token_of({**environ, "GH_TOKEN": "b"}) == "b"
