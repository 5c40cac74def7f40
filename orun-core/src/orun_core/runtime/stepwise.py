"""What a job means, step by step, on every backend that runs one command at a time.

`pre` and `main` stop at the first failure; `post` always runs, each step on its own, also after a timeout or a soft stop of the
run, then within a grace. Retries, timeouts, allowed failures, shells, working folders and the five file commands live here, once.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING

from orun_core.runtime import environment, file_commands, shells
from orun_core.runtime.attempt import Ended, Limit, StepLog, attempt, sooner, within
from orun_core.runtime.duration import parse_duration
from orun_core.runtime.expressions import substitute
from orun_core.runtime.workspace import confine
from orun_core.spec.backend import StepCommand
from orun_core.spec.duration import show_duration
from orun_core.spec.errors import OrunError
from orun_core.spec.frozen import frozen
from orun_core.spec.run import Noted, Status, StepFinished, StepStarted
from orun_core.state.durable import write_all

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from orun_core.runtime.halt import Halt
    from orun_core.runtime.recorder import Recorder
    from orun_core.runtime.redact import Masker
    from orun_core.runtime.retry import Backoff
    from orun_core.spec.backend import StepSession
    from orun_core.spec.plan import Job, Step

_USUAL_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_PHASES = {"pre": 0, "main": 1, "post": 2}


@frozen
class RunTools:
    """What all jobs of a run share. `post_grace`: seconds that post steps get once a job was stopped or ran out of time."""

    recorder: Recorder
    masker: Masker
    halt: Halt
    backoff: Backoff
    post_grace: float = 30.0


@frozen
class JobOrder:
    """One attempt of one job.

    `base`: environment below the job's own; `facts`: its `ORUN_*` variables; `needs`: outputs by dependency; `folder`: where it
    runs, inside `workspace` unless `confined` is False; `local`: its files are those of this machine; `done`: steps that need not
    run again; `tries`: attempts so far by step.
    """

    job: Job
    base: Mapping[str, str]
    facts: Mapping[str, str]
    secrets: Mapping[str, str]
    needs: Mapping[str, Mapping[str, str]]
    workspace: Path
    folder: Path
    scratch: Path
    confined: bool = True
    local: bool = True
    done: frozenset[str] = frozenset()
    tries: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class JobResult:
    """How one attempt of a job ended."""

    status: Status = Status.SUCCEEDED
    reason: str = ""
    allowed_failure: bool = False
    outputs: dict[str, str] = field(default_factory=dict)
    summary: str = ""
    links: dict[str, str] = field(default_factory=dict)

    def blame(self, status: Status, reason: str) -> None:
        """Remember the first failure."""
        if self.status is Status.SUCCEEDED:
            self.status, self.reason = status, reason


def log_name(job: str, index: int, step: str, number: int) -> str:
    """Name of an attempt's log, relative to the run's folder."""
    folder = _safe(job)
    if folder != job:
        folder += "-" + sha256(job.encode()).hexdigest()[:8]
    return f"logs/{folder}/{index:02d}-{_safe(step)}.{number}.log"


def _safe(name: str) -> str:
    plain = "".join(char if char.isalnum() or char in "._-" else "_" for char in name)
    return plain.encode()[:120].decode(errors="ignore")


def ordered(job: Job) -> list[Step]:
    """The steps as they run: by phase, then order, then as planned."""
    return sorted(job.steps, key=lambda step: (_PHASES[step.phase], step.order))


class StepwiseJob:
    """Runs the steps of one job attempt in a session."""

    def __init__(self, order: JobOrder, session: StepSession, tools: RunTools) -> None:
        self._order = order
        self._session = session
        self._tools = tools
        self._result = JobResult()
        self._written: dict[str, str] = {}
        self._path: tuple[str, ...] = ()
        self._outputs: dict[str, dict[str, str]] = {}
        self._grace: Limit | None = None
        seconds = parse_duration(order.job.timeout, f"job {order.job.id}")
        self._budget = within(seconds, f"job timed out after {show_duration(seconds or 0)}")

    def run(self) -> JobResult:
        """All steps to their end; exactly one `StepFinished` per attempt, and one `skipped` per step that did not run."""
        for index, step in enumerate(ordered(self._order.job), start=1):
            skip = self._why_not(step)
            if skip:
                self._finish(step, index, self._order.tries.get(step.id, 0), Status.SKIPPED, reason=skip)
            else:
                self._run_step(step, index)
        return self._result

    def _why_not(self, step: Step) -> str:
        if step.id in self._order.done:
            return "succeeded in an earlier attempt"
        if self._tools.halt.now:
            return "cancelled"
        if step.phase == "post":
            return ""
        if self._result.status is not Status.SUCCEEDED:
            return self._result.reason
        if self._tools.halt.asked:
            self._result.blame(Status.CANCELLED, "cancelled")
            return "cancelled"
        if self._budget is not None and time.monotonic() >= self._budget.when:
            self._result.blame(Status.TIMED_OUT, self._budget.reason)
            return self._budget.reason
        return ""

    def _run_step(self, step: Step, index: int) -> None:
        tries = self._order.tries
        for failures in range(1, max(0, step.retry) + 2):
            number = tries[step.id] = tries.get(step.id, 0) + 1
            name = log_name(self._order.job.id, index, step.id, number)
            log = self._log(step, name)
            self._tools.recorder.record(StepStarted(self._order.job.id, step.id, index, number, name))
            status, code, reason = self._attempt(step, log)
            last = status not in (Status.FAILED, Status.TIMED_OUT) or failures > step.retry or self._out_of_time()
            allowed = last and step.on_failure == "continue" and status in (Status.FAILED, Status.TIMED_OUT)
            self._finish(step, index, number, status, code, reason, allowed=allowed)
            if last or not self._pause(failures):
                break
        if allowed:
            self._result.allowed_failure = True
        elif status is not Status.SUCCEEDED:
            self._result.blame(status, reason if reason.startswith("job ") else f"step {step.id}: {reason}")

    def _pause(self, failures: int) -> bool:
        """Wait before another attempt, not past the job's budget; False when the run was asked to stop."""
        delay = self._tools.backoff.delay(failures)
        if self._budget is not None:
            delay = max(0.0, min(delay, self._budget.when - time.monotonic()))
        return self._tools.halt.sleep(delay)

    def _out_of_time(self) -> bool:
        return self._budget is not None and time.monotonic() >= self._budget.when

    def _finish(
        self,
        step: Step,
        index: int,
        number: int,
        status: Status,
        code: int | None = None,
        reason: str = "",
        *,
        allowed: bool = False,
    ) -> None:
        self._tools.recorder.record(
            StepFinished(self._order.job.id, step.id, index, number, status, code, reason, allowed)
        )

    def _log(self, step: Step, name: str) -> StepLog:
        recorder, job = self._tools.recorder, self._order.job.id
        return StepLog(
            recorder, self._tools.masker, name, lambda text: recorder.output(job, step.id, text), self._result.links
        )

    def _attempt(self, step: Step, log: StepLog) -> tuple[Status, int | None, str]:
        """Status, exit code and reason of one attempt; what is wrong with the step itself is a failure with a line in its log."""
        try:
            if not step.run:
                return Status.SUCCEEDED, None, ""
            ended, written = self._execute(step, log)
            return self._judge(step, ended, written)
        except (OrunError, OSError, file_commands.FileCommandError) as error:
            log.say(str(error))
            for problem in error.diagnostics if isinstance(error, OrunError) else ():
                if problem.hint:
                    log.say(f"hint: {problem.hint}")
            self._tools.recorder.advise(self._order.job.id, error)
            return Status.FAILED, None, str(error)
        finally:
            log.close()

    def _judge(self, step: Step, ended: Ended, written: file_commands.Written) -> tuple[Status, int | None, str]:
        self._absorb(step, written)
        if ended.late:
            return Status.TIMED_OUT, ended.exit_code, ended.late
        if self._tools.halt.asked and ended.exit_code != 0 and (step.phase != "post" or self._tools.halt.now):
            return Status.CANCELLED, ended.exit_code, "cancelled"
        if ended.exit_code:
            return Status.FAILED, ended.exit_code, f"command exited with code {ended.exit_code}"
        return Status.SUCCEEDED, 0, ""

    def _execute(self, step: Step, log: StepLog) -> tuple[Ended, file_commands.Written]:
        order = self._order
        contexts = {"steps": self._outputs, "needs": order.needs}
        shell = shells.choose(step.shell, self._session.has)
        where = substitute(step.working_directory, contexts)
        root = order.workspace if order.confined else None
        cwd = confine(root, order.folder / where, here=order.local)
        place = order.scratch / f"{_safe(step.id)}.{order.tries[step.id]}"
        files = file_commands.create(place)
        script = place / f"script{shell.suffix}"
        with script.open("xb", buffering=0) as file:
            write_all(file.fileno(), shell.script(substitute(step.run, contexts)))
        step_env = {name: substitute(text, contexts) for name, text in environment.plain(step.env).items()}
        command = StepCommand(shell.argv(self._session.locate(script)), self._environment(step, step_env, files), cwd)
        ended = attempt(self._session, command, log, self._tools.halt, self._limit(step), spare=step.phase == "post")
        return ended, file_commands.read(files)

    def _environment(self, step: Step, step_env: Mapping[str, str], files: Mapping[str, Path]) -> dict[str, str]:
        order = self._order
        located = {name: self._session.locate(file) for name, file in files.items()}
        merged = {
            **order.base,
            **self._session.environment,
            **environment.plain(order.job.env),
            **self._written,
            **step_env,
            **order.secrets,
            **environment.of_needs(order.job, order.needs),
            **order.facts,
            "ORUN_STEP_ID": step.id,
            "ORUN_WORKSPACE": self._session.locate(order.workspace),
            **environment.of_files(located),
        }
        if self._path:
            merged["PATH"] = ":".join([*self._path, merged.get("PATH") or _USUAL_PATH])
        return merged

    def _limit(self, step: Step) -> Limit | None:
        seconds = parse_duration(step.timeout, f"step {step.id} of job {self._order.job.id}")
        own = within(seconds, f"timed out after {show_duration(seconds or 0)}")
        if step.phase != "post":
            return sooner(own, self._budget)
        if self._grace is None and (self._tools.halt.asked or self._result.status is Status.TIMED_OUT):
            grace = self._tools.post_grace
            self._grace = within(grace, f"post steps of a stopped job get {show_duration(grace)}")
        return sooner(own, self._grace)

    def _absorb(self, step: Step, written: file_commands.Written) -> None:
        self._written.update(written.env)
        self._written.update({f"STATE_{name}": value for name, value in written.state.items()})
        self._path = (*reversed(written.path), *(entry for entry in self._path if entry not in written.path))
        self._outputs[step.id] = written.outputs
        for name, value in written.outputs.items():
            if self._tools.masker.reveals(value):
                message = f"output {name} of step {step.id} holds a secret: not handed on"
                self._tools.recorder.record(Noted("secret-output", message, self._order.job.id))
            else:
                self._result.outputs[name] = value
        self._result.summary += written.summary
