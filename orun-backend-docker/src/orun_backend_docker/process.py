"""One command in a container: its output, its exit code, and signals to its process group.

A small shell script stands between the engine and the command. It says its process id first, joins stderr to stdout, and says
the command's exit code last, so that a child left in the background, which keeps the stream open, does not hold the step; before
that it says whether memory ran out, when the command was killed. The engine makes the script the leader of a session; whatever
the command starts stays in its process group, or keeps its tracking id.
"""

from __future__ import annotations

import secrets
import signal
import threading
from typing import TYPE_CHECKING

from orun_core.spec.errors import Diagnostic, RunError
from orun_core.spec.local_process import TRACKING_ID

from orun_backend_docker.errors import gone, refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from orun_core.spec.backend import StepCommand

    from orun_backend_docker.engine import Engine

PATIENCE = 5.0
_SOON = 1.0
_SCRIPT = r"""trap : TERM; echo $$; exec 2>/dev/null; "$@" 2>&1; set -- $?
[ $1 = 137 ] && grep -qs '^oom_kill [1-9]' /sys/fs/cgroup/memory.events /sys/fs/cgroup/memory/memory.oom_control &&
echo 'orun: killed because the container ran out of memory'
printf '\036%s:%d\n' "$0" $1"""
_SIGNAL = r"""kill -s "$2" -- "-$1" 2>/dev/null; [ "$2" = TERM ] || for folder in /proc/[0-9]*; do
grep -qs "$0" "$folder/environ" && kill -s "$2" "${folder#/proc/}"; done; :"""


class ContainerProcess:
    """A running command. `end_container`: the last resort, when a killed command does not end."""

    def __init__(
        self, engine: Engine, container: str, command: StepCommand, folder: str, end_container: Callable[[], None]
    ) -> None:
        self._engine = engine
        self._container = container
        self._tracking = secrets.token_hex(8)
        self._marker = b"\x1e" + self._tracking.encode() + b":"
        self._end_container = end_container
        self._ready = self._held = b""
        self._over = self._stopped = False
        self._status: int | None = None
        self._rescue: threading.Timer | None = None
        argv = ("sh", "-c", _SCRIPT, self._tracking, *command.argv)
        environment = {**command.environment, TRACKING_ID: self._tracking}
        with self._engine.speaking(f"cannot start {command.argv[0]}"):
            self._id, self._stream = engine.execute(container, argv, environment, folder)
        self._pid = self._greeting(command.argv[0], folder)

    def _greeting(self, program: str, folder: str) -> str:
        """Process id of the group; raises `RunError` with what the engine says instead."""
        said = b""
        while b"\n" not in said and (frame := self._stream.frame()):
            said += frame
        first, _, rest = said.partition(b"\n")
        if not first.isdigit():
            text = said.decode("utf-8", "replace").strip()
            if "chdir to cwd" in text:
                raise RunError(Diagnostic("run/no-directory", f"working directory does not exist: {folder}"))
            if not text:
                self._engine.check(f"cannot start {program}")
                raise RunError(gone(f"cannot start {program}"))
            raise RunError(refusal(f"cannot start {program}", text))
        self._take(rest)
        return first.decode()

    def read(self, size: int) -> bytes:
        """Bytes as they arrive; `b""` at the end."""
        while not self._ready and not self._over:
            frame = self._stream.frame()
            if frame:
                self._take(frame)
            else:
                self._ready, self._held, self._over = self._held, b"", True
        data, self._ready = self._ready[:size], self._ready[size:]
        return data

    def _take(self, frame: bytes) -> None:
        """Sort new bytes into output and the marker of the end, which may be cut in two."""
        data = self._held + frame
        at = data.find(self._marker)
        if at < 0:
            at = data.rfind(b"\x1e", max(0, len(data) - len(self._marker) + 1))
            at = at if at >= 0 and self._marker.startswith(data[at:]) else len(data)
        elif b"\n" in data[at:]:
            self._status = int(data[at + len(self._marker) : data.index(b"\n", at)])
            self._over = True
        self._ready += data[:at]
        self._held = data[at:]

    def wait(self) -> int:
        """Exit status; 128 + n after signal n. Raises `RunError` when the container ended with the command."""
        if self._stopped:
            self._signal(signal.SIGKILL)
        if self._rescue is not None:
            self._rescue.cancel()
        self._stream.close()
        if self._status is None and not self._stopped and self._engine.ends(self._container, _SOON):
            raise RunError(gone("the command was cut off"))
        if self._status is None:
            with self._engine.speaking("cannot ask for an exit code"):
                self._status = self._engine.exit_code(self._id)
        if self._status is None:  # the connection was cut
            self._signal(signal.SIGKILL)
            self._status = 128 + signal.SIGKILL
        return self._status

    def terminate(self) -> None:
        """SIGTERM to the group."""
        self._stopped = True
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL to the group; the container follows when the stream does not end."""
        self._stopped = True
        if self._rescue is None:
            self._rescue = threading.Timer(PATIENCE, self._end_container)
            self._rescue.daemon = True
            self._rescue.start()
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        """Send a signal from inside; SIGKILL also reaches processes that left the group. Harmless when all are gone."""
        name = number.name.removeprefix("SIG")
        argv = ("sh", "-c", _SIGNAL, f"{TRACKING_ID}={self._tracking}", self._pid, name)
        try:
            with self._engine.speaking("cannot signal"):
                _, stream = self._engine.execute(self._container, argv, {}, "/")
        except RunError:
            return
        stream.rest()
        stream.close()
