"""Views are made from what changed only, and are what they would be if they were made anew."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace

from cockpit_samples import MANY, NOW, RUNNING, at
from orun_cockpit.project import Projector, run_view
from orun_core.spec.run import (
    Event,
    JobFinished,
    JobQueued,
    JobSkipped,
    JobStarted,
    JobState,
    Noted,
    PlannedJob,
    PlannedStep,
    RunFinished,
    RunStarted,
    Status,
    StepAttempt,
    StepFinished,
    StepStarted,
    StepState,
)
from orun_core.state.fold import Folder

BUILD, DEPLOY, OTHER = "api.dev.build", "api.prod.deploy", "web.dev.build"


def planned(job, *needs):
    component, environment, name = job.split(".")
    return PlannedJob(job, component, environment, name, name, "sha256-0", needs, (PlannedStep("work"),))


def started(*jobs, resumed=False):
    return RunStarted("orun.run/v1", "demo-1", "sha256-abc", "demo", "shell", "manual", "ada", 2, True, jobs, resumed)


STORY = (
    started(planned(BUILD), planned(DEPLOY, BUILD), planned(OTHER)),
    JobQueued(BUILD),
    JobStarted(BUILD, 1),
    StepStarted(BUILD, "work", 1, 1, "logs/a.log"),
    JobStarted(OTHER, 1),
    StepFinished(BUILD, "work", 1, 1, Status.SUCCEEDED, 0),
    JobFinished(BUILD, 1, Status.SUCCEEDED),
    JobStarted(DEPLOY, 1),
    JobFinished(DEPLOY, 1, Status.FAILED, "it broke"),
    JobFinished(OTHER, 1, Status.CANCELLED, "interrupted"),
    RunFinished(Status.FAILED),
    started(planned(BUILD), planned(DEPLOY, BUILD), resumed=True),
    JobSkipped(BUILD, "succeeded before", resumed=True),
    JobStarted(DEPLOY, 2),
    JobFinished(DEPLOY, 2, Status.SUCCEEDED),
    RunFinished(Status.SUCCEEDED),
)


def test_a_view_that_is_brought_up_to_date_is_the_view_made_anew():
    folder, projector = Folder(), Projector()
    for alive in (True, False):
        for seq, what in enumerate(STORY, start=1):
            folder.feed(Event(seq, at(seq), what))
            state = replace(folder.freeze(), alive=alive)
            assert projector.view(state, NOW) == run_view(state, NOW), what


def test_views_of_jobs_that_did_not_change_stay_the_same_objects():
    projector = Projector()
    before, after = projector.view(MANY, NOW), projector.view(MANY, NOW)
    kept = [old is new for old, new in zip(before.jobs, after.jobs, strict=True)]

    assert kept == [job.status is not Status.RUNNING for job in before.jobs]


def test_a_job_that_changed_gets_a_view_of_its_own():
    projector = Projector()
    *others, last = projector.view(RUNNING, NOW).jobs
    jobs = (*RUNNING.jobs[:-1], replace(RUNNING.jobs[-1], reason="held back"))
    *same, changed = projector.view(replace(RUNNING, jobs=jobs), NOW).jobs

    assert (last.reason, changed.reason) == ("", "held back")
    assert [old is new for old, new in zip(others, same, strict=True)] == [True, True, True, False]


EVIL = "\x1b]0;owned\x07a\x1b[2Jb\u202ec\x9b31md\ne"


def strings(value, name=""):
    """Every text of a view with the name of its field."""
    if is_dataclass(value):
        for field in fields(value):
            yield from strings(getattr(value, field.name), field.name)
    elif isinstance(value, tuple):
        for each in value:
            yield from strings(each, name)
    elif isinstance(value, str):
        yield name, value


def test_nothing_that_a_view_shows_can_move_the_cursor():
    attempt = StepAttempt(EVIL, Status.FAILED, reason=EVIL)
    step = StepState(EVIL, 1, EVIL, Status.FAILED, reason=EVIL, logs=("logs/a",), earlier=(attempt,))
    job = JobState(
        EVIL, EVIL, EVIL, EVIL, EVIL, "sha256-0", (EVIL,), Status.FAILED, 1, EVIL, steps=(step,), links={EVIL: EVIL}
    )
    note = Noted(EVIL, EVIL, EVIL)
    more = {"exec_id": EVIL, "plan_name": EVIL, "backend": EVIL, "trigger": EVIL, "user": EVIL, "reason": EVIL}
    state = replace(RUNNING, jobs=(job,), notes=(note,), status=Status.FAILED, alive=False, **more)

    shown = [(name, text) for name, text in strings(run_view(state, NOW)) if name not in ("logs", "log")]
    assert ("reason", "abcde") in shown
    assert [name for name, text in shown if not text.isprintable()] == []


def test_a_link_of_several_jobs_is_said_once():
    jobs = tuple(replace(job, links={"Dashboard": "https://example.test/"}) for job in RUNNING.jobs)
    assert run_view(replace(RUNNING, jobs=jobs), NOW).links == (("Dashboard", "https://example.test/"),)


def test_a_run_that_is_only_recorded_here_is_tried_again_where_it_ran():
    folder = Folder()
    for seq, what in enumerate((*STORY[:8], Noted("elsewhere", "there", data={"again": "there --rerun"})), start=1):
        folder.feed(Event(seq, at(seq), what))
    folder.feed(Event(10, at(10), RunFinished(Status.FAILED)))
    assert run_view(folder.freeze(), NOW).hints == ("orun logs run/demo-1 --failed", "there --rerun")
