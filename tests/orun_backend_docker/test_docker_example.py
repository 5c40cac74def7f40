"""The whole example runs in containers as it does on this machine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from docker_engine import engine_or_skip
from host_image import host_image
from orun_backend_docker.image import LABELS

pytestmark = pytest.mark.docker
EXAMPLE = Path(__file__).parents[2] / "examples" / "multi-environment-platform"

AUTHOR = {
    f"GIT_{who}_{fact}": value
    for who in ("AUTHOR", "COMMITTER")
    for fact, value in {"NAME": "a", "EMAIL": "a@example.test", "DATE": "2025-01-01T00:00:00Z"}.items()
}  # one revision, whenever the test runs


@pytest.fixture
def trace(tmp_path):
    """Runs a fresh copy of the example with these options of `orun run`, and gives its trace."""

    def orun(folder, *arguments):
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ORUN_", "GITHUB_"))}
        environ = {**kept, "ORUN_CACHE_DIR": str(tmp_path / "cache"), "GIT_CONFIG_GLOBAL": "/dev/null"}
        command = [sys.executable, "-m", "orun_core.cli.main", *arguments]
        done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def run(name, *options):
        folder = tmp_path / name
        shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns(".orun", "dist", "__pycache__"))
        for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "Begin"]):
            subprocess.run(["git", "-C", str(folder), *arguments], env={**os.environ, **AUTHOR}, check=True)
        orun(folder, "run", "--all-envs", "--exec-id", "it", *options)
        return json.loads(orun(folder, "trace", "it"))

    return run


@pytest.mark.parametrize("files", ["mount", "copy"])
def test_the_trace_is_that_of_the_shell(trace, files):
    with engine_or_skip() as engine:
        image = host_image(engine)
        images = json.dumps(dict.fromkeys(LABELS, image))
        options = ("pull=never", f"files={files}", f"images={images}")
        inside = trace("inside", "--runner", "docker", *(word for option in options for word in ("-O", option)))
    assert inside == trace("outside", "--runner", "local")
    assert {job["status"] for job in inside["jobs"].values()} == {"succeeded"}
