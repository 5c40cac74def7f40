"""The report of a run as a file, written as a whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from orun_cockpit.logs import Selection, log_view
from orun_cockpit.report import TAIL, page

if TYPE_CHECKING:
    from orun_core.spec.store import StateStore

    from orun_cockpit.style import Theme
    from orun_cockpit.view import RunView


def write_report(store: StateStore, run: RunView, theme: Theme, path: Path | None = None) -> Path:
    """Write the page of a run, by default to `RUN.html` in the working folder; returns where it is."""
    path = path or Path(f"{run.exec_id}.html")
    write(path, report_text(store, run, theme))
    return path


def report_text(store: StateStore, run: RunView, theme: Theme) -> str:
    """The page of a run."""
    return page(log_view(store, run, Selection(tail=TAIL)), theme)


def write(path: Path, text: str) -> None:
    """Replace a file as a whole; a pipe or a device is written to and stays what it is."""
    if path.exists() and not path.is_file():
        path.write_text(text, encoding="utf-8")
        return
    whole = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with whole.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        whole.replace(path)
    finally:
        whole.unlink(missing_ok=True)
