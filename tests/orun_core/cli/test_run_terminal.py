"""`orun run` on a terminal: approvals are asked for, and the terminal is given back whatever happens."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import termios
from dataclasses import dataclass, field

import pytest
from orun_core.spec.plan import Obligation
from orun_core.testing.plans import job
from running import Project

HIDE, SHOW = b"\x1b[?25l", b"\x1b[?25h"


@dataclass
class Console:
    """A pseudo terminal of its own, and what was written to it."""

    written: bytes = b""
    ends: tuple[int, int] = field(default_factory=os.openpty)

    def orun(self, project, *arguments, stdout=None):
        """`orun` on this terminal."""
        command = [sys.executable, "-m", "orun_core.cli.main", *arguments]
        _, slave = self.ends
        streams = {"stdin": slave, "stdout": slave if stdout is None else stdout, "stderr": slave}
        return subprocess.Popen(command, cwd=project.root, env=project.environ(TERM="xterm-256color"), **streams)

    def until(self, text):
        """Read until a text appears."""
        while text not in self.written:
            self.written += os.read(self.ends[0], 4096)

    def type(self, text):
        os.write(self.ends[0], text)

    def finish(self, process):
        """Read until the process ended and nothing is left; returns its exit status."""
        while process.poll() is None or self._readable():
            if self._readable():
                self.written += os.read(self.ends[0], 4096)
        return process.returncode

    def _readable(self):
        return bool(select.select([self.ends[0]], [], [], 0.02)[0])


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)


@pytest.fixture
def console():
    made = Console()
    yield made
    for end in made.ends:
        os.close(end)


@pytest.mark.parametrize(("typed", "code"), [(b"CHG-9\n", 0), (b"\n", 4), (b"\x04", 130)])
def test_an_approval_is_asked_for(project, console, typed, code):
    obligation = Obligation("approval", "requireApproval", "intent")
    project.plan(job("api.prod.x", "touch ran", obligations=(obligation,)))
    arguments = ("run", "plan.json", "--exec-id", "one", "--isolation", "none")
    process = console.orun(project, *arguments, stdout=subprocess.DEVNULL)
    console.until(b"api.prod.x needs an approval (requireApproval). Reason, or nothing to refuse:")
    console.type(typed)
    assert console.finish(process) == code
    assert (project.root / "ran").exists() == (code == 0)
    if code == 0:
        (note,) = project.state("one").notes
        assert (note.kind, note.message, note.data["user"]) == ("approval", "CHG-9", "ada")
    else:
        assert not (project.root / ".orun/runs").exists()
    assert (b"run/approval" in console.written) == (code == 4)


def test_json_never_asks(project, console):
    project.plan(job("api.prod.x", "true", obligations=(Obligation("approval", "requireApproval", "intent"),)))
    process = console.orun(project, "run", "plan.json", "--json", stdout=subprocess.DEVNULL)
    assert console.finish(process) == 4
    assert b"needs an approval (policy requireApproval)" in console.written


@pytest.mark.parametrize(("number", "code"), [("INT", 130), ("TERM", 143)])
def test_a_signal_gives_the_terminal_back(project, console, number, code):
    pytest.importorskip("orun_cockpit")
    project.plan(
        job("api.dev.x", f"kill -{number} $PPID; sleep 60"), job("web.dev.x", "true", depends_on=("api.dev.x",))
    )
    before = termios.tcgetattr(console.ends[1])
    process = console.orun(project, "run", "plan.json", "--exec-id", "one")
    assert console.finish(process) == code
    assert termios.tcgetattr(console.ends[1]) == before
    assert HIDE in console.written
    assert console.written.rindex(SHOW) > console.written.rindex(HIDE)
    assert project.status("one") == {"api.dev.x": "cancelled", "web.dev.x": "skipped"}
