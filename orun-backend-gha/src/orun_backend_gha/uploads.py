"""Run folders that the jobs of a workflow uploaded as artifacts: unpacked with suspicion and put together as one execution."""

from __future__ import annotations

import io
import json
import stat
import zipfile
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from orun_core.spec.errors import Diagnostic, RunError
from orun_core.spec.run import EVENT_TYPES, RunFinished, RunStarted
from orun_core.spec.tree import Unfit, build

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from orun_core.spec.plan import Plan
    from orun_core.spec.run import Happening, PlannedJob

    from orun_backend_gha.api import GitHub

PREFIX = "orun-run-"
"""How artifacts that hold a run folder are called."""
EVENTS = "events.ndjson"
MAX_FILES = 20_000
MAX_BYTES = 512 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Upload:
    """What one artifact recorded: what happened with its time, and logs by name."""

    happened: tuple[tuple[str, Happening], ...]
    logs: Mapping[str, bytes]


def uploads(api: GitHub, run: int) -> list[Upload]:
    """The run folders that the jobs of a run uploaded, in the order of their names. Raises `RunError` for a hostile one."""
    found = [one for one in api.pages(f"/actions/runs/{run}/artifacts", "artifacts") if not one["expired"]]
    named = sorted((str(one["name"]), int(one["id"])) for one in found if str(one["name"]).startswith(PREFIX))
    return [_upload(name, unpacked(name, api.download(f"/actions/artifacts/{number}/zip"))) for name, number in named]


def unpacked(name: str, archive: bytes) -> dict[str, bytes]:
    """The regular files of a zip archive by path. Raises `RunError` for anything that could leave its folder or fill the memory."""
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            members = [member for member in opened.infolist() if not member.is_dir()]
            if len(members) > MAX_FILES or sum(member.file_size for member in members) > MAX_BYTES:
                raise _hostile(name, "it is larger than a run can be")
            paths = [_checked(name, member) for member in members]
            if len(set(paths)) < len(paths):
                raise _hostile(name, "it has a file twice")
            return {path: opened.read(member) for path, member in zip(paths, members, strict=True)}
    except zipfile.BadZipFile as error:
        raise _hostile(name, str(error)) from error


def together(parts: Iterable[Upload], plan: Plan | None) -> tuple[RunStarted | None, list[tuple[str, Happening]]]:
    """One beginning with the jobs of all uploads, and what happened after it in the order of time."""
    begun: list[RunStarted] = []
    happened: list[tuple[str, Happening]] = []
    for part in parts:
        begun += [what for _, what in part.happened if isinstance(what, RunStarted)]
        happened += [(at, what) for at, what in part.happened if not isinstance(what, RunStarted | RunFinished)]
    if not begun:
        return None, []
    jobs: dict[str, PlannedJob] = {job.id: job for one in begun for job in one.jobs}
    order = [job.id for job in plan.jobs if job.id in jobs] if plan else list(jobs)
    return replace(begun[0], jobs=tuple(jobs[name] for name in order)), sorted(happened, key=lambda pair: pair[0])


def _checked(name: str, member: zipfile.ZipInfo) -> str:
    path = member.filename
    parts = path.split("/")
    kind = stat.S_IFMT(member.external_attr >> 16)
    if path.startswith("/") or "\\" in path or ":" in parts[0] or ".." in parts or "\0" in path:
        raise _hostile(name, f"{path!r} leads out of it")
    if kind not in (0, stat.S_IFREG):
        raise _hostile(name, f"{path!r} is no regular file")
    return path


def _upload(name: str, files: Mapping[str, bytes]) -> Upload:
    lines = files.get(EVENTS, b"").split(b"\n")[:-1]
    logs = {path: content for path, content in files.items() if path.startswith("logs/")}
    return Upload(tuple(_happened(name, lines)), logs)


def _happened(name: str, lines: Iterable[bytes]) -> Iterator[tuple[str, Happening]]:
    for line in lines:
        try:
            tree = json.loads(line)
            at, kind = str(tree.pop("at")), str(tree.pop("type"))
            del tree["seq"]
            if kind in EVENT_TYPES:
                yield at, build(EVENT_TYPES[kind], tree, closed=False)
        except (ValueError, KeyError, TypeError, AttributeError, Unfit) as error:
            raise _hostile(name, f"{EVENTS} cannot be read: {error}") from error


def _hostile(name: str, why: str) -> RunError:
    hint = "nothing of it was used; `orun github pull --without-uploads` records what GitHub itself tells"
    return RunError(Diagnostic("github/bad-upload", f"artifact {name}: {why}", hint=hint))
