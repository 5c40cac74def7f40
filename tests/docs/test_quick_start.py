"""The quick start, step by step: its files are written, its commands run, its output compared."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from pages import ROOT, blocks, commands


def test_quick_start(tmp_path: Path) -> None:
    folder = tmp_path / "quick-start"
    folder.mkdir()
    scripts = Path(sys.executable).parent
    environ = {
        "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "ORUN_CACHE_DIR": str(tmp_path / "cache"),
    }
    executed = []
    for block in blocks(ROOT / "docs" / "quick-start.md"):
        if block.file:
            file = folder / block.file
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block.text, encoding="utf-8")
        for command, shown in commands(block) if block.language == "console" else ():
            done = subprocess.run(
                command, shell=True, cwd=folder, env=environ, text=True, check=False,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            )  # fmt: skip
            assert done.returncode == (3 if "✕" in shown else 0), done.stdout
            if shown:
                assert done.stdout == shown
            executed.append(command)
    assert [command.split()[1] for command in executed if command.startswith("orun")] == [
        "validate", "plan", "run", "status", "plan", "explain-error",
    ]  # fmt: skip
