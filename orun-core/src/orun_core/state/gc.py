"""What may be removed from `.orun`, and removing it: never a live run, never what was touched a moment ago."""

from __future__ import annotations

import re
import shutil
import time
from datetime import datetime
from typing import TYPE_CHECKING

from orun_core.spec.errors import Diagnostic, UsageError
from orun_core.spec.frozen import frozen
from orun_core.state.durable import size_of, sync_folder, write_whole
from orun_core.state.owner import RunLock, is_live

if TYPE_CHECKING:
    from pathlib import Path

    from orun_core.spec.run import RunSummary
    from orun_core.state.layout import Layout
    from orun_core.state.local import LocalStore

GRACE = 3600.0
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
TRASH = ".gone-"


@frozen
class Retention:
    """What to keep: the newest `keep` runs, and of the others those younger than `max_age` seconds; None sets no limit.

    `plans` removes plans that no kept run, no name and no `latest` refers to. Nothing younger than `grace` seconds is removed.
    """

    keep: int | None = None
    max_age: float | None = None
    everything: bool = False
    plans: bool = False
    grace: float = GRACE


@frozen
class Removal:
    """One thing to remove: `run`, `plan` or `leftover`, its name, path and size in bytes."""

    kind: str
    name: str
    path: Path
    size: int


def parse_age(text: str) -> float:
    """Seconds of `90s`, `30m`, `12h`, `7d` or `2w`; a bare number is days. Raises `UsageError` (`usage/command-line`)."""
    found = re.fullmatch(r"(\d+)([smhdw]?)", text)
    if not found:
        hint = "write a number with s, m, h, d or w, such as 12h or 7d"
        raise UsageError(Diagnostic("usage/command-line", f'"{text}" is no age', hint=hint))
    return float(found[1]) * UNITS[found[2] or "d"]


def removals(store: LocalStore, retention: Retention) -> tuple[Removal, ...]:
    """What the retention lets go: runs from the oldest, then plans, then what killed commands left behind."""
    runs = store.runs()
    expired = [run.exec_id for run in reversed(_expired(runs, retention))]
    if retention.everything:
        expired += sorted(set(store.layout.run_ids()) - set(expired))
    gone = [exec_id for exec_id in expired if not is_live(store.layout.run(exec_id))]
    found = [_removal("run", exec_id, store.layout.run(exec_id).path) for exec_id in gone]
    if retention.plans:
        found += _unused_plans(store, {run.plan_checksum for run in runs if run.exec_id not in gone})
    found += [_removal("leftover", path.name, path) for path in _leftovers(store.layout)]
    newest_change = time.time() - retention.grace
    return tuple(removal for removal in found if _changed(removal.path) <= newest_change)


def remove(store: LocalStore, removal: Removal) -> bool:
    """Remove one thing; False when it came to life meanwhile. A killed removal leaves a leftover, never half a run."""
    if removal.path.parent != store.layout.runs or removal.path.name.startswith(".") or removal.path.is_symlink():
        _delete(removal.path)
        return True
    folder = store.layout.run(removal.name)
    if is_live(folder):
        return False
    lock = RunLock(folder, removal.name)
    trash = removal.path.with_name(TRASH + removal.name)
    removal.path.replace(trash)
    _mend_latest(store)
    sync_folder(trash.parent)
    lock.release()
    _delete(trash)
    return True


def _unused_plans(store: LocalStore, used: set[str]) -> list[Removal]:
    layout = store.layout
    kept = used | set(layout.names().values()) | {layout.latest(layout.latest_plan)}
    unused = [checksum for checksum in layout.checksums() if checksum not in kept]
    paths = [(checksum, path) for checksum in unused for path in (layout.plan(checksum), layout.provenance(checksum))]
    return [_removal("plan", checksum, path) for checksum, path in paths if path.exists()]


def _leftovers(layout: Layout) -> list[Path]:
    """Temporary files, folders whose removal was cut short, and runs that never recorded an event."""
    folders = [layout.root, layout.plans, layout.plan_names, layout.runs]
    folders += [path for path in layout.runs.glob("*") if path.is_dir()]
    found = [path for folder in folders for path in folder.glob(".*.tmp")]
    found += layout.runs.glob(f"{TRASH}*")
    journals = set(layout.run_ids())
    found += [path for path in folders[4:] if path.name not in journals and not path.name.startswith(".")]
    return sorted(found)


def _mend_latest(store: LocalStore) -> None:
    """Let `runs/latest` name the newest run that is left."""
    layout = store.layout
    if layout.latest(layout.latest_run) in layout.run_ids():
        return
    runs = store.runs()
    if runs:
        write_whole(layout.latest_run, f"{runs[0].exec_id}\n".encode())
    else:
        layout.latest_run.unlink(missing_ok=True)


def _expired(runs: tuple[RunSummary, ...], retention: Retention) -> list[RunSummary]:
    """The runs, newest first, that are beyond every limit that was set."""
    if retention.everything:
        return list(runs)
    candidates = list(runs[retention.keep or 0 :])
    if retention.max_age is None:
        return candidates if retention.keep is not None else []
    oldest = time.time() - retention.max_age
    return [run for run in candidates if _seconds(run.finished_at or run.started_at) < oldest]


def _seconds(at: str) -> float:
    return datetime.fromisoformat(at).timestamp()


def _removal(kind: str, name: str, path: Path) -> Removal:
    return Removal(kind, name, path, path.lstat().st_size if path.is_symlink() else size_of(path))


def _changed(path: Path) -> float:
    """When a file, or the youngest entry of a folder, changed last."""
    times = [path.lstat().st_mtime]
    if _is_folder(path):
        times += [entry.lstat().st_mtime for entry in path.iterdir()]
    return max(times)


def _is_folder(path: Path) -> bool:
    """True for a folder, not for a link to one: what a link points to is none of ours."""
    return path.is_dir() and not path.is_symlink()


def _delete(path: Path) -> None:
    if _is_folder(path):
        shutil.rmtree(path)
    else:
        path.unlink()
