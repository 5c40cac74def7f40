"""Whether everything under `.orun` is what it says it is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from orun_core.spec.errors import Diagnostic, OrunError, Severity
from orun_core.state.fold import fold
from orun_core.state.journal import JournalReader
from orun_core.state.owner import is_live
from orun_core.state.snapshot import read_snapshot, write_snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orun_core.spec.run import RunState
    from orun_core.state.local import LocalStore

REPAIR_HINT = "`orun fsck --repair` writes it again from the journal"


LOST_HINT = "restore the file from a backup, or remove the run with `orun gc`"


def check(store: LocalStore) -> tuple[Diagnostic, ...]:
    """Every problem of the runs and plans of a store; empty when all is well."""
    runs = (problem for exec_id in store.layout.run_ids() for problem in check_run(store, exec_id))
    plans = (problem for checksum in store.layout.checksums() for problem in _check_plan(store, checksum))
    return (*runs, *_lost_journals(store), *plans, *_check_names(store))


def check_run(store: LocalStore, exec_id: str) -> Iterator[Diagnostic]:
    """Problems of one run: its journal, `state.json` and logs."""
    folder = store.layout.run(exec_id)
    reader = JournalReader(folder.journal)
    try:
        events = reader.read()
        state = fold(events) if events else None
    except OrunError as error:
        yield from error.diagnostics
        return
    except ValueError:
        yield Diagnostic("state/journal", f"{folder.journal}: it does not begin with run.started")
        return
    snapshot = read_snapshot(folder)
    if snapshot and snapshot.journal_bytes > reader.size and not is_live(folder):
        lost = snapshot.journal_bytes - reader.size
        yield Diagnostic("state/journal", f"{folder.journal} lost its last {lost} bytes", hint=LOST_HINT)
        return
    if state is None:
        if folder.request.exists() and not is_live(folder):
            yield Diagnostic("state/journal", f"{folder.journal} lost all it held", hint=LOST_HINT)
        return
    if snapshot and snapshot.journal_bytes == reader.size and snapshot.run != state:
        yield Diagnostic("state/snapshot", f"{folder.state} differs from the journal", hint=REPAIR_HINT)
    elif not is_live(folder) and (snapshot is None or snapshot.journal_bytes != reader.size):
        text = f"{folder.state} is older than the journal, as after a crash"
        yield Diagnostic("state/snapshot", text, hint=REPAIR_HINT, severity=Severity.NOTE)
    for name in _logs(state):
        if not folder.log(name).is_file():
            text = f"{folder.path}: the log {name} of a step is missing"
            yield Diagnostic("state/missing-log", text, severity=Severity.WARNING)


def _lost_journals(store: LocalStore) -> Iterator[Diagnostic]:
    """Folders of runs that began, and whose journal is gone."""
    known = set(store.layout.run_ids())
    for path in sorted(store.layout.runs.glob("*/run.json")):
        folder = store.layout.run(path.parent.name)
        if path.parent.name not in known:
            yield Diagnostic("state/journal", f"{folder.journal} is missing", hint=LOST_HINT)


def repair(store: LocalStore) -> tuple[str, ...]:
    """Write `state.json` of every run at rest again whose journal can be read; returns the ids of those that changed."""
    mended = []
    for exec_id in store.layout.run_ids():
        folder = store.layout.run(exec_id)
        if not is_live(folder) and any(problem.code == "state/snapshot" for problem in check_run(store, exec_id)):
            write_snapshot(folder)
            mended.append(exec_id)
    return tuple(mended)


def _logs(state: RunState) -> Iterator[str]:
    for job in state.jobs:
        for step in job.steps:
            yield from step.logs


def _check_plan(store: LocalStore, checksum: str) -> Iterator[Diagnostic]:
    path = store.layout.plan(checksum)
    try:
        plan = store.plan(checksum)
    except OrunError as error:
        for problem in error.diagnostics:
            named = problem.where is not None or str(path) in problem.message
            yield problem if named else replace(problem, message=f"{path}: {problem.message}")
        return
    if plan.metadata.checksum != checksum:
        yield Diagnostic("state/misplaced-plan", f"{path} holds the plan {plan.metadata.checksum}")


def _check_names(store: LocalStore) -> Iterator[Diagnostic]:
    layout = store.layout
    stored = set(layout.checksums())
    pointers = {layout.plan_name(name): checksum for name, checksum in layout.names().items()}
    if layout.latest_plan.exists():
        pointers[layout.latest_plan] = layout.latest(layout.latest_plan)
    for path, checksum in pointers.items():
        if checksum not in stored:
            text = f"{path} names the plan {checksum}, which is not stored"
            yield Diagnostic("state/dangling-name", text, severity=Severity.WARNING)
