"""Finds processes that left the process group of a stopped step, by a variable that only its children have."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path

VARIABLE = "ORUN_TRACKING_ID"


def end_strays(tracking: str) -> None:
    """Kill every process that inherited this tracking id; does nothing where there is no `/proc`."""
    wanted = f"{VARIABLE}={tracking}".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if wanted in (folder / "environ").read_bytes().split(b"\0"):
                os.kill(int(folder.name), signal.SIGKILL)
