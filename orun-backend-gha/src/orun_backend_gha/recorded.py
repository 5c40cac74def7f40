"""Executions that the jobs of a run on GitHub recorded and uploaded, by orun or by the original."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from orun_core.spec.errors import Diagnostic, UsageError
from orun_core.spec.frozen import frozen
from orun_core.spec.run import StepStarted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from orun_core.spec.run import Happening, RunStarted

    from orun_backend_gha.api import GitHub
    from orun_backend_gha.artifacts import Artifact


@frozen
class Execution:
    """One execution, put together from what its jobs uploaded.

    `started` has every job that is known to belong to it, `happened` what is recorded, in the order of time, `logs` texts by name.
    """

    exec_id: str
    started: RunStarted
    happened: tuple[tuple[str, Happening], ...]
    logs: Mapping[str, bytes]

    @property
    def missing(self) -> tuple[str, ...]:
        """Jobs that belong to it and left no record."""
        told = {getattr(what, "job", "") for _, what in self.happened}
        return tuple(job.id for job in self.started.jobs if job.id not in told)

    def printed(self) -> Iterator[tuple[str, str, bytes]]:
        """Job, step and text of every log, job by job."""
        for job in self.started.jobs:
            for _, what in self.happened:
                if isinstance(what, StepStarted) and what.job == job.id and what.log in self.logs:
                    yield job.id, what.step, self.logs[what.log]


def executions(api: GitHub, run: Mapping[str, Any]) -> list[Execution]:
    """What the jobs of a run uploaded, by execution id. Raises `RunError` (`github/bad-upload`) for what cannot be trusted."""
    from orun_backend_gha import bundles, uploads
    from orun_backend_gha.artifacts import artifacts

    listed = artifacts(api, int(run["id"]))
    return sorted(
        [*uploads.executions(api, run, listed), *bundles.executions(api, run, listed)], key=lambda one: one.exec_id
    )


def uploaded(listed: Iterable[Artifact]) -> dict[str, int]:
    """How many artifacts there are of each execution of the original, and of run folders, as their names tell."""
    from orun_backend_gha.bundle_shard import NAME
    from orun_backend_gha.uploads import PREFIX

    names = [artifact.name for artifact in listed]
    counts = Counter(found["execution"] for name in names if (found := NAME.fullmatch(name)))
    folders = sum(name.startswith(PREFIX) for name in names)
    return dict(sorted(counts.items())) | ({"run folders": folders} if folders else {})


def chosen(
    found: Sequence[Execution], exec_id: str, run: Mapping[str, Any], ask: Callable[[Sequence[str]], str] | None
) -> Execution | None:
    """The execution that is meant: the one that is named, the only one, the only one of the run's last attempt, or the one that `ask` says.

    None when nothing was uploaded. Raises `UsageError` (`github/several-executions`, `github/no-run`).
    """
    known = {one.exec_id: one for one in found}
    if not known:
        return None
    if exec_id:
        if exec_id not in known:
            hint = f"it has {', '.join(known)}"
            raise UsageError(Diagnostic("github/no-run", f"no job of run {run['id']} uploaded {exec_id}", hint=hint))
        return known[exec_id]
    of_attempt = [name for name in known if name.startswith(f"gh-{run['id']}-{run.get('run_attempt') or 1}-")]
    names = of_attempt if len(of_attempt) == 1 else list(known)
    if len(names) == 1:
        return known[names[0]]
    if ask is None:
        message = f"run {run['id']} has several executions: {', '.join(names)}"
        raise UsageError(Diagnostic("github/several-executions", message, hint="choose one with --exec-id"))
    return known[ask(names)]
