from __future__ import annotations

from dataclasses import replace

import pytest
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
from orun_core.state.fold import CUT_OFF, NOT_STARTED, STEP_NOT_STARTED, Folder, fold, summarize
from recorded import events, planned, started, worked

API, WEB, ZED = "api.dev.deploy", "web.dev.deploy", "zed.dev.deploy"


def statuses(state) -> dict[str, str]:
    return {job.component: job.status.value for job in state.jobs}


def test_a_run_that_succeeds() -> None:
    state = fold(events(started(planned("api")), JobQueued(API), *worked("api"), RunFinished(Status.SUCCEEDED)))
    (job,) = state.jobs
    assert (state.status, state.started_at, state.finished_at) == (
        Status.SUCCEEDED,
        "2026-01-01T00:00:01.000Z",
        "2026-01-01T00:00:09.000Z",
    )
    assert (job.status, job.attempt, job.started_at, job.finished_at) == (
        Status.SUCCEEDED,
        1,
        "2026-01-01T00:00:03.000Z",
        "2026-01-01T00:00:08.000Z",
    )
    assert [(s.id, s.index, s.phase, s.status, s.exit_code, s.logs) for s in job.steps] == [
        ("build", 1, "main", Status.SUCCEEDED, 0, (f"logs/{API}/01-build.1.log",)),
        ("clean", 2, "post", Status.SUCCEEDED, 0, (f"logs/{API}/02-clean.1.log",)),
    ]


def test_planned_jobs_are_there_before_anything_started() -> None:
    state = fold(events(started(planned("api"), planned("web"))))
    assert (state.status, statuses(state)) == (Status.RUNNING, {"api": "pending", "web": "pending"})
    assert state.interrupted


def test_jobs_that_never_started_are_skipped_with_the_reason() -> None:
    state = fold(
        events(
            started(planned("api"), planned("web"), planned("zed")),
            JobStarted(API, 1),
            StepStarted(API, "build", 1, 1),
            StepFinished(API, "build", 1, 1, Status.FAILED, 3, "exit status 3"),
            JobFinished(API, 1, Status.FAILED, "step build: exit status 3"),
            JobSkipped(WEB, f'dependency "{API}" failed'),
            RunFinished(Status.FAILED, "1 job failed"),
        )
    )
    assert statuses(state) == {"api": "failed", "web": "skipped", "zed": "skipped"}
    assert [job.reason for job in state.jobs] == [
        "step build: exit status 3",
        f'dependency "{API}" failed',
        NOT_STARTED,
    ]
    assert [step.status for step in state.jobs[0].steps] == [Status.FAILED, Status.SKIPPED]
    assert state.jobs[1].steps[0].status is Status.SKIPPED


def test_a_step_that_did_not_run_in_a_job_that_succeeded_says_so() -> None:
    state = fold(events(started(planned("api")), JobStarted(API, 1), JobFinished(API, 1, Status.SUCCEEDED)))
    assert [(step.status, step.reason) for step in state.jobs[0].steps] == [(Status.SKIPPED, STEP_NOT_STARTED)] * 2


def test_what_still_ran_when_the_run_was_sealed_is_cancelled() -> None:
    state = fold(
        events(
            started(planned("api")),
            JobStarted(API, 1),
            StepStarted(API, "build", 1, 1),
            RunFinished(Status.CANCELLED, "interrupted"),
        )
    )
    assert (state.jobs[0].status, state.jobs[0].reason) == (Status.CANCELLED, CUT_OFF)
    assert [step.status for step in state.jobs[0].steps] == [Status.CANCELLED, Status.SKIPPED]


def test_a_resumed_run_keeps_what_was_done() -> None:
    state = fold(
        events(
            started(planned("api"), planned("web")),
            *worked("api"),
            JobStarted(WEB, 1),
            StepStarted(WEB, "build", 1, 1, "logs/1"),
            started(planned("api"), planned("web"), resumed=True),
            JobSkipped(API, "succeeded before", resumed=True),
        )
    )
    assert statuses(state) == {"api": "succeeded", "web": "pending"}
    assert (state.jobs[0].resumed, state.jobs[0].finished_at) == (True, "2026-01-01T00:00:07.000Z")
    assert (state.jobs[1].attempt, state.jobs[1].steps[0].logs) == (1, ("logs/1",))
    assert (state.status, state.started_at) == (Status.RUNNING, "2026-01-01T00:00:01.000Z")


