"""What act's JSON lines mean: a translation into the events of a run, without knowing processes or files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from orun_core.spec.duration import show_duration
from orun_core.spec.json_text import loads
from orun_core.spec.run import Happening, JobFinished, Output, Status, StepFinished, StepStarted

from orun_backend_gha.act_workflow import LINK_STEP, Place
from orun_backend_gha.duration import seconds_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from orun_core.spec.plan import Job

NOISE = (
    "unable to get git",
    "not located inside a git repository",
    "Failed but continue",
    "Reevaluate condition",
    "Result condition",
)
ANNOTATIONS = frozenset({"error", "warning", "notice", "debug"})
EXIT = re.compile(r"exit(?:code| status) '?(\d+)'?")
TIMEOUTS = (124, 137)
"""Exit statuses of `timeout` when the limit was reached."""


class Translator:
    """Turns the lines of one job into events.

    `places`: steps by their id in the workflow. `marker`: text that ends an attempt, with its status when it is repeated. `exit_status`:
    of the last attempt of a script, None when there was none. `mask`: told of every value that the job asks to hide. `reveals`: whether
    a text holds a secret.
    """

    def __init__(
        self,
        job: Job,
        places: Mapping[str, Place],
        marker: str,
        exit_status: Callable[[str], int | None],
        mask: Callable[[str], None],
        reveals: Callable[[str], bool],
    ) -> None:
        self._job = job
        self._places = places
        self._marker = marker
        self._exit_status = exit_status
        self._mask = mask
        self._reveals = reveals
        self._attempts: dict[str, int] = {}
        self._ended: dict[str, Status] = {}
        self._pending: tuple[str, Status, str] | None = None
        self._outputs: dict[str, str] = {}
        self._summary = ""
        self._status: Status | None = None
        self._reason = ""
        self._allowed = False
        self._over = ""
        """The script that ended: act may tell an empty line after it that nobody wrote."""

    def line(self, text: str) -> Iterator[Happening | Output]:
        """The events of one line; a line that is no JSON tells nothing."""
        try:
            entry = loads(text)
        except ValueError:
            return
        if not isinstance(entry, dict):
            return
        ids = entry.get("stepID") or []
        message = str(entry.get("msg", ""))
        if entry.get("jobResult"):
            self._status = Status.SUCCEEDED if entry["jobResult"] == "success" else Status.FAILED
        elif not ids:
            return
        elif ids[0] not in self._places:
            self._link_line(ids[0], entry, message)
        else:
            yield from self._step_line(ids, entry, message)

    def _link_line(self, key: str, entry: Mapping[str, Any], message: str) -> None:
        if key == LINK_STEP and entry.get("stepResult") == "failure":
            self._reason = "the workspace could not be prepared"
        elif entry.get("raw_output") and not self._reason:
            self._reason = message.strip()

    def _step_line(self, ids: list[str], entry: Mapping[str, Any], message: str) -> Iterator[Happening | Output]:
        key, outer = ids[0], len(ids) == 1
        step = self._places[key].step.id
        if entry.get("raw_output"):
            yield from self._output(key, message.removesuffix("\n").removesuffix("\r"))
        elif "command" in entry:
            yield from self._command(step, entry, outer=outer)
        elif outer and entry.get("stage") == "Main" and "stepResult" in entry:
            self._pending = (key, _status(str(entry["stepResult"])), "")
        elif outer and entry.get("stage") == "Main" and message.startswith("⭐ Run"):
            yield from self._start(key)
        elif entry.get("level") == "error" and not any(noise in message for noise in NOISE):
            yield from self._trouble(key, message)

    def _start(self, key: str) -> Iterator[Happening | Output]:
        yield from self._flush()
        place = self._places[key]
        yield from self._skipped(before=place.index)
        attempt = self._attempts[place.step.id] = self._attempts.get(place.step.id, 0) + 1
        yield StepStarted(self._job.id, place.step.id, place.index, attempt)

    def _output(self, key: str, text: str) -> Iterator[Happening | Output]:
        step = self._places[key].step.id
        before, marker, status = text.partition(self._marker)
        if before or not (marker or key == self._over):
            yield Output(self._job.id, step, before)
        if marker and not status:
            self._over = key
        elif marker:
            yield from self._finish(key, Status.FAILED, int(status), "", last=False)
            attempt = self._attempts[step] = self._attempts[step] + 1
            yield StepStarted(self._job.id, step, self._places[key].index, attempt)

    def _command(self, step: str, entry: Mapping[str, Any], *, outer: bool) -> Iterator[Happening | Output]:
        command = entry["command"]
        argument = str(entry.get("arg", ""))
        if command == "add-mask":
            self._mask(argument)
        elif command == "set-output" and outer:
            name = str(entry.get("name", ""))
            if not self._reveals(argument):
                self._outputs[name] = argument
        elif command == "summary" and outer:
            self._summary += str(entry.get("content", ""))
        elif command in ANNOTATIONS:
            yield Output(self._job.id, step, str(entry.get("raw", argument)).removesuffix("\n"))

    def _trouble(self, key: str, message: str) -> Iterator[Happening | Output]:
        """An error of act: the reason of a step that just failed, told in its log unless it is only an exit status."""
        if not EXIT.search(message):
            for text in message.splitlines():
                yield Output(self._job.id, self._places[key].step.id, text)
        if self._pending is not None and self._pending[0] == key and not EXIT.search(message):
            self._pending = (key, self._pending[1], message.splitlines()[0])

    def _flush(self) -> Iterator[Happening | Output]:
        if self._pending is not None:
            key, status, reason = self._pending
            self._pending = None
            yield from self._finish(key, status, self._exit_status(key), reason, last=self._is_last(key))

    def _is_last(self, key: str) -> bool:
        place = self._places[key]
        return not place.step.use or place.attempt > place.step.retry

    def _finish(
        self, key: str, status: Status, code: int | None, reason: str, *, last: bool
    ) -> Iterator[Happening | Output]:
        place = self._places[key]
        step = place.step
        if status is Status.FAILED:
            if step.timeout and code in TIMEOUTS:
                status, reason = Status.TIMED_OUT, f"timed out after {show_duration(seconds_of(step.timeout))}"
            reason = reason or (f"command exited with code {code}" if code is not None else "the action failed")
        allowed = last and step.on_failure == "continue" and status.bad
        self._allowed = self._allowed or allowed
        self._ended[step.id] = status
        if last and status.bad and not allowed and not self._reason:
            self._reason = f"step {step.id}: {reason}"
        yield StepFinished(
            self._job.id, step.id, place.index, self._attempts.get(step.id, 1), status, code, reason, allowed
        )

    def _skipped(self, before: int) -> Iterator[Happening | Output]:
        """Steps that act passed over; it says nothing about them."""
        for place in self._places.values():
            step = place.step
            if (
                place.index < before
                and place.attempt == 1
                and step.id not in self._attempts
                and step.id not in self._ended
            ):
                self._ended[step.id] = Status.SKIPPED
                yield StepFinished(self._job.id, step.id, place.index, 0, Status.SKIPPED, None, self._reason)

    def end(self, *, cancelled: bool, trouble: str) -> Iterator[Happening | Output]:
        """The last events. `trouble`: what act said on stderr, the reason when it never got to run the job."""
        if cancelled:
            self._reason = "cancelled"
            if self._pending is not None and self._pending[1].bad:
                self._pending = (self._pending[0], Status.CANCELLED, "cancelled")
        yield from self._flush()
        yield from self._skipped(before=len(self._job.steps) + 1)
        status = self._status or Status.FAILED
        if status is Status.FAILED:
            status = Status.CANCELLED if cancelled else self._worst()
            self._reason = self._reason or trouble or "act ended without a result"
        else:
            self._reason = ""
        yield JobFinished(self._job.id, 1, status, self._reason, self._allowed, dict(self._outputs), self._summary)

    def _worst(self) -> Status:
        return Status.TIMED_OUT if "timed out after" in self._reason else Status.FAILED


def _status(result: str) -> Status:
    return {"success": Status.SUCCEEDED, "skipped": Status.SKIPPED}.get(result, Status.FAILED)
