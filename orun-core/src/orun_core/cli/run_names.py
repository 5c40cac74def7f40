"""Names of a run: its execution id and its runner."""

from __future__ import annotations

import re
import secrets
from datetime import datetime
from itertools import chain, count
from types import MappingProxyType
from typing import TYPE_CHECKING

from orun_core.spec.errors import Diagnostic, PluginError, UsageError
from orun_core.spec.ids import github_exec_id, plan_id
from orun_core.spec.workflow_text import in_actions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from orun_core.host import Host
    from orun_core.spec.backend import Backend
    from orun_core.spec.plan import Job, Plan

_EXEC_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_USUAL = "local"


def inside_step(host: Host) -> bool:
    """True in a step of another run: what its variables say is about that one."""
    return "ORUN_JOB_ID" in host.environ


def checked_exec_id(exec_id: str) -> str:
    """The id itself; raises `UsageError` for one that is no file name everywhere."""
    if not _EXEC_ID.fullmatch(exec_id):
        hint = "use letters, digits, '.', '_' and '-', beginning with a letter or digit, at most 100"
        raise UsageError(Diagnostic("run/bad-exec-id", f"{exec_id!r} is no execution id", hint=hint))
    return exec_id


def new_exec_id(host: Host, plan: Plan) -> str:
    """`<plan name>-<local date>-<6 hex digits>`, not used yet; in a run of GitHub Actions the one that its jobs share, then numbered ones."""
    taken = {summary.exec_id for summary in host.store.runs()}
    on_github = in_actions(host.environ) and not inside_step(host)
    shared = github_exec_id(plan_id(plan.metadata.checksum), host.environ) if on_github else ""
    if shared:
        numbered = (f"{shared}-{number}" for number in count(2))
        return next(exec_id for exec_id in chain([shared], numbered) if exec_id not in taken)
    name = re.sub(r"[^a-z0-9._-]+", "-", plan.metadata.name.lower()).strip("-._")[:30].rstrip("-._") or "run"
    today = datetime.now().astimezone().strftime("%Y%m%d")
    while True:
        exec_id = f"{name}-{today}-{secrets.token_hex(3)}"
        if not host.store.has_run(exec_id):
            return exec_id


def choose_runner(
    host: Host,
    asked: str,
    jobs: Sequence[Job],
    options: Sequence[str] = (),
    flags: Mapping[str, object] = MappingProxyType({}),
) -> tuple[str, Backend]:
    """Name and backend: what was asked, `ORUN_RUNNER`, for `use:` steps the first local one that can run them, else `local`.

    `options`: `NAME=VALUE` for the backend; `flags`: values by the name of an option.
    """
    from orun_core.cli.backend_options import backend_options

    asked = asked.strip().lower() or ("" if inside_step(host) else host.environ.get("ORUN_RUNNER", "").strip().lower())
    if not asked and any(step.use for job in jobs for step in job.steps):
        asked = _supporting_uses(host)
    _, entry = host.registry.find("orun_backends", asked or _USUAL)
    return entry.name, host.backend(entry.name, backend_options(host.registry, entry, options, flags))


def _supporting_uses(host: Host) -> str:
    for offer in host.registry.offers("orun_backends"):
        can = host.backend(offer.name).capabilities
        if can.supports_uses and can.granularity != "plan":
            return offer.name
    hint = "install one that does: pip install orun-backend-gha"
    raise PluginError(Diagnostic("run/no-uses", "the plan has steps with `use:` and no backend runs them", hint=hint))
