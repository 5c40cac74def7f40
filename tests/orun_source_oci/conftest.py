"""Real registries (Debian's docker-registry), hostile ones, a stack to publish, and machines to publish and pull on."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from hostile_registry import NAME, QUICK, SECRET, Hostile, package
from oci_stack import Machine, write_stack
from orun_core.builtin.package_cache import PackageStore
from orun_core.spec.errors import CompileError
from orun_core.spec.source import SourceContext, SourceRequest
from orun_source_oci.credentials import CredentialStore
from orun_source_oci.registry import Repository
from orun_source_oci.source import OciSource
from orun_source_oci.transport import Rules, Transport
from parts import missing


@dataclass(frozen=True)
class Server:
    """A running registry."""

    host: str
    data: Path
    ca: Path | None = None
    user: str = ""
    password: str = ""


@pytest.fixture
def machine(tmp_path):
    """Makes machines by name."""

    def make(name, **extra):
        home = tmp_path / name
        home.mkdir()
        return Machine(home, extra)

    return make


@pytest.fixture
def stack(tmp_path):
    """A small valid stack."""
    return write_stack(tmp_path / "stack")


@pytest.fixture(scope="session")
def registry(tmp_path_factory):
    """A registry on loopback, without TLS and without users."""
    yield from _serve(tmp_path_factory.mktemp("registry"), "")


@pytest.fixture(scope="session")
def private_registry(tmp_path_factory):
    """A registry over TLS with basic authentication."""
    folder = tmp_path_factory.mktemp("private-registry")
    for tool in ("openssl", "htpasswd"):
        if not shutil.which(tool):
            missing("registry", f"{tool} is not installed")
    _certify(folder)
    hashed = subprocess.run(["htpasswd", "-Bbn", "ada", "pass:word"], check=True, capture_output=True).stdout
    (folder / "users").write_bytes(hashed)
    more = f"  tls: {{certificate: {folder}/cert.pem, key: {folder}/key.pem}}\n"
    more += f"auth: {{htpasswd: {{realm: test, path: {folder}/users}}}}\n"
    yield from _serve(folder, more, ca=folder / "ca.pem", user="ada", password="pass:word")


def _certify(folder):
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    openssl(
        *(
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-keyout",
            "ca.key",
            "-out",
            "ca.pem",
            "-subj",
            "/CN=test ca",
        ),
        *("-addext", "keyUsage=critical,keyCertSign"),
    )
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "csr.pem", "-subj", "/CN=localhost")
    (folder / "names").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\nauthorityKeyIdentifier=keyid\n")
    openssl(
        *("x509", "-req", "-in", "csr.pem", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"),
        *("-out", "cert.pem", "-days", "2", "-extfile", "names"),
    )


def _serve(folder, more, **facts):
    program = shutil.which("docker-registry")
    if not program:
        missing("registry", "docker-registry is not installed")
    port = free_port()
    config = folder / "config.yml"
    config.write_text(
        f"version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {folder}/data}}, "
        f"delete: {{enabled: true}}}}\nhttp:\n  addr: 127.0.0.1:{port}\n{more}"
    )
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([program, "serve", str(config)], stdout=log, stderr=log)
    try:
        _wait_for(port, process)
        yield Server(f"localhost:{port}", folder / "data", **facts)
    finally:
        process.terminate()
        process.wait(30)


def _wait_for(port, process):
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
    missing("registry", "docker-registry does not start")


def free_port():
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def hostile():
    server = Hostile(package())
    yield server
    server.close()


@pytest.fixture
def other():
    server = Hostile(package())
    yield server
    server.close()


@pytest.fixture
def pauses():
    return []


@pytest.fixture
def pull(tmp_path, pauses):
    """Pulls from a hostile registry with credentials for its host; `said` is the code of the refusal, empty for none."""

    def pull(server, expected="", reference=None, options=None, patience=QUICK, **request):
        (tmp_path / "docker").mkdir(exist_ok=True)
        auths = {server.host: {"auth": SECRET.removeprefix("Basic ")}}
        (tmp_path / "docker/config.json").write_text(json.dumps({"auths": auths}))
        store = CredentialStore({"DOCKER_CONFIG": str(tmp_path / "docker"), "PATH": "/usr/bin:/bin"})

        def connect(wanted):
            return Repository(wanted, Transport(Rules(patience=patience), pauses.append), store)

        cache = PackageStore(tmp_path / "cache")
        wanted = SourceRequest(
            "p", "oci", ref=reference or f"oci://{server.host}/{NAME}:1", options=options or {}, **request
        )
        if not expected:
            return OciSource(connect).fetch(wanted, SourceContext(tmp_path, cache))
        with pytest.raises(CompileError) as caught:
            OciSource(connect).fetch(wanted, SourceContext(tmp_path, cache))
        assert [problem.code for problem in caught.value.diagnostics] == [expected]
        assert "secret" not in str(caught.value)
        assert cache.packages() == ()
        assert list((tmp_path / "cache").rglob("tree")) == []
        return caught.value.diagnostics[0]

    return pull
