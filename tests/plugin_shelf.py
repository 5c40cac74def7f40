"""A shelf of made-up distributions: each is a module and the metadata that announces it."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest
from orun_core.plugins.discover import Installed, installed
from orun_core.plugins.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAD = """
from orun_core.spec.entries import *
from orun_core.spec.markers import hookimpl
"""


@dataclass
class Shelf:
    """A folder on `sys.path` with made-up distributions."""

    folder: Path

    def put(self, name: str, source: str = "", *, distribution: str = "", group: str = "orun.v1") -> None:
        """Write a plugin whose module holds `source` after the usual imports."""
        package = f"shelf_{name}_{(distribution or 'x').replace('-', '_')}"
        (self.folder / package).mkdir()
        (self.folder / package / "__init__.py").touch()
        (self.folder / package / "plugin.py").write_text(HEAD + dedent(source))
        info = self.folder / f"{(distribution or f'orun-{name}').replace('-', '_')}-1.0.dist-info"
        info.mkdir()
        (info / "entry_points.txt").write_text(f"[{group}]\n{name} = {package}.plugin\n")

    def installed(self) -> tuple[Installed, ...]:
        """What discovery finds."""
        return installed([str(self.folder)])

    def registry(self, cache: Path | None = None) -> Registry:
        """A registry of nothing but the shelf."""
        return Registry(self.installed(), cache)


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shelf]:
    folder = tmp_path / "shelf"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    yield Shelf(folder)
    for name in [name for name in sys.modules if name.startswith("shelf_")]:
        del sys.modules[name]
