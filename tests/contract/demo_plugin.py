"""orun-demo, as if it were installed: its sources and the metadata that announces it on an import path."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "tests/plugins/orun-demo"


@dataclass(frozen=True)
class Demo:
    """Where orun-demo is, and the transcript of its calls."""

    path: tuple[str, str]
    transcript: Path

    def calls(self) -> list[str]:
        """Lines of the transcript."""
        return self.transcript.read_text().splitlines() if self.transcript.exists() else []

    def orun(self, *arguments: str, cwd: Path, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run `orun` in a process of its own where orun-demo is installed."""
        environ = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(self.path),
            "ORUN_CACHE_DIR": str(self.transcript.parent / "cache"),
            "ORUN_DEMO_TRANSCRIPT": str(self.transcript),
            **environ,
        }
        command = [sys.executable, "-m", "orun_core.cli.main", *arguments]
        return subprocess.run(command, cwd=cwd, env=environ, capture_output=True, text=True, check=False)


@pytest.fixture
def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Demo]:
    info = tmp_path / "site" / "orun_demo-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "entry_points.txt").write_text("[orun.v1]\ndemo = orun_demo.plugin\n")
    transcript = tmp_path / "transcript"
    monkeypatch.setenv("ORUN_DEMO_TRANSCRIPT", str(transcript))
    found = Demo((str(DEMO / "src"), str(info.parent)), transcript)
    for folder in found.path:
        monkeypatch.syspath_prepend(folder)
    yield found
    for name in [name for name in sys.modules if name.partition(".")[0] == "orun_demo"]:
        del sys.modules[name]
