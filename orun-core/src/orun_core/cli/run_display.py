"""How `orun run` looks on a pipe: a header, a block per component when all its jobs ended, failures at once, a summary."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from orun_core.cli import stdout
from orun_core.cli.run_progress import Ended, Progress
from orun_core.spec.amount import amount
from orun_core.spec.duration import show_duration
from orun_core.spec.failure import failure_hint
from orun_core.spec.run import (
    JobFinished,
    JobSkipped,
    Noted,
    RunFinished,
    RunStarted,
    Status,
    StepFinished,
    StepStarted,
)

if TYPE_CHECKING:
    from orun_core.spec.plan import Plan
    from orun_core.spec.run import Event, Output
    from orun_core.spec.store import StateStore

GLYPHS = {
    Status.SUCCEEDED: "✓",
    Status.FAILED: "✗",
    Status.TIMED_OUT: "✗",
    Status.CANCELLED: "⊘",
    Status.SKIPPED: "↷",
}
TAIL_LINES = 10
TAIL_BYTES = 8192


def say(*lines: str) -> None:
    """Print lines without what would mean something to a terminal."""
    stdout.say(*map(stdout.plain, lines))


def header(plan: Plan, exec_id: str, started: RunStarted) -> list[str]:
    """Brand, plan, run and scope."""
    jobs = started.jobs
    environments = {job.environment for job in jobs}
    scope = [amount(len({job.component for job in jobs}), "component"), amount(len(jobs), "job")]
    if started.concurrency > 1:
        scope.append(f"{started.concurrency}× parallel")
    scope.append({"github-actions": "gha"}.get(started.backend, started.backend))
    scope += environments if len(environments) == 1 else ()
    return [
        "",
        f"▲ orun {plan.metadata.name}",
        f"  Plan: {plan.metadata.checksum[:12]} · Run: {exec_id}",
        f"  Scope: {' · '.join(scope)}",
        "",
    ]


class PlainDisplay:
    """Plain lines, no escapes; `verbose` also shows each step and its output as it comes.
    The end of a failed step's log is read from `store`.
    """

    def __init__(self, store: StateStore, *, verbose: bool = False) -> None:
        self.wants_output = verbose
        self._store = store
        self._verbose = verbose
        self._progress = Progress()
        self._exec_id = ""
        self._plan: Plan | None = None
        self._open: dict[str, int] = {}
        self._jobs: dict[str, list[str]] = defaultdict(list)
        self._blocks = 0

    def begin(self, plan: Plan, exec_id: str) -> None:
        """Remember what runs."""
        self._plan, self._exec_id = plan, exec_id

    def event(self, event: Event) -> None:
        """Print what became complete."""
        progress, what = self._progress, event.what
        progress.take(event)
        if isinstance(what, RunStarted) and self._plan is not None:
            say(*header(self._plan, self._exec_id, what))
            for job in what.jobs:
                self._jobs[job.component].append(job.id)
            self._open = {component: len(jobs) for component, jobs in self._jobs.items()}
        elif isinstance(what, JobFinished | JobSkipped):
            if isinstance(what, JobFinished) and what.status.bad:
                self._card(what)
            self._close(progress.jobs[what.job].component)
        elif isinstance(what, Noted):
            say(f"  ◦ {what.job + ': ' if what.job else ''}{what.message}")
        elif isinstance(what, RunFinished):
            self._rest()
            self._summary(what)
        elif self._verbose:
            self._step(what)

    def _step(self, what: object) -> None:
        if isinstance(what, StepStarted):
            again = f"  attempt {what.attempt}" if what.attempt > 1 else ""
            say(f"  ● {self._label(what.job)}  {what.step}{again}")
        elif isinstance(what, StepFinished):
            glyph, seconds = GLYPHS[what.status], self._progress.step_seconds[what.job, what.step]
            reason = f": {what.reason}" if what.reason else ""
            more = "  → continuing after failure" if what.allowed_failure else ""
            say(f"  {glyph} {self._label(what.job)}  {what.step}  {show_duration(seconds)}{reason}{more}")

    def output(self, output: Output) -> None:
        """One line of a step."""
        say(f"  │ {self._label(output.job)}/{output.step}  {output.text}")

    def end(self) -> None:
        """Nothing to restore."""

    def _label(self, job_id: str) -> str:
        job = self._progress.jobs[job_id]
        return f"{job.component}·{job.environment}" if self._progress.many_environments else job.component

    def _close(self, component: str) -> None:
        self._open[component] -= 1
        if not self._open[component]:
            self._block(component)

    def _rest(self) -> None:
        for component, left in self._open.items():
            if 0 < left < len(self._jobs[component]):
                self._block(component)

    def _block(self, component: str) -> None:
        if self._blocks:
            say("  │")
        self._blocks += 1
        say(f"  ● {component}")
        ended = [self._progress.ended[job] for job in self._jobs[component] if job in self._progress.ended]
        for end in ended:
            say(f"  │  {'└─' if end is ended[-1] else '├─'} {self._row(end)}")
            for label, url in end.links.items():
                say(f"  │       ↗ {label}  {url}")

    def _row(self, end: Ended) -> str:
        job = end.job
        name = f"{job.environment}  {job.display_name}" if self._progress.many_environments else job.display_name
        if job.id in self._progress.resumed:
            return f"⚡ {name}  cached ({end.reason})"
        if end.status is Status.SKIPPED:
            return f"↷ {name}  skipped ({end.reason})"
        warned = "  with allowed failures" if job.id in self._progress.allowed else ""
        return f"{GLYPHS[end.status]} {name}  {show_duration(end.seconds or 0)}{warned}"

    def _card(self, what: JobFinished) -> None:
        end = self._progress.ended[what.job]
        step = self._progress.failed_steps.get(what.job)
        say(f"    ✗ {self._label(what.job)}/{end.job.display_name}  {show_duration(end.seconds or 0)}")
        reason = step.reason if step else what.reason
        tail = ""
        if step:
            say(f"       step {step.step}")
            tail = self._last_lines(self._progress.logs.get((what.job, step.step), ""))
        say(f"       error {reason}")
        for line in tail.splitlines():
            say(f"       │ {line}")
        if hint := failure_hint(reason, tail):
            say(f"       hint {hint}")
        say(f"       logs orun logs --exec-id {self._exec_id} --job {what.job}")

    def _last_lines(self, log: str) -> str:
        if not log:
            return ""
        start = max(0, self._store.log_size(self._exec_id, log) - TAIL_BYTES)
        text = self._store.log(self._exec_id, log, start).decode("utf-8", "replace")
        return "\n".join([line for line in text.splitlines() if line.strip()][-TAIL_LINES:])

    def _summary(self, what: RunFinished) -> None:
        progress = self._progress
        title = {Status.SUCCEEDED: "✓ Done", Status.CANCELLED: "⊘ Cancelled"}.get(what.status, "✗ Failed")
        left_behind = what.status is Status.FAILED and not any(end.status.bad for end in progress.ended.values())
        if left_behind:
            title = "✓ Done"
        say("", f"{title} in {show_duration(progress.seconds)}", f"  {progress.counts()}")
        if left_behind:
            say(f"  the execution as a whole stays failed: {what.reason}")
        links = {url: label for end in progress.ended.values() for label, url in end.links.items()}
        say(*(f"  {label} {url}" for url, label in links.items()))
        failed = " --failed" if what.status.bad else ""
        say(
            "",
            f"  status  orun status --exec-id {self._exec_id}",
            f"  logs    orun logs --exec-id {self._exec_id}{failed}",
        )
