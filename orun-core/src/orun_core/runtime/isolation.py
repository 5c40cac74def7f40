"""Which jobs work on a staged copy of the workspace, and where everybody finds their files.

`auto` stages a job when another job that may run at the same time works in the same folder, or in one above or below it; jobs
that have their folder to themselves work on the user's files, as do all jobs of a serial run.
"""

from __future__ import annotations

import shutil
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from orun_core.plan.graph import topological_order
from orun_core.runtime.workspace import Files, confine
from orun_core.spec.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from orun_core.spec.plan import Job


class IsolationMode(StrEnum):
    """`--isolation`."""

    AUTO = "auto"
    WORKSPACE = "workspace"
    NONE = "none"


def staged_jobs(jobs: Sequence[Job], mode: IsolationMode, *, concurrent: bool) -> frozenset[str]:
    """Ids of the jobs that get a copy; a job with an `isolation` obligation always does."""
    forced = {job.id for job in jobs if any(duty.kind == "isolation" for duty in job.obligations)}
    if mode is IsolationMode.WORKSPACE:
        return frozenset(job.id for job in jobs)
    if mode is IsolationMode.NONE or not concurrent:
        return frozenset(forced)
    return frozenset(forced | _contended(jobs))


def _contended(jobs: Sequence[Job]) -> set[str]:
    """Jobs that may run at the same time as another one in an overlapping folder; sets of jobs are bit masks."""
    bit = {job.id: 1 << at for at, job in enumerate(jobs)}
    needs = {job.id: job.depends_on for job in jobs}
    order = topological_order(needs)
    before, after = dict.fromkeys(order, 0), dict.fromkeys(order, 0)
    for name in order:
        for need in needs[name]:
            if need in bit:
                before[name] |= before[need] | bit[need]
    for name in reversed(order):
        for need in needs[name]:
            if need in bit:
                after[need] |= after[name] | bit[name]
    inside: dict[PurePosixPath, int] = {}
    exactly: dict[PurePosixPath, int] = {}
    for job in jobs:
        folder = PurePosixPath(job.path)
        exactly[folder] = exactly.get(folder, 0) | bit[job.id]
        for above in (folder, *folder.parents):
            inside[above] = inside.get(above, 0) | bit[job.id]
    found = set()
    for job in jobs:
        folder = PurePosixPath(job.path)
        near = inside[folder]
        for above in folder.parents:
            near |= exactly.get(above, 0)
        if near & ~(before[job.id] | after[job.id] | bit[job.id]):
            found.add(job.id)
    return found


@frozen
class Place:
    """The files of one job. `stage`: the staged copy, None when it works on the user's files."""

    root: Path
    folder: Path
    confined: bool
    stage: Path | None = None


@dataclass(frozen=True)
class Isolation:
    """Gives every job its place.

    `root`: the user's workspace; `stages`: folder for copies; `staged`: ids of the jobs that get one; `workdir`: the one folder
    of `--workdir`; `keep`: leave copies behind.
    """

    root: Path
    stages: Path
    staged: frozenset[str] = frozenset()
    workdir: Path | None = None
    keep: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _files: list[Files] = field(default_factory=list)

    @contextmanager
    def workspace(self, job: Job) -> Iterator[Place]:
        """The place of a job; raises `RunError` when its folder does not exist or leaves the workspace."""
        if self.workdir is not None:
            yield Place(self.root, confine(None, self.workdir), confined=False)
            return
        if job.id not in self.staged:
            yield Place(self.root, confine(self.root, self.root / job.path), confined=True)
            return
        stage = (self.stages / job.uid).absolute()
        try:
            self._listed().stage(stage)
            yield Place(stage, confine(stage, stage / job.path), confined=True, stage=stage)
        finally:
            if not self.keep:
                shutil.rmtree(stage, ignore_errors=True)

    def _listed(self) -> Files:
        with self._lock:
            if not self._files:
                self._files.append(Files.of(self.root))
            return self._files[0]

    def give_back(self, job: Job, place: Place) -> None:
        """Copy the declared outputs of a staged job into the user's workspace."""
        if place.stage is not None:
            self._listed().give_back(place.stage, job)
