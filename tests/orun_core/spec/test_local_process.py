"""What `LocalProcess` adds to a step's process; the rest is tested by the contract of the backends that start some."""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import pytest
from orun_core.spec.backend import StepCommand
from orun_core.spec.local_process import LocalProcess

Start = Callable[..., LocalProcess]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts scripts, which are gone after the test."""
    started: list[LocalProcess] = []

    def start(script: str, stderr: IO[bytes] | None = None) -> LocalProcess:
        started.append(LocalProcess(StepCommand(("sh", "-c", script), dict(os.environ), tmp_path), stderr))
        return started[-1]

    yield start
    for process in started:
        process.close()


def heard(process: LocalProcess) -> bytes:
    """All of its stream."""
    return b"".join(iter(lambda: process.read(1 << 16), b""))


def test_both_outputs_are_one_stream(start: Start) -> None:
    process = start("echo out; echo err >&2; exit 3")
    assert heard(process) == b"out\nerr\n"
    assert process.wait() == 3


def test_errors_go_where_they_are_wanted(start: Start, tmp_path: Path) -> None:
    with (tmp_path / "errors").open("wb") as errors:
        process = start("echo out; echo err >&2", errors)
        assert heard(process) == b"out\n"
    assert (tmp_path / "errors").read_bytes() == b"err\n"


def test_a_signal_reaches_the_group_and_promises_no_end(start: Start) -> None:
    process = start("trap 'echo caught; exit 4' USR1; (trap 'echo child; exit' USR1; echo up; sleep 60 & wait) & wait")
    assert process.read(1 << 16) == b"up\n"
    process.signal(signal.SIGUSR1)
    assert sorted(heard(process).split()) == [b"caught", b"child"]
    assert process.wait() == 4


def test_a_child_that_holds_the_pipe_delays_no_end_and_is_gone_after_close(start: Start, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "alive")
    alive = os.open(tmp_path / "alive", os.O_RDONLY | os.O_NONBLOCK)
    process = start("exec 5>alive; sleep 600 & echo over")
    assert heard(process) == b"over\n"
    assert process.wait() == 0
    with pytest.raises(BlockingIOError):
        os.read(alive, 1)
    process.close()
    assert select.select([alive], [], [], 30)[0], "the child still has its end"
    os.close(alive)


def test_signals_after_the_end_are_harmless(start: Start) -> None:
    process = start("true")
    assert heard(process) == b""
    process.close()
    process.signal(signal.SIGTERM)
    process.terminate()
    process.kill()


def test_a_program_that_is_not_there_is_an_os_error(tmp_path: Path) -> None:
    command = StepCommand((str(tmp_path / "none"),), {}, tmp_path)
    with pytest.raises(FileNotFoundError):
        LocalProcess(command)
