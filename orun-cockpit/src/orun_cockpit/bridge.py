"""The cockpit's only door to orun: views come out, requests go in. Everything here may block; call it from a worker."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orun_core.spec.errors import OrunError, UsageError
from orun_core.spec.frozen import frozen

from orun_cockpit.cells import log_text
from orun_cockpit.log_window import LogWindow
from orun_cockpit.logs import Selection, chosen, raw_lines
from orun_cockpit.project import run_list
from orun_cockpit.stream import PACE, RunStream, paced, utc_now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from orun_core.spec.host import Host
    from orun_core.spec.plan import Plan
    from orun_core.spec.run import RunState
    from orun_core.spec.store import StateStore

    from orun_cockpit.listing import ComponentListView, EnvironmentListView
    from orun_cockpit.log_window import Scope
    from orun_cockpit.style import Theme
    from orun_cockpit.view import PlanView, RunListView, RunView

SHARE = 16
"""The cockpit rests so many times as long as it works: a busy run takes about a sixteenth of a core, a keystroke what it needs."""
RECENT = 20
"""Runs in which the last one of a component is looked for."""


@frozen
class Catalogue:
    """What the intent compiles to."""

    components: ComponentListView
    environments: EnvironmentListView
    triggers: tuple[str, ...]


@frozen
class Draft:
    """What a plan is asked to hold; empty means what the intent says."""

    environments: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    trigger: str = ""
    changed: bool = False

    @property
    def command(self) -> str:
        """The command that compiles it."""
        words = ["orun plan", *(f"--component {name}" for name in self.components)]
        words += [f"--env {','.join(self.environments)}"] if self.environments else []
        words += [f"--trigger {self.trigger}"] if self.trigger else []
        return " ".join([*words, *(["--changed"] if self.changed else [])])


def catalogue(host: Host, *, changed: bool = False) -> Catalogue:
    """What the intent compiles to, with the last runs of its components. Raises what compiling raises."""
    from orun_core.spec.stages import Request

    from orun_cockpit.catalogue import component_list, environment_list, last_runs

    store = host.store
    last = last_runs(_readable(store), utc_now())
    resolution = host.compile(Request()).resolution
    touched = host.compile(Request(changed=True)).resolution.project.changed if changed else None
    bindings = resolution.project.intent.automation.trigger_bindings
    return Catalogue(component_list(resolution, last, touched), environment_list(resolution), tuple(sorted(bindings)))


def _readable(store: StateStore) -> Iterator[RunState]:
    """The newest runs; one that is damaged says nothing of its components, and `orun status` says why."""
    for summary in store.runs()[:RECENT]:
        try:
            yield store.run(summary.exec_id)
        except OrunError:
            continue


class Bridge:
    """One workspace. Errors are those of the host and the store: `OrunError` with its diagnostics."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._plans: dict[str, Plan] = {}
        self._streams: dict[str, RunStream] = {}

    @property
    def environ(self) -> Mapping[str, str]:
        """Environment of the process."""
        return self._host.environ

    @property
    def name(self) -> str:
        """What the workspace is called: the folder of its intent."""
        return self._host.root.name

    def catalogue(self, *, changed: bool) -> Catalogue:
        """What the intent compiles to now."""
        return catalogue(self._host, changed=changed)

    def compose(self, draft: Draft) -> PlanView:
        """Compile and store a plan."""
        from orun_core.spec.stages import Request

        from orun_cockpit.catalogue import plan_view

        request = Request(
            environments=draft.environments,
            components=draft.components,
            trigger=draft.trigger,
            changed=draft.changed,
        )
        compiled = self._host.compile(request)
        self._host.save(compiled)
        self._plans[compiled.plan.metadata.checksum] = compiled.plan
        return plan_view(compiled.plan)

    def preview(self, checksum: str) -> str:
        """What a run of a plan would do."""
        return self._host.preview(self._plan(checksum))

    def start(self, checksum: str, exec_id: str = "") -> str:
        """Start a detached run of a plan, or continue an execution of it; returns its execution id."""
        return self._host.run(self._plan(checksum), exec_id=exec_id)

    def stop(self, exec_id: str) -> None:
        """Ask a run to stop, if it is live."""
        if self.run(exec_id).live:
            self._host.stop(exec_id)

    def runs(self) -> RunListView:
        """All runs."""
        return run_list(self._host.store.runs(), utc_now())

    def run(self, exec_id: str) -> RunView:
        """A run now; cheap when nothing happened since it was asked for."""
        stream = self._streams.get(exec_id)
        if stream is None:
            stream = self._streams[exec_id] = RunStream(self._host.store, exec_id)
        stream.look()
        return stream.view()

    def ticks(self, followed: Callable[[], str]) -> Iterator[None]:
        """Yield whenever something may have changed in the run that is `followed`, or in any when none is; endless."""
        while True:
            exec_id = followed()
            for _ in paced(self._watch(exec_id), PACE, SHARE):
                yield
                if followed() != exec_id:
                    break

    def _watch(self, exec_id: str) -> Iterator[None]:
        """Changes of a run; of all runs when there is none of that name any more."""
        try:
            return self._host.store.watch(exec_id)
        except UsageError:
            return self._host.store.watch()

    def report(self, exec_id: str, theme: Theme) -> Path:
        """Write a run as one page into the working folder; returns the file."""
        from orun_cockpit.report_file import write_report

        return write_report(self._host.store, self.run(exec_id), theme).absolute()

    def window(self, scope: Scope) -> LogWindow:
        """A window on logs."""
        return LogWindow(self._host.store, scope)

    def log_size(self, scope: Scope) -> int:
        """Bytes of the logs of a scope."""
        return sum(self._host.store.log_size(scope.exec_id, name) for name in self._logs(scope))

    def whole_log(self, scope: Scope) -> Iterator[str]:
        """Every line of the logs of a scope, cleaned, in the order in which the steps ran."""
        for name in self._logs(scope):
            yield from map(log_text, raw_lines(self._host.store, scope.exec_id, name))

    def _logs(self, scope: Scope) -> Iterator[str]:
        """Names of the logs of a scope."""
        for job, step in chosen(self.run(scope.exec_id), Selection()):
            if scope.job in ("", job.id) and scope.step in ("", step.id):
                yield from step.logs

    def _plan(self, checksum: str) -> Plan:
        if checksum not in self._plans:
            self._plans[checksum] = self._host.plan(checksum)
        return self._plans[checksum]
