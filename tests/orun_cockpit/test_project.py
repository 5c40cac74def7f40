"""Views are made from what changed only, and are what they would be if they were made anew."""

from __future__ import annotations

from dataclasses import replace

from cockpit_samples import MANY, NOW, RUNNING, at
from orun_cockpit.project import Projector, run_view
from orun_core.spec.run import (
    Event,
    JobFinished,
    JobQueued,
    JobSkipped,
    JobStarted,
    PlannedJob,
    PlannedStep,
    RunFinished,
    RunStarted,
    Status,
    StepFinished,
    StepStarted,
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
