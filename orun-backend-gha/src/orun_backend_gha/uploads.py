"""Run folders that the jobs of a workflow uploaded as `orun-run-…`, merged into one execution per plan."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from orun_core.spec.ids import github_exec_id, plan_id
from orun_core.spec.json_text import loads
from orun_core.spec.run import EVENT_TYPES, RunFinished, RunStarted
from orun_core.spec.tree import ShapeError, build

from orun_backend_gha.artifacts import hostile
from orun_backend_gha.recorded import Execution

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from orun_core.spec.run import Happening

    from orun_backend_gha.api import GitHub
    from orun_backend_gha.artifacts import Artifact

PREFIX = "orun-run-"
EVENTS = "events.ndjson"


def executions(api: GitHub, run: Mapping[str, Any], listed: Iterable[Artifact]) -> Iterator[Execution]:
    """The executions of the run folders among these artifacts; the jobs of a matrix share a plan, and so an execution."""
    begun: dict[str, list[RunStarted]] = {}
    happened: dict[str, list[tuple[str, Happening]]] = {}
    logs: dict[str, dict[str, bytes]] = {}
    for artifact in listed:
        if not artifact.name.startswith(PREFIX):
            continue
        files = artifact.fetch(api)
        events = list(_happened(artifact.name, files.get(EVENTS, b"").split(b"\n")[:-1]))
        starts = [what for _, what in events if isinstance(what, RunStarted)]
        if starts:
            plan = starts[0].plan_checksum
            begun.setdefault(plan, []).extend(starts)
            told = [(at, what) for at, what in events if not isinstance(what, RunStarted | RunFinished)]
            happened.setdefault(plan, []).extend(told)
            logs.setdefault(plan, {}).update({path: text for path, text in files.items() if path.startswith("logs/")})
    for plan, starts in begun.items():
        jobs = {job.id: job for one in starts for job in one.jobs}
        started = replace(starts[0], jobs=tuple(jobs.values()))
        in_time = tuple(sorted(happened[plan], key=lambda pair: pair[0]))
        yield Execution(_exec_id(plan, run), started, in_time, logs[plan])


def _exec_id(plan: str, run: Mapping[str, Any]) -> str:
    environ = {"GITHUB_RUN_ID": str(run["id"]), "GITHUB_RUN_ATTEMPT": str(run.get("run_attempt") or 1)}
    return github_exec_id(plan_id(plan) or str(run["head_sha"])[:12], environ)


def _happened(name: str, lines: Iterable[bytes]) -> Iterator[tuple[str, Happening]]:
    for line in lines:
        try:
            tree = loads(line)
            at, kind = str(tree.pop("at")), str(tree.pop("type"))
            del tree["seq"]
            if kind in EVENT_TYPES:
                yield at, build(EVENT_TYPES[kind], tree, closed=False)
        except (ValueError, KeyError, TypeError, AttributeError, ShapeError) as error:
            raise hostile(name, f"{EVENTS} cannot be read: {error}") from error
