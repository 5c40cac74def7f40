"""How `orun run` looks in the log of a GitHub Actions job: a group per step, an annotation per failure, everything escaped.

A job is printed when it ended, so that jobs that ran at once do not mix.
"""

from __future__ import annotations

import secrets
from codecs import getincrementaldecoder
from collections import defaultdict
from typing import TYPE_CHECKING

from orun_core.cli.run_display import GLYPHS, header
from orun_core.cli.run_progress import Progress
from orun_core.cli.run_summary import run_summary
from orun_core.cli.stdout import say
from orun_core.cli.workflow_command import escape, escape_property
from orun_core.spec.duration import show_duration
from orun_core.spec.run import JobFinished, JobSkipped, Noted, RunFinished, RunStarted, Status, StepFinished

if TYPE_CHECKING:
    from pathlib import Path

    from orun_core.spec.plan import Plan
    from orun_core.spec.run import Event, Output
    from orun_core.spec.store import StateStore

_RULE = "─" * 60
_CHUNK = 1 << 20


class ActionsDisplay:
    """The grouped form; output comes from the masked logs.

    `summary`: the file of the workflow's own step summary, which gets how the run went and the summaries of the jobs; None for none.
    """

    wants_output = False

    def __init__(self, store: StateStore, summary: Path | None = None) -> None:
        self._store = store
        self._summary = summary
        self._progress = Progress()
        self._steps: dict[str, list[StepFinished]] = defaultdict(list)
        self._plan: Plan | None = None
        self._exec_id = ""

    def begin(self, plan: Plan, exec_id: str) -> None:
        """Remember what runs."""
        self._plan, self._exec_id = plan, exec_id

    def event(self, event: Event) -> None:
        """Print a job when it ended."""
        what = event.what
        self._progress.take(event)
        if isinstance(what, RunStarted) and self._plan is not None:
            say(*header(self._plan, self._exec_id, what))
        elif isinstance(what, StepFinished):
            self._steps[what.job].append(what)
        elif isinstance(what, JobFinished):
            self._job(what)
        elif isinstance(what, JobSkipped):
            glyph, word = ("⚡", "cached") if what.resumed else ("↷", "skipped")
            say(f"{glyph} {self._label(what.job)}  {word} ({what.reason})")
        elif isinstance(what, Noted):
            say(f"::notice::{escape(f'{what.job} {what.message}'.strip())}")
        elif isinstance(what, RunFinished):
            mark = "✓ Done" if what.status is Status.SUCCEEDED else "✗ Failed"
            say("", f"{mark} in {show_duration(self._progress.seconds)}", f"  {self._progress.counts()}")
            self._summarize(run_summary(self._progress, f"{mark} in {show_duration(self._progress.seconds)}"))

    def output(self, output: Output) -> None:
        """Output is printed from the logs."""

    def end(self) -> None:
        """Nothing to restore."""

    def _label(self, job_id: str) -> str:
        job = self._progress.jobs[job_id]
        return f"{job.component} · {job.environment} · {job.display_name}"

    def _job(self, what: JobFinished) -> None:
        job = self._progress.jobs[what.job]
        facts = {"component": job.component, "env": job.environment, "job": job.name, "job-id": job.id}
        say("", f"▶ {job.display_name}", *(f"  {key:<12} {value}" for key, value in facts.items()), _RULE)
        for need in job.depends_on:
            ended = self._progress.ended.get(need)
            status = "succeeded" if ended is None else ended.status.value
            say(f"  ✓  {need}  {status}")
        for step in self._steps.pop(what.job, []):
            self._step(what.job, step)
        ended = self._progress.ended[what.job]
        say(
            _RULE, f"{GLYPHS[what.status]} {job.display_name} {what.status.value} · {show_duration(ended.seconds or 0)}"
        )
        say(*(f"  ↗ {label}  {url}" for label, url in what.links.items()))
        if what.summary:
            self._summarize(f"## {self._label(what.job)}\n\n{what.summary}\n")

    def _summarize(self, markdown: str) -> None:
        if self._summary is not None:
            with self._summary.open("a", encoding="utf-8", errors="surrogateescape") as file:
                file.write(markdown)

    def _step(self, job: str, step: StepFinished) -> None:
        seconds = show_duration(self._progress.step_seconds.get((job, step.step), 0))
        reason = f"  ·  {step.reason}" if step.reason else ""
        say(f"::group::{escape(f'{GLYPHS[step.status]}  {step.index:02d} {step.step}  {seconds}{reason}')}")
        log = self._progress.logs.get((job, step.step), "")
        if log:
            token = f"orun-{secrets.token_hex(16)}"
            say(f"::stop-commands::{token}")
            self._copy(log)
            say(f"::{token}::")
        if step.status.bad and not step.allowed_failure:
            say(f"  retry:  orun run --exec-id {self._exec_id} --job {job} --retry")
        say("::endgroup::")
        if step.status.bad:
            kind = "warning" if step.allowed_failure else "error"
            title = escape_property(f"{self._label(job)} › {step.step}")
            say(f"::{kind} title={title}::{escape(step.reason)}")

    def _copy(self, log: str) -> None:
        """Print a log piece by piece."""
        at, last = 0, b"\n"
        decoder = getincrementaldecoder("utf-8")("replace")
        while data := self._store.log(self._exec_id, log, at, _CHUNK):
            say(decoder.decode(data), end=False)
            at, last = at + len(data), data[-1:]
        say(decoder.decode(b"", final=True), end=False)
        if last != b"\n":
            say("")