def test_a_retry_of_one_job_leaves_the_others_alone() -> None:
    both = (planned("api"), planned("web"))
    state = fold(
        events(
            started(*both),
            *worked("api"),
            JobStarted(WEB, 1),
            JobFinished(WEB, 1, Status.FAILED, "boom"),
            RunFinished(Status.FAILED),
            started(*both, resumed=True),
            *worked("web", attempt=2),
            RunFinished(Status.SUCCEEDED),
        )
    )
    assert [(job.status, job.attempt) for job in state.jobs] == [(Status.SUCCEEDED, 1), (Status.SUCCEEDED, 2)]
    assert (state.jobs[1].reason, state.status) == ("", Status.SUCCEEDED)


def test_a_changed_job_forgets_its_result_and_one_that_left_the_plan_keeps_it() -> None:
    state = fold(
        events(
            started(planned("api"), planned("web")),
            *worked("api"),
            *worked("web"),
            started(planned("api", digest="sha256-2"), resumed=True),
        )
    )
    assert statuses(state) == {"api": "pending", "web": "succeeded"}
    assert state.jobs[0].attempt == 1


def test_attempts_of_a_step_keep_every_log() -> None:
    state = fold(
        events(
            started(planned("api")),
            JobStarted(API, 1),
            StepStarted(API, "build", 1, 1, "logs/1"),
            StepFinished(API, "build", 1, 1, Status.FAILED, 1, "exit status 1"),
            StepStarted(API, "build", 1, 2, "logs/2"),
            StepFinished(API, "build", 1, 2, Status.SUCCEEDED, 0),
        )
    )
    step = state.jobs[0].steps[0]
    assert (step.attempts, step.logs, step.status, step.reason) == (2, ("logs/1", "logs/2"), Status.SUCCEEDED, "")
    assert [(past.log, past.status, past.reason, past.exit_code) for past in step.earlier] == [
        ("logs/1", Status.FAILED, "exit status 1", 1)
    ]


def test_earlier_attempts_of_a_resumed_job_keep_how_they_went() -> None:
    state = fold(
        events(
            started(planned("api")),
            JobStarted(API, 1),
            StepStarted(API, "build", 1, 1, "logs/build.1"),
            StepFinished(API, "build", 1, 1, Status.SUCCEEDED, 0),
            StepStarted(API, "clean", 2, 1, "logs/clean.1"),
            started(planned("api"), resumed=True),
            JobQueued(API),
            JobStarted(API, 2),
            StepStarted(API, "build", 1, 2, "logs/build.2"),
            StepFinished(API, "build", 1, 2, Status.FAILED, 1, "exit status 1"),
            JobFinished(API, 2, Status.FAILED, "step build: exit status 1"),
        )
    )
    build, clean = state.jobs[0].steps
    assert (build.status, build.logs) == (Status.FAILED, ("logs/build.1", "logs/build.2"))
    assert [(past.log, past.status) for past in build.earlier] == [("logs/build.1", Status.SUCCEEDED)]
    assert (clean.status, [(past.log, past.status, past.reason) for past in clean.earlier]) == (
        Status.SKIPPED,
        [("logs/clean.1", Status.CANCELLED, CUT_OFF)],
    )


def test_a_step_that_a_backend_added_is_appended() -> None:
    state = fold(events(started(planned("api")), JobStarted(API, 1), StepStarted(API, "setup", 0, 1)))
    assert [step.id for step in state.jobs[0].steps] == ["build", "clean", "setup"]


def test_an_event_about_an_unplanned_job_changes_nothing_else() -> None:
    before = events(started(planned("api")))
    assert fold([*before, Event(2, "", JobStarted("ghost", 1))]) == replace(fold(before), last_seq=2)


def test_notes_are_kept() -> None:
    note = Noted("approval", "approved by ada", API)
    assert fold(events(started(planned("api")), note)).notes == (note,)


def test_freezing_in_between_gives_the_same_as_folding_at_once() -> None:
    happened = events(
        started(planned("api"), planned("web")), *worked("api"), *worked("web"), RunFinished(Status.SUCCEEDED)
    )
    folder = Folder()
    for count, event in enumerate(happened, 1):
        folder.feed(event)
        assert folder.freeze() == fold(happened[:count])


def test_an_unchanged_job_is_not_frozen_again() -> None:
    folder = Folder()
    for event in events(started(planned("api"), planned("web")), *worked("api")):
        folder.feed(event)
    first = folder.freeze()
    folder.feed(Event(8, "", JobStarted(WEB, 1)))
    assert folder.freeze().jobs[0] is first.jobs[0]


def test_a_summary_counts_jobs_by_status() -> None:
    state = fold(events(started(planned("api"), planned("web")), *worked("api")))
    assert summarize(state).counts == {"pending": 1, "succeeded": 1}


def test_a_journal_without_a_beginning_has_no_state() -> None:
    with pytest.raises(ValueError, match=r"begins with run\.started"):
        fold([])
