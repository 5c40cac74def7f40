"""Whatever instant the recorder dies at, the record is true and the next command goes on without being told to."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from crashing import crash, points
from orun_core.spec.errors import Severity
from orun_core.spec.run import Status
from orun_core.state import fsck
from orun_core.state.local import LocalStore

SCRIPT = str(Path(__file__).with_name("recording.py"))
JOBS = 3


def ledger(folder: Path) -> Counter[str]:
    path = folder / "ledger"
    return Counter(path.read_text().split()) if path.exists() else Counter()


def store_of(folder: Path) -> LocalStore:
    return LocalStore(folder / ".orun", read_plan=lambda path: None)


def recorded(folder: Path) -> set[str]:
    """The jobs that the record calls succeeded; checks that it says interrupted or finished, nothing else."""
    store = store_of(folder)
    runs = store.runs()
    if not runs:
        assert not ledger(folder)
        return set()
    assert [run.exec_id for run in runs] == ["crash"]
    state = store.run()
    assert state.interrupted or state.status is Status.SUCCEEDED
    succeeded = {job.id for job in state.jobs if job.status is Status.SUCCEEDED}
    assert succeeded <= set(ledger(folder))
    return succeeded


def crash_and_resume(at: int, folder: Path) -> None:
    folder.mkdir()
    killed, _ = crash(at, folder, SCRIPT, str(JOBS))
    assert killed
    before, work = recorded(folder), ledger(folder)
    killed, done = crash(0, folder, SCRIPT, str(JOBS))
    assert (killed, done.returncode) == (False, 0), done.stderr
    state = store_of(folder).run()
    assert state.status is Status.SUCCEEDED
    assert [job.status for job in state.jobs] == [Status.SUCCEEDED] * JOBS
    assert all(ledger(folder)[job] == work[job] for job in before)
    store = store_of(folder)
    found = [d for d in fsck.check_run(store, "crash") if d.severity is not Severity.NOTE]
    assert found == []


def test_every_crash_point_leaves_a_true_record_that_the_next_run_continues(tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    whole.mkdir()
    total = points(whole, SCRIPT, str(JOBS))
    assert total > 60
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda at: crash_and_resume(at, tmp_path / str(at)), range(1, total + 1)))
