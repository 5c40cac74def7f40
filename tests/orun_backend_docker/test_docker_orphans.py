"""An orun that is killed leaves no container behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict, replace

import pytest
from docker_engine import IMAGE, engine_or_skip
from orun_backend_docker import orphans
from orun_backend_docker.identity import EXECUTION, OWNER
from orun_core.plan.canonical import to_json
from orun_core.plan.seal import sealed
from orun_core.state.owner import is_gone, this_process
from orun_core.testing.plans import job, plan

pytestmark = pytest.mark.docker

RUN = """
import os, sys
from pathlib import Path
from orun_backend_docker.backend import DockerBackend
from orun_backend_docker.options import DockerOptions
from orun_core.spec.plan import Service
from orun_core.testing.plans import job
from orun_core.testing.trial import Trial

services = (Service("db", sys.argv[2], command="sleep 600"),)
trial = Trial(DockerBackend(os.environ, DockerOptions(pull="never")), Path(sys.argv[1]), sys.argv[2])
trial(job("a.dev.test", "touch begun; sleep 600", services=services))
"""


@pytest.fixture
def engine():
    with engine_or_skip(alone=True) as engine:
        yield engine


@pytest.fixture
def killed(engine, tmp_path):
    """The owner label of a run that was killed while its job and its service ran."""
    path = os.pathsep.join(sys.path)
    process = subprocess.Popen([sys.executable, "-c", RUN, tmp_path, IMAGE], env={**os.environ, "PYTHONPATH": path})
    wait_until((tmp_path / "begun").exists)
    process.send_signal(signal.SIGKILL)
    process.wait()
    return {"label": f"{EXECUTION}=trial"}


def wait_until(holds):
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def dead(api, filters):
    return [found for found in api.containers(all=True, filters=filters) if is_gone(found["Labels"][OWNER])]


def test_the_container_of_a_job_dies_with_orun_and_the_next_command_removes_its_services(engine, killed):
    api = engine.api
    wait_until(lambda: [found["Command"] for found in dead(api, killed)] == ["sleep 600"])
    named = orphans.remove_all(engine, is_gone, dry_run=True)
    assert sorted(name.split()[0] for name in named) == ["container", "network"]
    assert len(dead(api, killed)) == 1
    assert orphans.remove_all(engine, is_gone) == named
    assert dead(api, killed) == []
    assert orphans.remove_all(engine, is_gone) == ()


def test_gc_reports_what_it_removes(engine, killed, tmp_path):
    (tmp_path / "intent.yaml").write_text("apiVersion: orun.io/v1\nkind: Intent\nmetadata: {name: x}\n")
    command = [sys.executable, "-m", "orun_core.cli.main", "gc", "--json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    kinds = [entry["kind"] for entry in json.loads(done.stdout)["removed"]]
    assert "container" in kinds
    assert "network" in kinds
    assert dead(engine.api, killed) == []


def test_what_belongs_to_a_living_orun_stays():
    mine = json.dumps(asdict(this_process()))
    elsewhere = json.dumps(asdict(replace(this_process(), boot="other", machine="other", pid=1)))
    assert [is_gone(name) for name in (mine, elsewhere, "", "no json")] == [False, False, False, False]
    assert is_gone(json.dumps(asdict(replace(this_process(), started="1"))))


def test_gc_says_what_it_could_not_clean_where_a_run_of_docker_is_recorded(tmp_path):
    (tmp_path / "intent.yaml").write_text("apiVersion: orun.io/v1\nkind: Intent\nmetadata: {name: x}\n")
    (tmp_path / "plan.json").write_text(to_json(sealed(plan(job("a.dev.test", "true")))[1]))
    environ = {**os.environ, "DOCKER_HOST": f"unix://{tmp_path}/none.sock"}

    def orun(*arguments):
        command = [sys.executable, "-m", "orun_core.cli.main", *arguments]
        return subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)

    assert orun("run", "plan.json", "--runner", "local").returncode == 0
    silent = orun("gc")
    assert (silent.returncode, silent.stdout, silent.stderr) == (0, "nothing to remove\n", "")
    assert orun("run", "plan.json", "--runner", "docker").returncode == 1
    done = orun("gc", "--dry-run")
    assert (done.returncode, done.stdout) == (0, "nothing to remove\n")
    assert "⚠ what dead runs left at docker stays there: cannot reach the container engine at unix://" in done.stderr
    assert "[gc/unreached]\n  hint: " in done.stderr
