from __future__ import annotations

import errno
import fcntl
import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from orun_core.spec.errors import RunError
from orun_core.spec.tree import document
from orun_core.state.layout import RunFolder
from orun_core.state.owner import SILENCE, RunLock, is_live, process_start, this_process
from recorded import record


def leave(folder: RunFolder, **changes: object) -> None:
    """Write a lock file as another process would have left it."""
    folder.path.mkdir(exist_ok=True)
    folder.lock.write_text(json.dumps(document(replace(this_process(), **changes))))


def test_this_process_lives() -> None:
    assert this_process().lives(0)


def test_a_reused_process_id_is_another_process() -> None:
    assert not replace(this_process(), started="1").lives(time.time())


def test_a_dead_process_does_not_live_however_fresh_its_heartbeat() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        started = process_start(process.pid)
    assert not replace(this_process(), pid=process.pid, started=started).lives(time.time())


def test_a_zombie_is_dead() -> None:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    assert process_start(pid) == ""
    os.waitpid(pid, 0)


def test_after_a_reboot_nothing_of_before_lives() -> None:
    assert not replace(this_process(), boot="another").lives(time.time())


@pytest.mark.parametrize("change", [{"boot": "another", "machine": "elsewhere"}, {"namespace": "pid:[1]"}])
def test_a_process_that_cannot_be_seen_lives_while_its_heart_beats(change: dict[str, str]) -> None:
    owner = replace(this_process(), **change)
    assert owner.lives(time.time())
    assert not owner.lives(time.time() - SILENCE - 1)


def test_a_lock_of_a_dead_owner_is_taken_over(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    leave(folder, started="1")
    assert not is_live(folder)
    lock = RunLock(folder, "run")
    assert is_live(folder)
    lock.release()
    assert not is_live(folder)
    assert folder.lock.read_bytes() == b""


def test_a_lock_from_another_container_that_was_killed_is_taken_over_at_once(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    leave(folder, namespace="pid:[1]")
    assert is_live(folder)
    RunLock(folder, "run").release()


def test_a_beating_lock_of_another_machine_is_respected(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    leave(folder, boot="another", machine="elsewhere", pid=4711)
    with pytest.raises(RunError, match="process 4711 on elsewhere"):
        RunLock(folder, "run")
    os.utime(folder.lock, (0, 0))
    RunLock(folder, "run").release()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": "x"}', '{"pid": 1}'])
def test_a_lock_file_that_tells_nothing_holds_nobody_back(tmp_path: Path, content: str) -> None:
    folder = RunFolder(tmp_path)
    folder.lock.write_text(content)
    assert not is_live(folder)
    RunLock(folder, "run").release()


@pytest.fixture
def no_flock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system without locks, as some networked ones are."""

    def flock(descriptor: int, how: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", flock)


@pytest.mark.usefixtures("no_flock")
def test_without_flock_the_name_in_the_lock_file_counts(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    leave(folder, started="1")
    lock = RunLock(folder, "run")
    with pytest.raises(RunError, match=f"already running in process {os.getpid()}"):
        RunLock(folder, "run")
    lock.release()
    RunLock(folder, "run").release()


@pytest.mark.usefixtures("no_flock")
def test_without_flock_runs_are_recorded(tmp_path: Path) -> None:
    assert record(tmp_path, "demo-1", "api").run("demo-1").status.value == "succeeded"
