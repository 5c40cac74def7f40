"""Runs that cannot go on as they should: a backend that hangs, a display that breaks, a machine that refuses."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest
from orun_core.testing.plans import job
from plugin_shelf import Shelf
from running import Project

HANGING = """
from threading import Event
from orun_core.spec.backend import Capabilities

class Hanging:
    capabilities = Capabilities()
    environment = {}
    said = False

    def open(self, job, context):
        return self

    start = open

    def start(self, command):
        return self

    def locate(self, path):
        return str(path)

    def has(self, program):
        return True

    def read(self, size):
        if not self.said:
            self.said = True
            return b"ready\\n"
        Event().wait()

    def terminate(self):
        pass

    kill = close = terminate

@hookimpl
def orun_backends():
    return (BackendEntry("hanging", "Never comes back.", lambda host, options: Hanging()),)
"""

BROKEN = """
class Broken:
    def begin(self, *arguments):
        raise RuntimeError("no")

    event = output = end = begin

@hookimpl
def orun_surfaces():
    return (SurfaceEntry("a-broken-one", "Breaks.", display=lambda host: Broken()),)
"""


@pytest.fixture
def project(tmp_path):
    root = tmp_path / "project"
    root.mkdir()
    return Project(root)


@pytest.fixture
def shelf(tmp_path):
    folder = tmp_path / "shelf"
    folder.mkdir()
    return Shelf(folder)


def test_the_third_signal_waits_for_nobody(project, shelf):
    shelf.put("hanging", HANGING)
    project.plan(job("api.dev.x", "true"), job("web.dev.x", "true", depends_on=("api.dev.x",)))
    environ = {"PYTHONPATH": str(shelf.folder)}
    with project.start("run", "plan.json", "--exec-id", "one", "--runner", "hanging", "--json", **environ) as process:
        for line in process.stdout:
            if json.loads(line).get("text") == "ready":
                for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                    process.send_signal(number)
        err = process.stderr.read()
    assert err == ""
    assert process.wait() in (130, 143)
    assert project.status("one") == {"api.dev.x": "cancelled", "web.dev.x": "skipped"}
    assert project.state("one").status.value == "cancelled"


def test_a_display_that_breaks_does_not_end_the_run(project, shelf):
    shelf.put("broken", BROKEN)
    project.plan(job("api.dev.x", "true"))
    ran = project.orun("run", "plan.json", "--exec-id", "one", PYTHONPATH=str(shelf.folder))
    assert (ran.code, ran.out) == (0, "")
    assert "⚠ plugin 'broken' failed in begin of the display: RuntimeError: no" in ran.err
    assert project.status("one") == {"api.dev.x": "succeeded"}


@pytest.mark.parametrize("form", [["--json"], ["--verbose"]])
def test_a_full_stdout_does_not_end_the_run(project, form):
    project.plan(job("api.dev.x", "echo hello"), job("web.dev.x", "true", depends_on=("api.dev.x",)))
    command = ["run", "plan.json", "--exec-id", "one", *form]
    with Path("/dev/full").open("w") as full:
        process = project.start(*command, into=full)
        err = process.communicate(timeout=60)[1]
    assert (process.returncode, err.splitlines()[0]) == (
        0,
        "⚠ the run is not shown any more: No space left on device",
    )
    assert set(project.status("one").values()) == {"succeeded"}


def test_a_run_that_cannot_begin_is_sealed(project):
    project.plan(job("api.dev.x", "true"))
    (project.root / ".orun").mkdir()
    (project.root / ".orun/work").write_text("in the way")
    ran = project.orun("run", "plan.json", "--exec-id", "one", "--isolation", "workspace")
    state = project.state("one")
    assert (ran.code, state.status.value, state.jobs[0].status.value) == (1, "failed", "skipped")
    assert state.reason.startswith("the run broke: ")


def test_a_step_that_removes_the_record_ends_the_run_with_the_way_out(project):
    project.plan(job("api.dev.x", "rm -r .orun; touch removed", "touch second"), job("web.dev.x", "true"))
    ran = project.orun("run", "plan.json", "--exec-id", "one", "--concurrency", "1")
    assert (ran.code, ran.err.splitlines()[-3:]) == (
        1,
        [
            f"✕ {project.root}/.orun/runs/one/events.ndjson was removed while the run went on",
            "  [state/record-gone]",
            "  hint: a step may have done it, as `git clean -fdx` does: `git clean -fdx -e .orun` leaves the record alone",
        ],
    )
    assert [(project.root / name).exists() for name in ("removed", "second")] == [True, False]
