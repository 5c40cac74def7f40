"""Decides which job starts next. Pure: no threads, no clock, no files; the runner tells it what happened.

A job is ready when its enforced dependencies succeeded. Ready jobs start by longest remaining path, then plan order, as far
as slots allow: the run's concurrency, a limit of components at once, and the named pools that jobs declare.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from orun_core.plan.graph import remaining_lengths
from orun_core.spec.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from orun_core.spec.plan import Job


class OnFailure(StrEnum):
    """What a failed job means for the others. `cancel` is `stop` and also ends the running ones: that is the runner's part."""

    STOP = "stop"
    CANCEL = "cancel"
    KEEP_GOING = "keep-going"


@frozen
class Limits:
    """How much may run at once; None is no limit."""

    jobs: int | None = None
    components: int | None = None


UNLIMITED: Final = Limits()


@frozen
class Skip:
    """A job that will not start, and why."""

    job: str
    reason: str


class Scheduler:
    """State machine over the selected jobs of a plan, given in topological order.

    `satisfied`: ids outside the selection, or resumed, that count as succeeded. Every job leaves exactly once: through
    `finished`, or as a `Skip` that `finished` or `stop` returned.
    """

    def __init__(
        self,
        jobs: Sequence[Job],
        *,
        limits: Limits = UNLIMITED,
        on_failure: OnFailure = OnFailure.STOP,
        satisfied: Collection[str] = (),
    ) -> None:
        self._jobs = {job.id: job for job in jobs}
        self._index = {job.id: at for at, job in enumerate(jobs)}
        self._limits = limits
        self._on_failure = on_failure
        self._waiting = {job.id: {need for need in job.depends_on if need not in satisfied} for job in jobs}
        self._dependants: dict[str, list[str]] = {job.id: [] for job in jobs}
        for job in jobs:
            for need in self._waiting[job.id]:
                if need in self._dependants:
                    self._dependants[need].append(job.id)
        self._remaining = remaining_lengths({job.id: job.depends_on for job in jobs})
        self._ready: list[tuple[int, int, str]] = []
        self._fresh: list[tuple[int, int, str]] = []
        self._running: set[str] = set()
        self._components: Counter[str] = Counter()
        self._pools: Counter[str] = Counter()
        for job in jobs:
            if not self._waiting[job.id]:
                self._make_ready(job.id)

    def _make_ready(self, job: str) -> None:
        del self._waiting[job]
        place = (-self._remaining[job], self._index[job], job)
        insort(self._ready, place)
        self._fresh.append(place)

    @property
    def running(self) -> frozenset[str]:
        """Jobs that started and have not finished."""
        return frozenset(self._running)

    def queued(self) -> tuple[str, ...]:
        """Jobs that began to wait for a slot only, in the order in which they would start; each is named once."""
        fresh, self._fresh = sorted(self._fresh), []
        return tuple(place[2] for place in fresh if self._waits(place))

    def _waits(self, place: tuple[int, int, str]) -> bool:
        at = bisect_left(self._ready, place)
        return at < len(self._ready) and self._ready[at] == place

    @property
    def done(self) -> bool:
        """True when every job finished or was skipped, or can never start."""
        return not (self._running or self._ready)

    def start(self) -> tuple[str, ...]:
        """Give slots to as many ready jobs as the limits allow; they are running from now on."""
        places = []
        for at, (_, _, job) in enumerate(self._ready):
            if self._limits.jobs is not None and len(self._running) >= self._limits.jobs:
                break
            if self._fits(self._jobs[job]):
                self._take(self._jobs[job])
                places.append(at)
        started = [self._ready.pop(at)[2] for at in reversed(places)]
        return tuple(reversed(started))

    def _fits(self, job: Job) -> bool:
        pool = job.concurrency
        if pool is not None and self._pools[pool.group] >= pool.limit:
            return False
        limit = self._limits.components
        return limit is None or self._components[job.component] > 0 or len(+self._components) < limit

    def _take(self, job: Job) -> None:
        self._running.add(job.id)
        self._components[job.component] += 1
        if job.concurrency is not None:
            self._pools[job.concurrency.group] += 1

    def finished(self, job: str, *, succeeded: bool) -> tuple[Skip, ...]:
        """A running job ended: free its slots, release its dependants or skip what can no longer start."""
        ended = self._jobs[job]
        self._running.remove(job)
        self._components[ended.component] -= 1
        if ended.concurrency is not None:
            self._pools[ended.concurrency.group] -= 1
        if succeeded:
            for after in self._dependants[job]:
                needs = self._waiting.get(after)
                if needs is not None:
                    needs.discard(job)
                    if not needs:
                        self._make_ready(after)
            return ()
        skipped = self._skip_after(job)
        if self._on_failure is OnFailure.KEEP_GOING:
            return skipped
        return skipped + self.stop(f"fail-fast: {job} failed")

    def _skip_after(self, job: str) -> tuple[Skip, ...]:
        doomed, stack = [], list(self._dependants[job])
        while stack:
            after = stack.pop()
            if self._waiting.pop(after, None) is not None:
                doomed.append(after)
                stack.extend(self._dependants[after])
        doomed.sort(key=self._index.__getitem__)
        return tuple(Skip(after, f"dependency failed: {job}") for after in doomed)

    def stop(self, reason: str) -> tuple[Skip, ...]:
        """Skip every job that has not started."""
        left = sorted([*self._waiting, *(job for _, _, job in self._ready)], key=self._index.__getitem__)
        self._waiting.clear()
        self._ready.clear()
        self._fresh.clear()
        return tuple(Skip(job, reason) for job in left)
