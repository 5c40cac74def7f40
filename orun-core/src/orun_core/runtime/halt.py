"""Stops what is running: softly (SIGTERM, grace, SIGKILL), at once, or when a deadline passes.

One `Halt` serves a whole run. Processes register while they run, so that a signal reaches each process group exactly once,
and one thread keeps all deadlines.
"""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from orun_core.spec.backend import StepProcess


class Deadline:
    """Something to do at a time; `cancel` forgets it."""

    def __init__(self, action: Callable[[], None]) -> None:
        self.action: Callable[[], None] | None = action

    def cancel(self) -> None:
        """Do nothing when the time comes."""
        self.action = None


class Halt:
    """The run's brake. `grace`: seconds between SIGTERM and SIGKILL."""

    def __init__(self, grace: float = 10.0) -> None:
        self.grace = grace
        self._soft = threading.Event()
        self._hard = threading.Event()
        self._lock = threading.Condition()
        self._active: dict[object, Callable[[], None]] = {}
        self._processes: set[StepProcess] = set()
        self._deadlines: list[tuple[float, int, Deadline]] = []
        self._count = itertools.count()
        self._thread: threading.Thread | None = None
        self._closed = False

    @property
    def asked(self) -> bool:
        """True once the run shall stop."""
        return self._soft.is_set()

    @property
    def now(self) -> bool:
        """True once nothing more may run, not even post steps."""
        return self._hard.is_set()

    def ask(self) -> None:
        """Stop softly: whatever runs now is asked to end; post steps that start later may run."""
        with self._lock:
            if self._soft.is_set():
                return
            self._soft.set()
            cancels = list(self._active.values())
        for cancel in cancels:
            cancel()

    def force(self) -> None:
        """Kill whatever runs; nothing starts any more."""
        self.ask()
        with self._lock:
            self._hard.set()
            processes = list(self._processes)
        for process in processes:
            process.kill()

    def sleep(self, seconds: float) -> bool:
        """Wait; False when the run was asked to stop meanwhile."""
        return not self._soft.wait(seconds)

    @contextmanager
    def on_ask(self, cancel: Callable[[], None]) -> Iterator[None]:
        """Call `cancel` when the run is asked to stop inside the block, or at once when it already was."""
        key = object()
        with self._lock:
            self._active[key] = cancel
            asked = self._soft.is_set()
        try:
            if asked:
                cancel()
            yield
        finally:
            with self._lock:
                del self._active[key]

    @contextmanager
    def process(self, process: StepProcess, *, spare: bool) -> Iterator[None]:
        """Let the brake reach a running process. `spare`: a soft stop leaves it alone (post steps)."""
        key = object()
        with self._lock:
            self._processes.add(process)
            if not spare:
                self._active[key] = lambda: self.end(process)
            end_now, kill_now = self._soft.is_set() and not spare, self._hard.is_set()
        try:
            if kill_now:
                process.kill()
            elif end_now:
                self.end(process)
            yield
        finally:
            with self._lock:
                self._processes.discard(process)
                self._active.pop(key, None)

    def end(self, process: StepProcess) -> None:
        """SIGTERM now, SIGKILL after the grace when it still runs."""
        process.terminate()
        self.at(time.monotonic() + self.grace, lambda: self._kill(process))

    def _kill(self, process: StepProcess) -> None:
        with self._lock:
            runs = process in self._processes
        if runs:
            process.kill()

    def at(self, when: float, action: Callable[[], None]) -> Deadline:
        """Do something at a time of `time.monotonic`, on the brake's own thread."""
        deadline = Deadline(action)
        with self._lock:
            heapq.heappush(self._deadlines, (when, next(self._count), deadline))
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, name="orun-deadlines", daemon=True)
                self._thread.start()
            self._lock.notify()
        return deadline

    def _watch(self) -> None:
        while True:
            with self._lock:
                while not self._closed and (not self._deadlines or self._deadlines[0][0] > time.monotonic()):
                    wait = self._deadlines[0][0] - time.monotonic() if self._deadlines else None
                    self._lock.wait(None if wait is None else min(wait, threading.TIMEOUT_MAX))
                if self._closed:
                    return
                action = heapq.heappop(self._deadlines)[2].action
            if action is not None:
                action()

    def close(self) -> None:
        """Forget all deadlines and end the thread."""
        with self._lock:
            self._closed = True
            self._lock.notify()
            thread = self._thread
        if thread is not None:
            thread.join()
