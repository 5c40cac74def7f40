"""Backends and displays of plugins as a run uses them: what breaks in one carries its plugin's name, and breaks nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, cast

from orun_core.plugins.invoke import blame, broken
from orun_core.spec.errors import Diagnostic, OrunError, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from orun_core.plugins.discover import Installed
    from orun_core.spec.backend import Backend, JobContext, StepCommand
    from orun_core.spec.plan import Job, Plan
    from orun_core.spec.run import Event, Happening, Output
    from orun_core.spec.surface import RunDisplay

T = TypeVar("T")
Report: TypeAlias = Callable[[Iterable[Diagnostic]], None]


class _Guarded:
    """An object of a plugin. `report` gets what may not be raised where it happens."""

    _through: tuple[type[BaseException], ...] = ()

    def __init__(self, inner: Any, plugin: Installed, what: str, report: Report) -> None:
        self._inner = inner
        self._plugin = plugin
        self._what = what
        self._report = report

    def _call(self, method: str, expected: type[T], *arguments: object) -> T:
        """What a method returns; raises `PluginError` when it breaks or is of another class."""
        doing = f"{method} of {self._what}"
        with blame(self._plugin, doing, through=self._through):
            result = getattr(self._inner, method)(*arguments)
        if not isinstance(result, expected):
            wrong = f"expected {expected.__name__}, got {type(result).__name__}"
            raise broken(self._plugin, doing, wrong, "plugin/wrong-result")
        return result

    def _try(self, method: str, *arguments: object) -> bool:
        """Call a method that others wait for; what it raises becomes a warning, and the answer is False."""
        try:
            self._call(method, object, *arguments)
        except OrunError as error:
            self._report(problem.warning() for problem in error.diagnostics)
            return False
        return True

    def _made(self, method: str, *arguments: object) -> tuple[Any, Installed, str, Report]:
        """What a method makes, as the arguments of its own guard."""
        inner = self._call(method, object, *arguments)
        if inner is None:
            raise broken(self._plugin, f"{method} of {self._what}", "it returned None", "plugin/wrong-result")
        return inner, self._plugin, self._what, self._report


def guarded(inner: Any, plugin: Installed, name: str, report: Report) -> Backend:
    """A plugin's backend; raises `PluginError` when it does not even say what it can do."""
    what = f"backend '{name}'"
    with blame(plugin, f"capabilities of {what}"):
        granularity = inner.capabilities.granularity
    kinds = {"step": _StepBackend, "job": _JobBackend, "plan": _PlanBackend}
    return cast("Backend", kinds[granularity](inner, plugin, what, report))


class _Backend(_Guarded):
    @property
    def capabilities(self) -> Any:
        return self._inner.capabilities


class _StepBackend(_Backend):
    def open(self, job: Job, context: JobContext) -> _StepSession:
        return _StepSession(*self._made("open", job, context))


class _JobBackend(_Backend):
    def open(self, job: Job, context: JobContext) -> _JobSession:
        return _JobSession(*self._made("open", job, context))


class _PlanBackend(_Backend):
    def open(self, plan: Plan, context: object) -> _PlanSession:
        return _PlanSession(*self._made("open", plan, context))


class _StepSession(_Guarded):
    @property
    def environment(self) -> Mapping[str, str]:
        with blame(self._plugin, f"environment of {self._what}"):
            return dict(self._inner.environment)

    def locate(self, path: Path) -> str:
        return self._call("locate", str, path)

    def has(self, program: str) -> bool:
        return bool(self._call("has", object, program))

    def start(self, command: StepCommand) -> _StepProcess:
        return _StepProcess(*self._made("start", command))

    def close(self) -> None:
        self._try("close")


class _StepProcess(_Guarded):
    def read(self, size: int) -> bytes:
        return self._call("read", bytes, size)

    def wait(self) -> int:
        return self._call("wait", int)

    def terminate(self) -> None:
        self._try("terminate")

    def kill(self) -> None:
        self._try("kill")


class _Events(_Guarded):
    def events(self) -> Iterator[Happening | Output]:
        doing = f"events of {self._what}"
        with blame(self._plugin, doing):
            found = iter(self._inner.events())
        while True:
            with blame(self._plugin, doing):
                event = next(found, None)
            if event is None:
                return
            yield event

    def cancel(self) -> None:
        self._try("cancel")


class _JobSession(_Events):
    pass


class _PlanSession(_Events):
    def log(self, job: str) -> bytes:
        return self._call("log", bytes, job)


class SteadyDisplay(_Guarded):
    """A display that is left alone once it failed: the run goes on, and its record is complete."""

    _through = (OSError,)

    def __init__(self, inner: Any, plugin: Installed, what: str, report: Report) -> None:
        super().__init__(inner, plugin, what, report)
        self._well = True
        with blame(plugin, f"wants_output of {what}"):
            self.wants_output = bool(getattr(inner, "wants_output", True))

    def begin(self, plan: Plan, exec_id: str) -> None:
        """As `RunDisplay`."""
        self._show("begin", plan, exec_id)

    def event(self, event: Event) -> None:
        """As `RunDisplay`."""
        self._show("event", event)

    def output(self, output: Output) -> None:
        """As `RunDisplay`."""
        self._show("output", output)

    def end(self) -> None:
        """As `RunDisplay`; also of a display that failed, to give the terminal back."""
        self._show("end", again=True)

    def _show(self, method: str, *arguments: object, again: bool = False) -> None:
        if not (self._well or again):
            return
        try:
            shown = self._try(method, *arguments)
        except OSError as error:
            text, hint = f"the run is not shown any more: {error.strerror}", "it goes on; `orun status` shows it"
            self._report([Diagnostic("usage/system", text, hint=hint, severity=Severity.WARNING)])
            shown = False
        self._well = self._well and shown


def steady(display: RunDisplay, plugin: Installed, report: Report) -> RunDisplay:
    """A display that cannot end a run."""
    return SteadyDisplay(display, plugin, "the display", report)
