"""Logs of a run that the backend `github` follows."""

from __future__ import annotations

import gha_fake_github as fake_github
from gha_fake_github import Reply
from gha_followed import BUILD, DEPLOY, DONE, opened, steps
from orun_core.spec.run import JobFinished, Output


def test_steps_tell_what_they_printed_when_their_job_has_ended(fake):
    seen = fake_github.job(BUILD, id=7, steps=steps(DONE, DONE, DONE, DONE, DONE))
    for second, state in enumerate(seen["steps"]):
        state["started_at"] = f"2026-05-29T10:00:0{second}Z"
    fake.frames = [(fake_github.run(), [seen])]
    lines = ("0.1Z prepared", "2.1Z ##[group]Run make", "2.2Z \u2713 made", "4.0Z ##[group]Run rm", "4.2Z removed")
    fake.logs = {7: Reply(200, "".join(f"2026-05-29T10:00:0{line}\n" for line in lines).encode())}
    told = [event for event in opened(fake).events() if getattr(event, "job", "") == "api.dev.build"]
    printed = [(event.step, event.text) for event in told if isinstance(event, Output)]
    assert printed == [
        ("compile", "##[group]Run make"),
        ("compile", "\u2713 made"),
        ("tidy", "##[group]Run rm"),
        ("tidy", "removed"),
    ]
    assert isinstance(told[-1], JobFinished)
    assert all(isinstance(event, Output) for event in told[-1 - len(printed) : -1])


def test_logs_come_whole_or_say_why_not(fake, monkeypatch):
    monkeypatch.setattr("orun_backend_gha.remote._wait", lambda stop, seconds: None)
    fake.frames = [(fake_github.run(), [fake_github.job(BUILD, id=7), fake_github.job(DEPLOY, id=8)])]
    text = b"2026-05-29T10:00:00.0000000Z \xff raw\n"
    fake.logs = {7: Reply(200, text)}
    session = opened(fake)
    list(session.events())
    assert session.log("api.dev.build") == text
    assert session.log("api.dev.deploy").startswith(b"the log could not be had: GitHub refuses GET")
    fake.logs[7] = Reply(200, text, cut=5)
    assert b"GitHub does not answer" in session.log("api.dev.build")
    blobs = [asked for asked in fake.asked if asked.path.startswith("/blob/")]
    assert len(blobs) == 6
    assert session.log("another.dev.job") == b""
