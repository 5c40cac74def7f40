"""Runs a program and kills it at the N-th thing it does to the disk below `.orun`.

    python tests/crash/driver.py N COUNT_FILE orun run plan.json
    python tests/crash/driver.py N COUNT_FILE script.py ARGUMENT ...

Crash points are numbered from 1: one before every fsync, rename, truncation, removal and folder, and two for every write, before it
and in its middle, so that a torn line is left. The process ends by SIGKILL, without any clean-up. Is N 0 or larger than what there is,
the program ends by itself and COUNT_FILE receives the number of points.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading
from pathlib import Path

STATE = "/.orun"
PATH_CALLS = ("mkdir", "unlink", "rename", "replace", "rmdir")
DESCRIPTOR_CALLS = ("fsync", "fdatasync", "ftruncate")


class Crash:
    """Counts crash points and ends the process at one of them."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.count = 0
        self.lock = threading.Lock()
        self.write = os.write

    def reached(self) -> bool:
        """Count one point; True for the one to crash at."""
        with self.lock:
            self.count += 1
            return self.count == self.at

    def die(self) -> None:
        """End as `kill -9` does."""
        os.kill(os.getpid(), signal.SIGKILL)
        signal.pause()

    def install(self) -> None:
        """Put the crash points into `os`."""
        for name in PATH_CALLS:
            setattr(os, name, self.guarded(getattr(os, name), lambda path: os.fspath(path)))
        for name in DESCRIPTOR_CALLS:
            setattr(os, name, self.guarded(getattr(os, name), path_of))
        os.write = self.torn_write

    def guarded(self, call, locate):
        def guard(*arguments, **options):
            if STATE in str(Path(locate(arguments[0])).absolute()) and self.reached():
                self.die()
            return call(*arguments, **options)

        return guard

    def torn_write(self, descriptor: int, content: bytes) -> int:
        if STATE in path_of(descriptor):
            if self.reached():
                self.die()
            if self.reached():
                self.write(descriptor, content[: len(content) // 2])
                self.die()
        return self.write(descriptor, content)


def path_of(descriptor: int) -> str:
    """The file behind a descriptor."""
    return str(Path(f"/proc/self/fd/{descriptor}").readlink())


def main() -> None:
    at, count_file, program, *arguments = sys.argv[1:]
    crash = Crash(int(at))
    crash.install()
    sys.argv = [program, *arguments]
    try:
        if program == "orun":
            from orun_core.cli.main import main as orun

            orun()
        else:
            runpy.run_path(program, run_name="__main__")
    finally:
        Path(count_file).write_text(str(crash.count))


if __name__ == "__main__":
    main()
