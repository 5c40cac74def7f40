"""Who writes a journal: the lock of an execution, and whether the process that left one still lives.

The lock file names its owner by boot, process namespace, process id and start time of the process, so that a process id that
was given to somebody else is not mistaken for it; its modification time is the heartbeat. The owner also holds a `flock`,
which the kernel takes back from the dead; where the file system has no `flock`, the name alone counts. Nobody is ever asked to
unlock anything.
"""

from __future__ import annotations

import fcntl
import json
import os
import platform
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from orun_core.spec.errors import Diagnostic, RunError
from orun_core.spec.frozen import frozen
from orun_core.spec.json_text import loads
from orun_core.spec.tree import build, document
from orun_core.state.durable import make_folder, take_lock, write_all

if TYPE_CHECKING:
    from orun_core.state.layout import RunFolder

HEARTBEAT = 5.0
SILENCE = 30.0
RELEASE_WAIT = 2.0


@frozen
class Owner:
    """A process, named so that no other one is ever called the same."""

    pid: int
    started: str
    """Start time of the process in clock ticks since boot."""
    boot: str
    """Boot id of the kernel."""
    namespace: str
    """Process namespace: equal process ids of two containers are two processes."""
    machine: str
    """Name of the machine."""

    def lives(self, heartbeat: float) -> bool:
        """True unless the process is known to be gone; one that cannot be seen from here lives while its heart beats."""
        here = this_process()
        if (self.boot, self.namespace) == (here.boot, here.namespace):
            return process_start(self.pid) == self.started
        if self.boot != here.boot and self.machine == here.machine:
            return False
        return time.time() - heartbeat < SILENCE


def this_process() -> Owner:
    """The identity of the running process."""
    pid = os.getpid()
    boot = _read("/proc/sys/kernel/random/boot_id").strip()
    return Owner(pid, process_start(pid), boot, _link("/proc/self/ns/pid"), platform.node())


def owner_name() -> str:
    """The running process in one line, to mark what it leaves outside this machine's files."""
    return json.dumps(document(this_process()), separators=(",", ":"))


def is_gone(name: str) -> bool:
    """True when the process of an `owner_name` is known to be dead; False for one that cannot be seen from here."""
    try:
        owner = build(Owner, loads(name), closed=False)
    except ValueError:
        return False
    return not owner.lives(time.time())


def process_start(pid: int) -> str:
    """Start time of a process; empty when there is none, `?` where the system does not tell."""
    status = _read(f"/proc/{pid}/stat")
    if status:
        state, *rest = status.rpartition(")")[2].split()
        return "" if state in "ZX" else rest[18]
    if Path("/proc/self/stat").exists():
        return ""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    except PermissionError:
        return "?"
    return "?"


def read_owner(lock: Path) -> tuple[Owner, float] | None:
    """Owner and heartbeat that a lock file tells; None when nobody holds it."""
    try:
        with lock.open("rb", buffering=0) as file:
            content, heartbeat = file.readall(), os.fstat(file.fileno()).st_mtime
        return build(Owner, loads(content), closed=False), heartbeat
    except (FileNotFoundError, ValueError):
        return None


def is_live(folder: RunFolder) -> bool:
    """True while the execution has a living owner."""
    return _lives(read_owner(folder.lock))


class RunLock:
    """The lock of one execution, held from construction to `release`."""

    def __init__(self, folder: RunFolder, exec_id: str) -> None:
        """Take the lock, from a dead owner too; raises `RunError` (`run/already-live`) when its owner lives."""
        self._folder = folder
        self._exec_id = exec_id
        self._descriptor = self._acquire()
        os.ftruncate(self._descriptor, 0)
        write_all(self._descriptor, json.dumps(document(this_process())).encode() + b"\n")
        self._released = threading.Event()
        self._heart = threading.Thread(target=self._beat, name=f"heartbeat {exec_id}", daemon=True)
        self._heart.start()

    def release(self) -> None:
        """Give the lock back: leave the file empty."""
        self._released.set()
        self._heart.join()
        os.ftruncate(self._descriptor, 0)
        os.close(self._descriptor)

    def _acquire(self) -> int:
        """A descriptor of the lock file that nobody else holds, and whose file is still the one in the folder."""
        deadline = time.monotonic() + RELEASE_WAIT
        while True:
            make_folder(self._folder.path)
            descriptor = os.open(self._folder.lock, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
            held = take_lock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            found = read_owner(self._folder.lock)
            free = held or (held is None and not _lives(found))
            if free and _is_at(descriptor, self._folder.lock) and not self._elsewhere(found):
                return descriptor
            os.close(descriptor)
            if _lives(found) or time.monotonic() > deadline:
                raise self._already_live(found)
            time.sleep(0.01)

    def _elsewhere(self, found: tuple[Owner, float] | None) -> bool:
        """True when the file names a living owner although its `flock` is free: on another kernel, or where `flock` does nothing."""
        return found is not None and found[0].boot != this_process().boot and _lives(found)

    def _already_live(self, found: tuple[Owner, float] | None) -> RunError:
        who = f"process {found[0].pid} on {found[0].machine}" if found else "another process"
        message = f'execution "{self._exec_id}" is already running in {who}'
        hint = f"watch it with `orun status {self._exec_id} --watch`, stop it with `orun stop {self._exec_id}`"
        return RunError(Diagnostic("run/already-live", message, hint=hint))

    def _beat(self) -> None:
        while not self._released.wait(HEARTBEAT):
            os.utime(self._descriptor)


def _lives(found: tuple[Owner, float] | None) -> bool:
    return found is not None and found[0].lives(found[1])


def _is_at(descriptor: int, path: Path) -> bool:
    """True when the open file is the one at `path`, which somebody may have removed meanwhile."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _read(path: str) -> str:
    try:
        return Path(path).read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def _link(path: str) -> str:
    try:
        return str(Path(path).readlink())
    except FileNotFoundError:
        return ""
