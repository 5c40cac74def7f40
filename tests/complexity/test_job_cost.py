"""What a job costs that does nothing, counted: files that are opened, waits for the disk, threads."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from orun_core.plan.canonical import to_json
from orun_core.plan.seal import sealed
from orun_core.testing.plans import job, plan

COUNTED = """
import json, os, sys, threading
from pathlib import Path
counts = {"opened": 0, "synced": 0, "threads": 0, "tried": 0}
def hook(event, arguments):
    if event == "open" and isinstance(arguments[0], (str, os.PathLike)):
        counts["opened"] += "orun-run-" in os.fspath(arguments[0]) or "/logs/" in os.fspath(arguments[0])
    elif event == "subprocess.Popen" and arguments[1][0].endswith(("bash", "sh")):
        counts["tried"] += not arguments[1][0].startswith("/")
start, sync = threading.Thread.start, os.fdatasync
def starting(thread):
    counts["threads"] += 1
    start(thread)
def counting(descriptor):
    counts["synced"] += 1
    sync(descriptor)
threading.Thread.start, os.fdatasync = starting, counting
sys.addaudithook(hook)
from orun_core.cli.main import run
from orun_core.cli.report import Reporter
status = run(["run", "plan.json", "--json", "--concurrency", "1"], Reporter())
Path("counts.json").write_text(json.dumps(counts))
raise SystemExit(status)
"""
FEW, MANY = 10, 30


def counts(folder: Path, number: int) -> dict[str, int]:
    """What a run of so many jobs counts."""
    folder.mkdir()
    jobs = (job(f"c{i}.dev.build", "true") for i in range(number))
    (folder / "plan.json").write_text(to_json(sealed(plan(*jobs))[1]))
    environ = {**os.environ, "ORUN_CACHE_DIR": str(folder / "cache"), "TMPDIR": str(folder)}
    done = subprocess.run([sys.executable, "-c", COUNTED], cwd=folder, env=environ, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, int] = json.loads((folder / "counts.json").read_text())
    return found


@pytest.fixture(scope="module")
def more(tmp_path_factory: pytest.TempPathFactory) -> dict[str, float]:
    """What each further job adds."""
    folder = tmp_path_factory.mktemp("cost")
    few, many = counts(folder / "few", FEW), counts(folder / "many", MANY)
    return {name: (many[name] - few[name]) / (MANY - FEW) for name in few}


def test_a_job_opens_its_five_files_its_script_and_its_log_once(more: dict[str, float]) -> None:
    assert more["opened"] <= 7


def test_a_job_waits_for_the_disk_when_it_and_its_step_begin_and_end(more: dict[str, float]) -> None:
    """That jobs are queued is recorded for all of them at once."""
    assert more["synced"] <= 4.2


def test_a_job_needs_no_thread_of_its_own(more: dict[str, float]) -> None:
    assert more["threads"] == 0


def test_the_shell_is_not_looked_for_again(more: dict[str, float]) -> None:
    assert more["tried"] == 0
