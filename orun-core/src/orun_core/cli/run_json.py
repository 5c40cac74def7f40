"""`orun run --json`: one JSON object per line, the journal's events and the output, and a summary at the end."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from orun_core.cli.stdout import say
from orun_core.spec.run import EVENT_TYPES, JobFinished, JobSkipped, RunFinished, RunStarted
from orun_core.spec.tree import document

if TYPE_CHECKING:
    from orun_core.spec.plan import Plan
    from orun_core.spec.run import Event, Output

_NAMES = {kind: name for name, kind in EVENT_TYPES.items()}


class JsonDisplay:
    """NDJSON on stdout; the last line is `run.summary` with the status of every job."""

    wants_output = True

    def __init__(self) -> None:
        self._exec_id = ""
        self._jobs: dict[str, str] = {}
        self._finished: RunFinished | None = None

    def begin(self, plan: Plan, exec_id: str) -> None:  # noqa: ARG002 - the first event says it all
        """Remember the execution."""
        self._exec_id = exec_id

    def event(self, event: Event) -> None:
        """An event of the journal: its name as `type`, its number, its time, its fields."""
        what = event.what
        if isinstance(what, RunStarted):
            self._jobs = {job.id: "pending" for job in what.jobs}
        elif isinstance(what, JobFinished):
            self._jobs[what.job] = what.status.value
        elif isinstance(what, JobSkipped):
            self._jobs[what.job] = "succeeded" if what.resumed else "skipped"
        elif isinstance(what, RunFinished):
            self._finished = what
        _write({"type": _NAMES[type(what)], "seq": event.seq, "at": event.at, **document(what)})

    def output(self, output: Output) -> None:
        """A line of output."""
        _write({"type": "step.output", "job": output.job, "step": output.step, "text": output.text})

    def end(self) -> None:
        """The summary."""
        if self._finished is not None:
            _write(
                {
                    "type": "run.summary",
                    "execId": self._exec_id,
                    "status": self._finished.status.value,
                    "reason": self._finished.reason,
                    "counts": dict(sorted(Counter(self._jobs.values()).items())),
                    "jobs": self._jobs,
                }
            )


def _write(tree: dict[str, Any]) -> None:
    say(json.dumps(tree, ensure_ascii=False))
