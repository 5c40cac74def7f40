"""Starts programs that `driver.py` kills."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

DRIVER = Path(__file__).with_name("driver.py")


def crash(
    at: int, folder: Path, *command: str, env: dict[str, str] | None = None
) -> tuple[bool, subprocess.CompletedProcess[str]]:
    """Run `command` (`orun …` or a script) in `folder` up to crash point `at`; True when it was killed there."""
    argv = [sys.executable, str(DRIVER), str(at), str(folder / "points"), *command]
    done = subprocess.run(argv, cwd=folder, env=env, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode == -signal.SIGKILL, done


def points(folder: Path, *command: str, env: dict[str, str] | None = None) -> int:
    """The number of crash points of `command`, which is run to its end in `folder`."""
    killed, done = crash(0, folder, *command, env=env)
    assert not killed, done.stderr
    return int((folder / "points").read_text())
