"""What is written beside a journal so that others need not read it: `run.json` and `state.json`.

`state.json` is one JSON object on two lines: all but the jobs on the first, so that a list of runs reads no more than that.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from orun_core.spec.frozen import frozen
from orun_core.spec.json_text import loads
from orun_core.spec.run import SCHEMA_VERSION, RunState, RunSummary
from orun_core.spec.tree import build, document
from orun_core.state.durable import size_of, write_whole
from orun_core.state.fold import fold, summarize
from orun_core.state.journal import JournalReader

if TYPE_CHECKING:
    from orun_core.spec.run import RunStarted
    from orun_core.state.layout import RunFolder


@frozen
class RunRequest:
    """Content of `run.json`: what was asked for when the run started last."""

    schema_version: str
    exec_id: str
    plan_checksum: str
    plan_name: str
    backend: str
    trigger: str
    user: str
    requested_at: str
    argv: tuple[str, ...] = ()


@frozen
class Snapshot:
    """Content of `state.json`: what the first `journal_bytes` bytes of the journal fold to."""

    schema_version: str
    journal_bytes: int
    summary: RunSummary
    run: RunState


@frozen
class _Head:
    """First line of `state.json`."""

    journal_bytes: int
    summary: RunSummary


def write_request(folder: RunFolder, started: RunStarted, at: str) -> None:
    """Write `run.json`."""
    request = RunRequest(
        schema_version=started.schema_version,
        exec_id=started.exec_id,
        plan_checksum=started.plan_checksum,
        plan_name=started.plan_name,
        backend=started.backend,
        trigger=started.trigger,
        user=started.user,
        requested_at=at,
        argv=started.argv,
    )
    write_whole(folder.request, _bytes(json.dumps(document(request), indent=2, ensure_ascii=False) + "\n"))


def write_snapshot(folder: RunFolder) -> None:
    """Write `state.json` from the journal; raises `RunError` (`state/journal`) when that is damaged."""
    reader = JournalReader(folder.journal)
    events = reader.read()
    if events:
        state = fold(events)
        tree = document(Snapshot(SCHEMA_VERSION, reader.size, summarize(state), state))
        run = _compact(tree.pop("run"))
        write_whole(folder.state, _bytes(f'{_compact(tree)[:-1]},\n"run":{run}}}\n'))


def read_snapshot(folder: RunFolder) -> Snapshot | None:
    """The content of `state.json`; None when there is none that this version can use."""
    try:
        return build(Snapshot, loads(folder.state.read_bytes()), closed=False)
    except (FileNotFoundError, ValueError):
        return None


def read_summary(folder: RunFolder) -> RunSummary | None:
    """The summary in `state.json`; None when there is none that tells of the whole journal."""
    try:
        with folder.state.open("rb") as file:
            head = build(_Head, loads(file.readline().rstrip(b",\n") + b"}"), closed=False)
    except (FileNotFoundError, ValueError):
        return None
    return head.summary if head.journal_bytes == size_of(folder.journal) else None


def _compact(tree: Any) -> str:
    return json.dumps(tree, ensure_ascii=False, separators=(",", ":"))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")
