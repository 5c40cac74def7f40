"""The cockpit in a real terminal: tmux sends the keys and shows the screen."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time

import pytest
from cockpit_driver import write_project
from parts import missing

pytestmark = pytest.mark.tmux
WIDTH, HEIGHT = 110, 32


class Pane:
    """One program in a tmux server of its own."""

    def __init__(self, root, *command: str) -> None:
        self.socket = str(root / "tmux.sock")
        home = root / "home"
        home.mkdir(exist_ok=True)
        environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "ORUN_CACHE_DIR": str(root / "cache"),
            "LANG": "C.UTF-8",
        }
        size = ("-x", str(WIDTH), "-y", str(HEIGHT))
        words = ("sh", "-c", '"$@"; echo "left $?"; cat', "sh", *command)
        self._tmux("-f", "/dev/null", "new-session", "-d", "-c", str(root), *size, *words, env=environ)

    def _tmux(self, *words: str, env=None) -> str:
        done = subprocess.run(
            ["tmux", "-u", "-S", self.socket, *words], capture_output=True, text=True, env=env, check=True
        )
        return done.stdout

    def keys(self, *keys: str) -> None:
        self._tmux("send-keys", *keys)

    @property
    def screen(self) -> str:
        return self._tmux("capture-pane", "-p")

    def until(self, text: str) -> str:
        """Wait until a text is shown; returns the screen."""
        end = time.monotonic() + 60
        while text not in (screen := self.screen):
            assert time.monotonic() < end, f"{text!r} is not shown:\n{screen}"
            time.sleep(0.05)
        return screen

    def close(self) -> None:
        subprocess.run(["tmux", "-S", self.socket, "kill-server"], capture_output=True, check=False)


@pytest.fixture
def pane(tmp_path):
    if not shutil.which("tmux"):
        missing("tmux", "tmux is not installed")
    write_project(tmp_path)
    made = Pane(tmp_path, sys.executable, "-m", "orun_core.cli.main")
    yield made
    made.close()


def test_a_run_is_started_followed_and_left(pane, tmp_path):
    pane.until("4 components")
    pane.keys("/")
    pane.until("find")
    pane.keys("slow")
    pane.until("1 component")
    pane.keys("Enter")
    pane.until("g Compose")
    pane.keys("r")
    pane.until("Run this plan?")
    pane.keys("y")
    pane.until("◐ deploy running")
    pane.keys("l")
    screen = pane.until("tick 3")
    assert "tick 12" not in screen
    pane.until("1 running")
    pane.keys("q")
    pane.until("1 run started here is live.")
    pane.keys("Escape")
    (tmp_path / "go").touch()
    pane.until("tick 12")
    screen = pane.until("1 succeeded")
    assert "after" in screen
    pane.keys("q")
    screen = pane.until("left 0")
    assert "tick" not in screen
    assert "▲ orun shop" in screen
    assert "└─ ✓ deploy" in screen


CRASHING = (
    "import orun_cockpit.tui.activity as activity; activity.ActivitySurface.attend = lambda _: 1 / 0;"
    "from orun_core.cli.main import main; main(['tui'])"
)


def test_a_crash_gives_the_terminal_back_and_says_whose_bug_it_is(tmp_path):
    if not shutil.which("tmux"):
        missing("tmux", "tmux is not installed")
    write_project(tmp_path)
    pane = Pane(tmp_path, sys.executable, "-c", CRASHING)
    try:
        pane.until("4 components")
        pane.keys("3")
        screen = pane.until("left 6")
    finally:
        pane.close()
    assert "ZeroDivisionError" in screen
    assert "locals" not in screen


@pytest.mark.parametrize("variable", ["ORUN_NO_TUI=1", "TERM=dumb"])
def test_bare_orun_without_tui_prints_help(tmp_path, variable):
    if not shutil.which("tmux"):
        missing("tmux", "tmux is not installed")
    pane = Pane(tmp_path, "env", variable, sys.executable, "-m", "orun_core.cli.main")
    try:
        assert "Print the versions of orun" in pane.until("left 0")
    finally:
        pane.close()
