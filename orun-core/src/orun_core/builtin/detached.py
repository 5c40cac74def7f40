"""Runs in processes of their own: start one, ask what it would do, stop one from outside."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

from orun_core.spec.errors import Diagnostic, RunError

if TYPE_CHECKING:
    from orun_core.spec.host import Host
    from orun_core.spec.plan import Plan


def start(host: Host, plan: Plan, *, backend: str, jobs: tuple[str, ...], exec_id: str) -> str:
    """Start a detached run of a plan, which is stored if it was not; returns its execution id.

    Raises `RunError` (`run/not-started`) with what the command said.
    """
    words = ["--background", *(["--exec-id", exec_id] if exec_id else [])]
    said = _orun_run(host, plan, backend, jobs, words)
    started = re.search(r"exec-id: (\S+)", said)
    if not started:
        raise RunError(Diagnostic("run/not-started", f"the run did not start\n{said.strip()}"))
    return started[1]


def preview(host: Host, plan: Plan, *, backend: str, jobs: tuple[str, ...]) -> str:
    """What `orun run --dry-run` says of a plan, which is stored if it was not. Raises `RunError` (`run/not-started`)."""
    return _orun_run(host, plan, backend, jobs, ["--dry-run"])


def _orun_run(host: Host, plan: Plan, backend: str, jobs: tuple[str, ...], words: list[str]) -> str:
    """What the `orun run` of this installation prints."""
    from orun_core.plan.canonical import to_json
    from orun_core.spec.tree import document

    checksum = plan.metadata.checksum
    if checksum not in {stored for stored, _ in host.store.plans()}:
        host.store.save_plan(to_json(document(plan)), checksum)
    command = [sys.executable, "-P", "-m", "orun_core.cli.main", "run", checksum, "--all", *words]
    command += ["--runner", backend] if backend else []
    command += [word for job in jobs for word in ("--job", job)]
    command += ["--intent", str(host.intent)] if host.intent else []
    done = subprocess.run(
        command, cwd=host.root, env=host.environ, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RunError(Diagnostic("run/not-started", f"the run did not start\n{done.stderr.strip()}"))
    return done.stdout


def stop(host: Host, exec_id: str, *, force: bool) -> None:
    """Send the process of a live run SIGTERM, twice to kill its steps. Raises `RunError` (`run/elsewhere`)."""
    pid = _owner(host, exec_id)
    os.kill(pid, signal.SIGTERM)
    if force:
        next(host.store.watch(exec_id))
        os.kill(pid, signal.SIGTERM)


def _owner(host: Host, exec_id: str) -> int:
    """Process of the run; raises `RunError` when it is on another machine."""
    from orun_core.state.layout import Layout
    from orun_core.state.owner import read_owner, this_process

    found = read_owner(Layout(host.root / ".orun").run(exec_id).lock)
    here = this_process()
    if found is None or (found[0].boot, found[0].namespace) != (here.boot, here.namespace):
        where = found[0].machine if found else "an unknown machine"
        message = f"{exec_id} runs on {where}, not here"
        raise RunError(Diagnostic("run/elsewhere", message, hint="stop it there"))
    return found[0].pid
