"""What must hold before a job may run: promotion gates, approvals, a clean git tree."""

from __future__ import annotations

import os
import subprocess
from dataclasses import field
from typing import TYPE_CHECKING

from orun_core.spec.errors import Diagnostic, PolicyError
from orun_core.spec.frozen import frozen
from orun_core.spec.run import Noted, RunStarted, Status
from orun_core.state.git_environ import git_environ

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from orun_core.spec.plan import Gate, Job
    from orun_core.spec.store import StateStore


@frozen
class Consent:
    """What the user said about gates and approvals.

    `approved`: reason by job id. `ask`: asks on the terminal and returns the reason, empty for no; None where there is no terminal.
    """

    ignore_gates: bool = False
    approved: Mapping[str, str] = field(default_factory=dict)
    ask: Callable[[Job, str], str] | None = None
    user: str = ""


@frozen
class Revision:
    """The source revision of a workspace; empty outside git. `unknown`: why git cannot tell whether files differ."""

    commit: str = ""
    dirty: bool = False
    unknown: str = ""

    @classmethod
    def of(cls, root: Path) -> Revision:
        """Ask git once for the commit and whether tracked or new files differ from it; orun's own `.orun` does not count."""
        command = ["git", "--no-optional-locks", "-C", str(root), "status", "--porcelain=v2", "--branch"]
        command += ["--", ":/", ":(exclude).orun"]
        environ = git_environ(os.environ)
        try:
            done = subprocess.run(command, capture_output=True, check=False, text=True, errors="replace", env=environ)
        except OSError as error:
            return cls(unknown=f"git cannot be run: {error.strerror}")
        if done.returncode:
            return cls(unknown=(done.stderr.strip().splitlines() or ["git says nothing"])[-1])
        lines = done.stdout.splitlines()
        commit = next((line.split()[2] for line in lines if line.startswith("# branch.oid ")), "")
        return cls("" if commit == "(initial)" else commit, any(not line.startswith("#") for line in lines))


def check(
    jobs: Sequence[Job], consent: Consent, store: StateStore, revision: Callable[[], Revision]
) -> tuple[Noted, ...]:
    """The facts to record; raises `PolicyError` with everything that is unmet, before anything runs."""
    notes: list[Noted] = []
    problems: list[Diagnostic] = []
    for job in jobs:
        for gate in job.gates:
            _gate(job, gate, consent, store, revision, notes, problems)
        for duty in job.obligations:
            if duty.kind == "approval":
                _approval(job, duty.policy, consent, notes, problems)
            elif duty.kind == "clean-git-tree" and (revision().dirty or revision().unknown):
                message = f"job {job.id} needs a clean git tree (policy {duty.policy}, {duty.layer})"
                why = revision().unknown
                hint = f"run it in a git work tree: {why}" if why else "commit or discard the changes"
                problems.append(Diagnostic("run/dirty-tree", message, hint=hint))
    if problems:
        raise PolicyError(problems)
    return tuple(notes)


def _gate(
    job: Job,
    gate: Gate,
    consent: Consent,
    store: StateStore,
    revision: Callable[[], Revision],
    notes: list[Noted],
    problems: list[Diagnostic],
) -> None:
    wanted = revision().commit if gate.match.get("revision") == "source" else None
    evidence = _evidence(gate, store, wanted)
    what = f"{gate.component} in {gate.environment}"
    if evidence:
        notes.append(Noted("gate", f"{what} succeeded in {evidence}", job.id, {"evidence": evidence}))
    elif consent.ignore_gates:
        notes.append(Noted("gate-ignored", f"{what} has no recorded success", job.id, {"user": consent.user}))
    else:
        same = " of the same source revision" if wanted is not None else ""
        message = f"job {job.id} is gated: no recorded success{same} of {what}"
        hint = f"run {what} first; --ignore-gates goes on without and is recorded"
        problems.append(Diagnostic("run/gate", message, hint=hint))


def _evidence(gate: Gate, store: StateStore, commit: str | None) -> str:
    """The newest execution in which the gate's component succeeded there as a whole; empty when there is none."""
    for summary in store.runs():
        if commit is not None and (not commit or _recorded_commit(store, summary.exec_id) != commit):
            continue
        jobs = [
            job
            for job in store.run(summary.exec_id).jobs
            if job.component == gate.component and job.environment == gate.environment
        ]
        if jobs and all(job.status is Status.SUCCEEDED for job in jobs):
            return summary.exec_id
    return ""


def _recorded_commit(store: StateStore, exec_id: str) -> str:
    started = [event.what for event in store.events(exec_id) if isinstance(event.what, RunStarted)]
    return started[-1].labels.get("revision", "") if started else ""


def labels(revision: Revision) -> dict[str, str]:
    """What `RunStarted` says about the source: its commit, unless files differ from it."""
    return {} if revision.dirty or not revision.commit else {"revision": revision.commit}


def _approval(job: Job, policy: str, consent: Consent, notes: list[Noted], problems: list[Diagnostic]) -> None:
    reason = consent.approved.get(job.id, "")
    if not reason and consent.ask is not None:
        reason = consent.ask(job, policy)
    if reason:
        notes.append(Noted("approval", reason, job.id, {"user": consent.user, "policy": policy}))
        return
    hint = f"orun run --approve {job.id} --reason WHY"
    problems.append(Diagnostic("run/approval", f"job {job.id} needs an approval (policy {policy})", hint=hint))
