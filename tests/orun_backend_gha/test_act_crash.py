"""A killed orun leaves no step behind that runs beside its own repetition."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys

import pytest
from gha_plans import job, step
from orun_core.plan.canonical import to_json
from orun_core.plan.seal import sealed
from orun_core.testing.plans import plan

pytestmark = pytest.mark.act


def test_what_a_killed_run_left_is_ended_before_it_goes_on(program, tmp_path):
    """The pipe is closed when the last process of the first attempt is gone; the second one does not open it."""
    os.mkfifo(tmp_path / "pipe")
    script = "test ! -e again || exit 0; exec 3> pipe; sleep 600"
    made = plan(job("api.dev.build", step("first", "echo first >> trace"), step("wait", script)))
    (tmp_path / "plan.json").write_text(to_json(sealed(made)[1]))
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("ORUN_", "GITHUB_"))}
    environ["ORUN_CACHE_DIR"] = str(tmp_path / "cache")
    run = [sys.executable, "-m", "orun_core.cli.main", "run", "plan.json", "--gha", "--exec-id", "e1"]
    first = subprocess.Popen(run, cwd=tmp_path, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with (tmp_path / "pipe").open("rb", buffering=0) as pipe:
        first.send_signal(signal.SIGKILL)
        first.wait()
        (tmp_path / "again").touch()
        again = subprocess.run(run, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
        assert again.returncode == 0, again.stderr
        assert select.select([pipe], [], [], 30)[0], "a process of the first attempt still runs"
        assert pipe.read() == b""
    assert (tmp_path / "trace").read_text() == "first\n" * 2
