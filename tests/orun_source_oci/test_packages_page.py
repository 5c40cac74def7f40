"""docs/packages.md, from top to bottom, with a real registry."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "docs"))

from pages import ROOT, blocks, commands

pytestmark = pytest.mark.registry


def test_every_command_of_the_page(registry, tmp_path):
    scripts = Path(sys.executable).parent
    environ = {"PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}", "HOME": str(tmp_path)}
    executed = []
    for block in blocks(ROOT / "docs/packages.md"):
        text = block.text.replace("registry.example", registry.host)
        if block.file:
            (tmp_path / block.file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / block.file).write_text(text)
        for command, _ in commands(block) if block.language == "console" else ():
            command = command.replace("registry.example", registry.host)
            done = subprocess.run(
                command, shell=True, cwd=tmp_path, env=environ, text=True, capture_output=True, check=False
            )
            assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
            executed.append(" ".join(command.split()[:3]))
    assert len(executed) == 19
    assert list((tmp_path / ".orun/plans").glob("*.json"))
