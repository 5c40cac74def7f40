"""An engine on a host that one reaches by ssh: through a tunnel of the user's own ssh, which is gone with orun."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from docker_engine import IMAGE, engine_or_skip
from orun_backend_docker.backend import DockerBackend
from orun_backend_docker.engine import Engine
from orun_backend_docker.identity import JOB
from orun_backend_docker.options import DockerOptions
from orun_core.spec.errors import RunError
from orun_core.spec.plan import SecretRef
from orun_core.spec.run import Status
from orun_core.testing.plans import job, step
from orun_core.testing.trial import Trial
from ssh_host import socket_to_forward, ssh_host

pytestmark = pytest.mark.ssh


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    with ssh_host(tmp_path_factory.mktemp("ssh")) as host:
        yield host


@pytest.fixture
def local_engine():
    """The same engine as this machine reaches it, and the path of its socket."""
    with engine_or_skip(alone=True) as engine:
        yield engine, socket_to_forward()


def refused(environ):
    with pytest.raises(RunError) as caught:
        Engine.connect(environ)
    (said,) = caught.value.diagnostics
    return said


@pytest.mark.parametrize(
    "address",
    [
        "ssh://-oProxyCommand=touch",
        "ssh://ada@-oProxyCommand=touch",
        "ssh://-l@build",
        "ssh://$(touch x)",
        "ssh://ada:pass-word@build",
        "ssh://build:ssh",
        "ssh://build/sock:et",
        "ssh://",
    ],
)
def test_what_is_no_address_is_refused(address):
    said = refused({"DOCKER_HOST": address})
    assert (said.code, said.message) == ("docker/no-engine", f"DOCKER_HOST={address} is no address of an engine")
    assert said.hint == "write ssh://[USER@]HOST[:PORT][/PATH/OF/THE/SOCKET]"


def test_no_ssh(tmp_path):
    said = refused({"DOCKER_HOST": "ssh://build", "PATH": str(tmp_path)})
    assert (said.code, said.message) == ("docker/no-engine", "cannot reach ssh://build: there is no ssh on PATH")
    assert "openssh-client" in said.hint


def test_a_host_that_nobody_knows(host):
    said = refused(host.environ("", DOCKER_HOST="ssh://nowhere.invalid"))
    assert said.code == "docker/no-engine"
    assert said.message.startswith("cannot reach the container engine at ssh://nowhere.invalid: ssh: Could not resolve")
    assert "~/.ssh/config" in said.hint


def test_a_host_that_does_not_answer(host):
    said = refused(host.environ("", DOCKER_HOST="ssh://127.0.0.1:1"))
    assert said.message.endswith("ssh: connect to host 127.0.0.1 port 1: Connection refused")
    assert "check the host and the port" in said.hint


def test_a_key_that_the_host_does_not_know(host):
    said = refused(host.environ("", DOCKER_HOST=host.place.replace("//", "//nobody@")))
    assert said.message.endswith("nobody@127.0.0.1: Permission denied (publickey).")
    assert f"`ssh {host.place.replace('//', '//nobody@')}` must work without a password" in said.hint


def test_a_host_whose_key_is_unknown(host):
    said = refused(host.environ("", DOCKER_HOST=host.place.replace("127.0.0.1", "localhost")))
    assert said.message.endswith("Host key verification failed.")
    assert "once by hand" in said.hint


def test_a_host_without_that_socket(host):
    said = refused(host.environ("/nowhere/docker.sock"))
    assert (said.code, said.message) == (
        "docker/no-engine",
        f"cannot reach the container engine at {host.place}/nowhere/docker.sock: there is no /nowhere/docker.sock",
    )
    assert "name its socket" in said.hint
    assert host.users() == []


def test_a_socket_behind_which_nobody_answers(host, tmp_path):
    with closing(socket.socket(socket.AF_UNIX)) as dead:
        dead.bind(str(tmp_path / "dead"))
        said = refused(host.environ(tmp_path / "dead"))
    assert said.message.endswith(f"nothing answers behind {tmp_path}/dead")
    assert "AllowStreamLocalForwarding" in said.hint


@pytest.mark.skipif(os.geteuid() == 0, reason="root may use every socket")
def test_a_socket_of_somebody_else(host, tmp_path):
    with closing(socket.socket(socket.AF_UNIX)) as closed:
        closed.bind(str(tmp_path / "closed"))
        (tmp_path / "closed").chmod(0)
        assert refused(host.environ(tmp_path / "closed")).code == "docker/socket-denied"


@pytest.mark.docker
def test_a_job_gets_copies_and_gives_back_its_outputs(host, local_engine, tmp_path):
    (tmp_path / "in").write_text("given")
    environ = host.environ(local_engine[1])
    lines = []

    def on_line(output):
        lines.extend(file.read_bytes() for file in Path("/proc").glob("[0-9]*/cmdline"))

    with closing(Engine.connect(environ)) as engine:
        trial = Trial(DockerBackend(environ, DockerOptions(pull="never"), engine), tmp_path, IMAGE)
        make = step('cat in; echo "made" > out; echo "a=$TOKEN" >> "$ORUN_ENV"; echo; sleep 0.5', id="make")
        secrets = (SecretRef("TOKEN", "secret://TOKEN"),)
        done = job("a.dev.test", make, step("echo ${#a}", id="next"), secret_refs=secrets, outputs=("out",))
        ran = trial(done, secrets={"TOKEN": "secret-canary-0003"}, on_line=on_line)
        tunnels = host.users()
    assert (ran.job.status, ran.log("make"), ran.log("next")) == (Status.SUCCEEDED, "given\n", "18\n")
    assert (tmp_path / "out").read_text() == "made\n"
    assert (tmp_path / "out").stat().st_uid == os.getuid()
    assert tunnels
    assert b"canary" not in b"\n".join(lines)
    assert host.users() == []


RUN = """
import os, sys
from pathlib import Path
from orun_backend_docker.backend import DockerBackend
from orun_backend_docker.options import DockerOptions
from orun_core.spec.plan import Service
from orun_core.testing.plans import job
from orun_core.testing.trial import Trial

