"""Remote actions, kept between runs. Each act works on copies, so runs side by side do not disturb each other."""

from __future__ import annotations

import re
import shutil
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NESTED = re.compile(rb"^\s*(?:-\s+)?uses:\s*['\"]?([\w.-]+/[^\s'\"@]+@[^\s'\"#]+)", re.MULTILINE)


class ActionCache:
    """The shared folder of fetched actions, and one run's private copy of what it needs."""

    def __init__(self, shared: Path, private: Path) -> None:
        self._shared = shared
        self.private = private
        private.mkdir()
        self._before: set[str] = set()

    def fill(self, uses: Iterable[str]) -> None:
        """Copy the actions that a job uses, and those that they use."""
        wanted = [_folder(use) for use in uses if not use.startswith(("./", "../", "docker://"))]
        seen: set[str] = set()
        while wanted:
            name = wanted.pop()
            source = self._shared / name
            if name in seen or not source.is_dir():
                continue
            seen.add(name)
            shutil.copytree(source, self.private / name, symlinks=True)
            for file in source.rglob("action.y*ml"):
                wanted += [_folder(use.decode()) for use in NESTED.findall(file.read_bytes())]

        self._before = {there.name for there in self.private.iterdir()}

    def keep(self) -> None:
        """Give what was fetched to later runs; the first one to bring an action wins."""
        for fetched in self.private.glob("*@*"):
            target = self._shared / fetched.name
            if fetched.name in self._before or target.exists() or not (fetched / ".git").exists():
                continue
            self._shared.mkdir(parents=True, exist_ok=True)
            arriving = self._shared / f".{uuid.uuid4().hex}"
            shutil.copytree(fetched, arriving, symlinks=True)
            try:
                arriving.rename(target)
            except OSError:
                shutil.rmtree(arriving)


def default_cache(environ: Mapping[str, str]) -> Path:
    """The user's folder for fetched actions."""
    base = environ.get("XDG_CACHE_HOME") or str(Path(environ.get("HOME") or "/") / ".cache")
    return Path(base) / "orun" / "actions"


def _folder(use: str) -> str:
    """The name that act gives the folder of an action."""
    action, _, ref = use.partition("@")
    return f"{'-'.join(action.split('/')[:2])}@{ref}"
