"""`orun run`, killed at any instant: status is right at once, `--resume` completes, nothing that succeeded runs twice.

`ORUN_CRASH_EVERY=1` tries every crash point of the 30-job run; without it, ten of them spread over the run.
"""

from __future__ import annotations

import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from crashing import crash, points
from orun_core.plan.canonical import to_json
from orun_core.plan.reader import read_plan
from orun_core.plan.seal import sealed
from orun_core.spec.errors import Severity
from orun_core.spec.run import Status
from orun_core.state import fsck
from orun_core.state.local import LocalStore
from orun_core.testing.plans import job, plan

LAYERS, WIDTH = 5, 6
RUN = ("orun", "run", "plan.json", "--concurrency", "4")


def thirty_jobs() -> str:
    """Five layers of six jobs, each waiting for one of the layer before; each adds its name to the ledger."""
    jobs = [
        job(
            f"c{layer}{n}.dev.work",
            f'echo c{layer}{n}.dev.work >> "$LEDGER"',
            depends_on=(f"c{layer - 1}{n}.dev.work",) if layer else (),
        )
        for layer in range(LAYERS)
        for n in range(WIDTH)
    ]
    return to_json(sealed(plan(*jobs))[1])


def workspace(folder: Path, text: str) -> dict[str, str]:
    """A folder with the plan; returns the environment of its commands."""
    folder.mkdir()
    (folder / "plan.json").write_text(text)
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR", "LANG") if name in os.environ}
    return {**kept, "HOME": str(folder), "LEDGER": str(folder / "ledger"), "ORUN_CACHE_DIR": str(folder / ".cache")}


def done_work(folder: Path) -> Counter[str]:
    ledger = folder / "ledger"
    return Counter(ledger.read_text().split()) if ledger.exists() else Counter()


def store_of(folder: Path) -> LocalStore:
    return LocalStore(folder / ".orun", read_plan)


def succeeded(folder: Path) -> set[str]:
    """Jobs that the record calls succeeded; it may claim no work that was not done, and not that the dead run lives."""
    store = store_of(folder)
    if not store.runs():
        return set()
    state = store.run()
    assert state.interrupted or state.status is Status.SUCCEEDED
    assert len(state.jobs) == LAYERS * WIDTH
    found = {job.id for job in state.jobs if job.status is Status.SUCCEEDED}
    assert found <= set(done_work(folder))
    return found


def crash_and_resume(at: int, folder: Path, text: str) -> bool:
    """Kill the run at a point, look, resume; False when the run had ended before that point."""
    env = workspace(folder, text)
    killed, _ = crash(at, folder, *RUN, "--exec-id", "crash", env=env)
    before, work = succeeded(folder), done_work(folder)
    begun = bool(store_of(folder).runs())
    again = ("--resume", "crash") if begun else ("--exec-id", "crash")
    _, done = crash(0, folder, *RUN, *again, env=env)
    assert done.returncode == 0, f"point {at}: {done.stderr}"
    state = store_of(folder).run()
    assert (state.status, {job.status for job in state.jobs}) == (Status.SUCCEEDED, {Status.SUCCEEDED})
    assert [name for name in before if done_work(folder)[name] != work[name]] == []
    assert [d for d in fsck.check(store_of(folder)) if d.severity is Severity.ERROR] == []
    return killed


def test_a_run_killed_at_any_point_is_resumed(tmp_path: Path) -> None:
    """Runs differ by some points, since threads that record at once share an fsync: the last ones may not be reached."""
    pytest.importorskip("orun_backend_shell")
    text = thirty_jobs()
    total = points(tmp_path / "whole", *RUN, env=workspace(tmp_path / "whole", text))
    assert total > 500
    every = int(os.environ.get("ORUN_CRASH_EVERY", total // 10))
    with ThreadPoolExecutor(2) as pool:
        tried = list(pool.map(lambda at: crash_and_resume(at, tmp_path / str(at), text), range(1, total + 1, every)))
    print(f"{sum(tried)} crashes, {len(tried) - sum(tried)} runs that ended before their point, {total} points")
    assert sum(tried) >= len(tried) * 9 // 10
