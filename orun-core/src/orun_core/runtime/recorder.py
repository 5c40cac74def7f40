"""The one way into the journal: mask, record, then show. Safe from several threads."""

from __future__ import annotations

import threading
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from orun_core.spec.errors import OrunError
from orun_core.spec.run import Noted, Output, RunStarted

if TYPE_CHECKING:
    from collections.abc import Callable

    from orun_core.runtime.redact import Masker
    from orun_core.spec.run import Event, Happening
    from orun_core.spec.store import RunWriter
    from orun_core.spec.surface import RunDisplay

_NAMES: Final = frozenset(("job", "kind", "log", "step"))
"""Fields whose words are the plan's and orun's own: a secret that happens to be such a word must not change whose event it is."""


class Recorder:
    """Appends happenings and passes them on, in journal order, to the display and the observers."""

    def __init__(
        self,
        writer: RunWriter,
        masker: Masker,
        display: RunDisplay,
        observe: Callable[[str, Event], None] | None = None,
    ) -> None:
        self._writer = writer
        self._masker = masker
        self._display = display
        self._observe = observe
        self._turn = threading.Condition()
        self._shown: int | None = None
        self._broken = False
        self._advised: set[str] = set()
        self.wants_output: bool = getattr(display, "wants_output", True)

    def record(self, *happenings: Happening) -> None:
        """Write what happened durably, then show it; its free text is masked first."""
        try:
            for event in self._writer.append_all(tuple(map(self._masked, happenings))):
                self._show(event)
        except BaseException:
            with self._turn:
                self._broken = True
                self._turn.notify_all()
            raise

    def _show(self, event: Event) -> None:
        """Show an event after all earlier ones: threads that record at once share an fsync and leave it in any order."""
        with self._turn:
            while not self._broken and self._shown is not None and self._shown + 1 < event.seq:
                self._turn.wait()
            self._display.event(event)
            if self._observe is not None:
                self._observe(self._writer.exec_id, event)
            self._shown = event.seq
            self._turn.notify_all()

    def _masked(self, what: Any) -> Any:
        if isinstance(what, RunStarted):
            return replace(what, argv=tuple(map(self._masker.mask, what.argv)))
        texts = (field.name for field in fields(what) if field.name not in _NAMES)
        changes = {name: self._clean(getattr(what, name)) for name in texts}
        return replace(what, **changes)

    def _clean(self, value: Any) -> Any:
        if type(value) is str:
            return self._masker.mask(value)
        if isinstance(value, dict):
            return {self._masker.mask(key): self._clean(item) for key, item in value.items()}
        return value

    def advise(self, job: str, error: Exception) -> None:
        """Note how to mend what a job failed of, each remedy once in a run; whatever is no error of orun's has none."""
        problems = error.diagnostics if isinstance(error, OrunError) else ()
        remedies = {f"{problem.code}: {problem.hint}": problem.code for problem in problems if problem.hint}
        with self._turn:
            fresh = remedies.keys() - self._advised
            self._advised |= fresh
        for remedy in sorted(fresh):
            self.record(Noted("hint", remedy, job, {"code": remedies[remedy]}))

    def output(self, job: str, step: str, text: str) -> None:
        """Show one line of masked output."""
        with self._turn:
            self._display.output(Output(job, step, text))

    def open_log(self, name: str) -> BinaryIO:
        """A new log file for masked bytes."""
        return self._writer.open_log(name)
