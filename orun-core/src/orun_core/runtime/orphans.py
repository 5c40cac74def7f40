"""Ends processes that a killed orun left behind, before the same execution goes on."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path


def end_orphans(exec_id: str, root: Path) -> int:
    """Kill processes that belong to steps of this execution in this workspace; how many there were.

    They are known by the variables that every step gets. Where there is no `/proc` nothing is found.
    """
    wanted = f"ORUN_EXEC_ID={exec_id}".encode()
    place = f"ORUN_WORKSPACE={root}".encode()
    spared = _family()
    found = 0
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            variables = (folder / "environ").read_bytes().split(b"\0")
            inside = any(entry == place or entry.startswith(place + b"/") for entry in variables)
            if inside and wanted in variables and int(folder.name) not in spared:
                os.kill(int(folder.name), signal.SIGKILL)
                found += 1
    return found


def _family() -> set[int]:
    """This process and those that started it."""
    pid, found = os.getpid(), set[int]()
    while pid > 0:
        found.add(pid)
        try:
            pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            break
    return found
