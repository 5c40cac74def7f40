"""A command of a distribution that is not installed names that distribution."""

from __future__ import annotations

import os
import subprocess
import sys


def test_status_without_the_cockpit() -> None:
    environ = {**os.environ, "ORUN_DISABLE_PLUGIN_AUTOLOAD": "1"}
    command = [sys.executable, "-m", "orun_core.cli.main", "status"]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == (
        "✕ 'status' is a command of a distribution that is not installed\n  [usage/not-installed]\n  hint: `pip install orun-cockpit`\n"
    )


def test_a_backend_that_is_not_installed(tmp_path) -> None:
    environ = {**os.environ, "ORUN_DISABLE_PLUGIN_AUTOLOAD": "1"}
    command = [sys.executable, "-m", "orun_core.cli.main", "schema", "backend:docker"]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 6
    assert "hint: `pip install orun-backend-docker`" in done.stderr
