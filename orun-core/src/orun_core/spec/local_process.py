"""A process of this machine, for backends that start some: a group of its own, one stream, an end that orphans cannot delay."""

from __future__ import annotations

import os
import secrets
import select
import signal
import subprocess
import threading
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from orun_core.spec.backend import StepCommand

TRACKING_ID = "ORUN_TRACKING_ID"
"""The variable that the children of one process have in common, wherever they go."""
_LINGER_MS = 50


class LocalProcess:
    """A command in a session of its own: a `StepProcess`, with `signal` and `close`.

    Its stream ends when the command ended, even when it left a child behind that holds the pipe; once it was asked to
    terminate, the stream ends with the last member of the group. The command stays a zombie until `close`, so that the id of
    the group cannot come to mean other processes.
    """

    def __init__(self, command: StepCommand, stderr: IO[bytes] | None = None) -> None:
        """Start the command without stdin; raises `OSError`. `stderr` takes what is not to be part of the stream."""
        self._tracking = secrets.token_hex(8)
        self._process = subprocess.Popen(
            command.argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr or subprocess.STDOUT,
            bufsize=0,
            cwd=command.cwd,
            env={**command.environment, TRACKING_ID: self._tracking},
            start_new_session=True,
        )
        assert self._process.stdout is not None  # noqa: S101 - stdout=PIPE
        self._output = self._process.stdout
        self._exit = _exit_descriptor(self._process.pid)
        self._poll = select.poll()
        self._poll.register(self._output, select.POLLIN)
        if self._exit >= 0:
            self._poll.register(self._exit, select.POLLIN)
        self._patience = None if self._exit >= 0 else _LINGER_MS
        self._over = self._terminated = self._killed = self._closing = False
        self._drain: threading.Thread | None = None

    def read(self, size: int) -> bytes:
        """Bytes as they arrive; `b""` at the end."""
        while not self._over:
            ready = {number for number, _ in self._poll.poll(self._patience)}
            if self._output.fileno() in ready:
                data = os.read(self._output.fileno(), size)
                self._over = not data
                return data
            if not ready and self._status(os.WNOHANG) is not None and (self._killed or not self._terminated):
                self._over = True
                self._drain = threading.Thread(target=self._discard, name="orun-drain", daemon=True)
                self._drain.start()
            elif self._exit in ready:
                self._poll.unregister(self._exit)
                self._patience = _LINGER_MS
        return b""

    def _discard(self) -> None:
        """Keep the pipe of a background child from filling up."""
        poll = select.poll()
        poll.register(self._output, select.POLLIN)
        while not self._closing:
            if poll.poll(_LINGER_MS) and not os.read(self._output.fileno(), 1 << 16):
                return

    def wait(self) -> int:
        """Exit status; 128 + n after signal n. What is left of a command that was asked to end is killed."""
        status = self._status(0)
        while status is None:
            status = self._status(0)
        if self._terminated or self._killed:
            self.kill()
            self._reach_strays(signal.SIGKILL)
        if self._drain is None:
            self._release()
        return status

    def _status(self, flags: int) -> int | None:
        if self._process.returncode is not None:
            return self._process.returncode
        ended = os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOWAIT | flags)
        if ended is None:
            return None
        return ended.si_status if ended.si_code == os.CLD_EXITED else 128 + ended.si_status

    def terminate(self) -> None:
        """SIGTERM to the group and to what left it; stopped processes are woken up to take it."""
        self._terminated = True
        self.signal(signal.SIGTERM)
        self.signal(signal.SIGCONT)
        self._reach_strays(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL to the group."""
        self._killed = True
        self.signal(signal.SIGKILL)

    def signal(self, number: int) -> None:
        """Send a signal to the group, and promise nothing about its end. Harmless after `close`."""
        if self._process.returncode is not None:
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)

    def _reach_strays(self, number: int) -> None:
        """Signal those that left the group, known by their tracking id; none where there is no `/proc`."""
        wanted = f"{TRACKING_ID}={self._tracking}".encode()
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                pid = int(folder.name)
                if wanted in (folder / "environ").read_bytes().split(b"\0") and os.getpgid(pid) != self._process.pid:
                    os.kill(pid, number)

    def close(self) -> None:
        """Kill what is left of the group and give the descriptors back."""
        self.kill()
        self._process.wait()
        self._closing = True
        if self._drain is not None:
            self._drain.join()
        self._release()

    def _release(self) -> None:
        self._output.close()
        if self._exit >= 0:
            os.close(self._exit)
            self._exit = -1


def _exit_descriptor(pid: int) -> int:
    """A descriptor that becomes readable when the process ends; -1 where the system has none."""
    try:
        return os.pidfd_open(pid)
    except (AttributeError, OSError):
        return -1