root, image, name = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
backend = DockerBackend(os.environ, DockerOptions(pull="never"))
services = (Service("db", image, command="sleep 600"),)
work = job(name, "echo begun; sleep 600", services=services, outputs=("out",))
print(Trial(backend, root, image)(work, on_line=lambda output: (root / "begun").touch()).job.reason)
"""


@pytest.fixture
def running(host, local_engine, tmp_path):
    """An orun whose job runs there; the environment that it has, and the filter that finds its containers."""
    name = f"a.dev.{tmp_path.name.replace('_', '-')}"
    environ = host.environ(local_engine[1], PYTHONPATH=os.pathsep.join(sys.path))
    command = [sys.executable, "-c", RUN, tmp_path, IMAGE, name]
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True) as process:
        wait_until((tmp_path / "begun").exists)
        yield process, environ, {"label": f"{JOB}={name}"}
        process.kill()


def wait_until(holds):
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.docker
def test_a_cut_connection_fails_the_job_with_that_reason(host, local_engine, running):
    process, _, _ = running
    host.cut()
    reason = process.communicate()[0]
    assert reason.startswith(f"step step-1: cannot ask for an exit code: the connection to {host.place} is gone: ")
    assert "closed by remote host" in reason
    assert host.users() == []


@pytest.mark.docker
def test_a_killed_orun_leaves_no_ssh_and_no_container_and_gc_removes_its_services(
    host, local_engine, running, tmp_path
):
    engine, _ = local_engine
    process, environ, filters = running
    (keeper,) = [line for line in host.users() if line.startswith("/bin/sh") and "engine.sock" in line][:1]
    folder = next(Path(word) for word in keeper.split() if word.startswith("/tmp/orun-ssh-"))
    assert folder.stat().st_mode & 0o777 == 0o700
    process.send_signal(signal.SIGKILL)
    wait_until(lambda: host.users() == [])
    wait_until(lambda: not folder.exists())
    wait_until(
        lambda: [found["Command"] for found in engine.api.containers(all=True, filters=filters)] == ["sleep 600"]
    )
    (tmp_path / "intent.yaml").write_text("apiVersion: orun.io/v1\nkind: Intent\nmetadata: {name: x}\n")
    command = [sys.executable, "-m", "orun_core.cli.main", "gc", "--json"]
    done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=True)
    kinds = [entry["kind"] for entry in json.loads(done.stdout)["removed"]]
    assert {"container", "network"} <= set(kinds)
    assert engine.api.containers(all=True, filters=filters) == []
    assert host.users() == []
