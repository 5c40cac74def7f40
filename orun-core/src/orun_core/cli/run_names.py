"""Names of a run: its execution id and its runner."""

from __future__ import annotations

import json
import re
import secrets
from datetime import datetime
from typing import TYPE_CHECKING

from orun_core.spec.errors import Diagnostic, PluginError, UsageError
from orun_core.spec.nearest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from orun_core.host import Host
    from orun_core.spec.backend import Backend
    from orun_core.spec.entries import BackendEntry
    from orun_core.spec.plan import Job, Plan

_EXEC_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_USUAL = "local"


def checked_exec_id(exec_id: str) -> str:
    """The id itself; raises `UsageError` for one that is no file name everywhere."""
    if not _EXEC_ID.fullmatch(exec_id):
        hint = "use letters, digits, '.', '_' and '-', beginning with a letter or digit, at most 100"
        raise UsageError(Diagnostic("run/bad-exec-id", f"{exec_id!r} is no execution id", hint=hint))
    return exec_id


def new_exec_id(host: Host, plan: Plan) -> str:
    """`<plan name>-<local date>-<6 hex digits>`, not used yet."""
    name = re.sub(r"[^a-z0-9._-]+", "-", plan.metadata.name.lower()).strip("-._")[:30].rstrip("-._") or "run"
    today = datetime.now().astimezone().strftime("%Y%m%d")
    taken = {summary.exec_id for summary in host.store.runs()}
    while True:
        exec_id = f"{name}-{today}-{secrets.token_hex(3)}"
        if exec_id not in taken:
            return exec_id


def choose_runner(host: Host, asked: str, jobs: Sequence[Job], options: Sequence[str] = ()) -> tuple[str, Backend]:
    """Name and backend: what was asked, `ORUN_RUNNER`, for `use:` steps the first local one that can run them, else `local`.

    `options`: `NAME=VALUE` for the backend; a value that is JSON is one, any other is text.
    """
    inside_step = "ORUN_JOB_ID" in host.environ
    asked = asked.strip().lower() or ("" if inside_step else host.environ.get("ORUN_RUNNER", "").strip().lower())
    if not asked and any(step.use for job in jobs for step in job.steps):
        asked = _supporting_uses(host)
    _, entry = host.registry.find("orun_backends", asked or _USUAL)
    return entry.name, host.backend(entry.name, _options(entry, options))


def _options(entry: BackendEntry, options: Sequence[str]) -> object:
    """The backend's options model, None for a backend without one. Raises `UsageError` with everything that is wrong."""
    if entry.options is None:
        if options:
            raise UsageError(Diagnostic("run/bad-option", f'backend "{entry.name}" takes no options'))
        return None
    from pydantic import ValidationError

    model = entry.options()
    values = {}
    for option in options:
        name, mark, value = option.partition("=")
        if not mark:
            hint = "write --runner-option NAME=VALUE"
            raise UsageError(Diagnostic("run/bad-option", f'"{option}" has no value', hint=hint))
        values[name.replace("-", "_")] = _value(value)
    try:
        return model.model_validate(values)
    except ValidationError as error:
        known = did_you_mean("", model.model_fields)
        raise UsageError(
            Diagnostic("run/bad-option", f"{'.'.join(map(str, wrong['loc']))}: {wrong['msg']}", hint=known)
            for wrong in error.errors()
        ) from error


def _value(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _supporting_uses(host: Host) -> str:
    for offer in host.registry.offers("orun_backends"):
        can = host.backend(offer.name).capabilities
        if can.supports_uses and can.granularity != "plan":
            return offer.name
    hint = "install one that does: pip install orun-backend-gha"
    raise PluginError(Diagnostic("run/no-uses", "the plan has steps with `use:` and no backend runs them", hint=hint))
