"""How a run went, as Markdown for the summary of a workflow's job."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orun_core.cli.run_display import GLYPHS
from orun_core.spec.duration import show_duration

if TYPE_CHECKING:
    from orun_core.cli.run_progress import Ended, Progress

MAX_ROWS = 1000
"""GitHub takes a summary of up to 1 MiB."""


def run_summary(progress: Progress, outcome: str) -> str:
    """A heading with the plan and the outcome, then a row per job that ended."""
    started = progress.started
    if started is None:
        return ""
    head = f"### {_plain(started.plan_name)}: {outcome}\n\nRun `{started.exec_id}`, {progress.counts()}\n"
    if not progress.ended:
        return f"{head}\n"
    rows = [_row(ended) for ended in progress.ended.values()]
    table = ["", "| | Job | Time | |", "|---|---|---|---|", *rows[:MAX_ROWS]]
    more = [f"… and {len(rows) - MAX_ROWS} more jobs."] if len(rows) > MAX_ROWS else []
    return "\n".join([head.removesuffix("\n"), *table, *more, "", ""])


def _row(ended: Ended) -> str:
    seconds = show_duration(ended.seconds) if ended.seconds is not None else ""
    return f"| {GLYPHS[ended.status]} | {_plain(ended.job.id)} | {seconds} | {_plain(ended.reason)} |"


def _plain(text: str) -> str:
    """Text that is no Markdown, no markup and no end of a cell."""
    for mark, entity in (
        ("&", "&amp;"),
        ("<", "&lt;"),
        ("|", "&#124;"),
        ("`", "&#96;"),
        ("[", "&#91;"),
        ("@", "&#64;"),
    ):
        text = text.replace(mark, entity)
    return text.replace("\n", " ")
