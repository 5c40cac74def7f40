"""Which plugins are installed, read from entry-point files: nothing is imported, not even `importlib.metadata`."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from orun_core.spec import ENTRY_POINT_GROUP

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

CORE = "orun-core"
_SECTION = re.compile(r"^\[(orun\.v\d+)\]$")


@dataclass(frozen=True, slots=True, order=True)
class Installed:
    """A plugin as its distribution announces it. `stamp` changes when the plugin's module or its distribution does."""

    name: str
    distribution: str
    version: str
    module: str
    group: str
    stamp: str

    @property
    def foreign(self) -> bool:
        """True when it is built for another major version of the plugin API and so is never imported."""
        return self.group != ENTRY_POINT_GROUP

    def __str__(self) -> str:
        return f"{self.distribution} {self.version}"


def installed(path: Iterable[str]) -> tuple[Installed, ...]:
    """Every plugin on an import path, sorted; the first copy of a distribution hides later ones, as for imports."""
    folders = [folder or "." for folder in path]
    seen: set[str] = set()
    found: list[Installed] = []
    for folder in folders:
        for info in _distributions(folder):
            escaped, _, version = info.name.removesuffix(".dist-info").partition("-")
            distribution = re.sub(r"[-_.]+", "-", escaped).lower()
            if distribution not in seen:
                seen.add(distribution)
                for group, name, module in _entry_points(info):
                    stamp = _stamp(folders, module, info)
                    found.append(Installed(name, distribution, version, module, group, stamp))
    return tuple(sorted(found))


def _distributions(folder: str) -> list[Path]:
    try:
        names = os.listdir(folder)  # noqa: PTH208 - a Path per name of site-packages costs more than the listing
    except OSError:
        return []
    return [Path(folder, name) for name in sorted(names) if name.endswith(".dist-info")]


def _entry_points(info: Path) -> Iterator[tuple[str, str, str]]:
    try:
        text = (info / "entry_points.txt").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return
    group = ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("["):
            section = _SECTION.match(line)
            group = section[1] if section else ""
        elif group and "=" in line and line[0] not in "#;=":
            name, _, target = line.partition("=")
            yield group, name.strip(), target.partition("[")[0].strip()


def _stamp(folders: list[str], module: str, info: Path) -> str:
    """Newest time and number of the files beside the plugin's module, or of its metadata when that is elsewhere."""
    package, _, name = module.replace(".", "/").rpartition("/")
    for folder in folders:
        beside = f"{folder}/{package}" if package else f"{folder}/{name}.py"
        if os.path.exists(beside):  # noqa: PTH110 - on the path of every start
            return _newest(beside)
    return _newest(str(info))


def _newest(path: str) -> str:
    if not os.path.isdir(path):  # noqa: PTH112 - on the path of every start
        return f"{path}:{os.stat(path).st_mtime_ns}"  # noqa: PTH116
    times = [entry.stat().st_mtime_ns for entry in os.scandir(path) if entry.is_file()]
    return f"{path}:{max(times, default=0)}:{len(times)}"
