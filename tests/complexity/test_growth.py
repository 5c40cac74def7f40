"""Ten times the work takes ten times the lines, and nothing is read twice: counted, not timed."""

from __future__ import annotations

import io
import sys
from collections import Counter
from contextlib import redirect_stdout

import pytest
from compiling import STAGES
from orun_core.cli.run_display import PlainDisplay
from orun_core.compiler import yaml_source
from orun_core.compiler.component_checks import ComponentChecks
from orun_core.compiler.document_cache import DocumentCache
from orun_core.compiler.pipeline import read_project
from orun_core.plan.canonical import to_json
from orun_core.plan.reader import parse_plan
from orun_core.plan.seal import sealed
from orun_core.runtime.scheduler import Limits, Scheduler
from orun_core.spec.run import Event, JobFinished, JobStarted, PlannedJob, RunFinished, RunStarted, Status
from orun_core.spec.stages import Request
from orun_core.testing.plans import job, plan

FEW, FACTOR = 60, 10
INTENT = """
metadata: {name: growth}
discovery: {roots: [apps]}
environments:
  dev: {parameterDefaults: {"*": {lane: dev}}}
  prod: {promotion: {dependsOn: [{environment: dev}]}}
"""


def executed(work) -> int:
    """Lines of Python that some work executes; each turn of a comprehension counts."""
    counted = 0

    def trace(frame, event, argument):
        nonlocal counted
        counted += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return counted


def calls(work, function) -> int:
    """How often some work calls a function."""
    found = Counter()

    def note(frame, event, argument):
        found[frame.f_code] += event == "call"

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
    return found[function.__code__]


def components(number):
    return {f"apps/c{i}/component.yaml": component(i) for i in range(number)}


def component(number):
    needs = f"{{component: c{number // 2}}}" if number else ""
    return f"""
        kind: Component
        metadata: {{name: c{number}}}
        spec:
          type: svc
          subscribe: {{environments: [dev, prod]}}
          parameters: {{image: x}}
          dependsOn: [{needs}]
        """


def scheduled(number):
    jobs = [job(f"c{i}.dev.build", depends_on=(f"c{i - 1}.dev.build",) if i % 3 == 2 else ()) for i in range(number)]
    scheduler = Scheduler(jobs, limits=Limits(jobs=4))
    while not scheduler.done:
        scheduler.start()
        scheduler.queued()
        scheduler.finished(min(scheduler.running), succeeded=True)


def displayed(number):
    jobs = tuple(PlannedJob(f"c{i}.dev.build", f"c{i}", "dev", "build", "Build", "") for i in range(number))
    at = "2026-01-01T00:00:00.000Z"
    display = PlainDisplay(None)
    display.begin(plan(job("c0.dev.build")), "x")
    happenings = [RunStarted("orun.run/v1", "x", "sha256-0", "growth", "shell", "manual", "ada", 4, True, jobs)]
    for one in jobs:
        happenings += [JobStarted(one.id, 1), JobFinished(one.id, 1, Status.SUCCEEDED)]
    with redirect_stdout(io.StringIO()):
        for seq, what in enumerate([*happenings, RunFinished(Status.SUCCEEDED)], 1):
            display.event(Event(seq, at, what))


def read(number):
    made, tree = sealed(plan(*(job(f"c{i}.dev.build") for i in range(number))))
    assert parse_plan(to_json(tree).encode(), "plan.json") == made


@pytest.mark.parametrize("work", [scheduled, displayed, read])
def test_work_grows_with_the_jobs(work):
    work(1)
    assert executed(lambda: work(FEW * FACTOR)) < executed(lambda: work(FEW)) * FACTOR * 1.2


def test_compiling_grows_with_the_components(project, tmp_path):
    counts = []
    for number in (FEW, FEW * FACTOR):
        project.root = tmp_path / str(number)
        project.compile(INTENT, components(number))
        counts.append(executed(lambda: project.compile(INTENT)))
    assert counts[1] < counts[0] * FACTOR * 1.2


def test_every_file_is_parsed_once(project):
    project.compile(INTENT, components(FEW))
    assert calls(lambda: project.compile(INTENT), yaml_source.compose) == len(list(project.root.rglob("*.yaml")))


def test_one_changed_file_is_parsed_and_checked_alone(project, tmp_path):
    project.memory = tmp_path / "memory"
    project.compile(INTENT, components(FEW * FACTOR))
    edited = {"apps/c7/component.yaml": component(7) + "  labels: {a: b}\n"}
    assert calls(lambda: project.compile(INTENT, edited), ComponentChecks.check) == 1
    packages = len(list(project.root.glob("stack/**/*.yaml")))
    assert calls(lambda: project.compile(INTENT, edited), yaml_source.compose) == packages + 1


def test_known_components_are_surveyed_without_being_read(project, tmp_path):
    project.memory = tmp_path / "memory"
    project.compile(INTENT, components(FEW))

    def survey():
        surveyed, _ = read_project(project.workspace, Request(), STAGES, lambda stage, result: None)
        assert len(surveyed.components.summaries) == FEW

    assert calls(survey, DocumentCache.kept) == 0
