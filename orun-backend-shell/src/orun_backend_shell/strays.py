"""Finds processes that left the process group of a step, by a variable that only its children have."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

VARIABLE = "ORUN_TRACKING_ID"


def signal_strays(tracking: str, group: int, number: int) -> None:
    """Send a signal to every process outside `group` that inherited this tracking id; to none where there is no `/proc`."""
    wanted = f"{VARIABLE}={tracking}".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            pid = int(folder.name)
            if wanted in (folder / "environ").read_bytes().split(b"\0") and os.getpgid(pid) != group:
                os.kill(pid, number)
