"""An engine behind a network address that both sides know by their certificates."""

from __future__ import annotations

import shutil
import ssl
import subprocess
import threading
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from orun_backend_docker.engine import Engine
from orun_core.spec.errors import RunError
from parts import missing


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """A folder with `ca.pem`, and `cert.pem` and `key.pem` for either side; `stranger.pem` is of another authority."""
    if not shutil.which("openssl"):
        missing("openssl", "openssl is not installed")
    folder = tmp_path_factory.mktemp("tls")
    (folder / "names").write_text(
        "subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\nauthorityKeyIdentifier=keyid\n"
    )
    for line in (
        "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=authority -addext keyUsage=critical,keyCertSign -keyout ca-key.pem -out ca.pem",
        "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=stranger -keyout stranger-key.pem -out stranger.pem",
        "req -newkey rsa:2048 -nodes -subj /CN=side -keyout key.pem -out side.csr",
        "x509 -req -in side.csr -CA ca.pem -CAkey ca-key.pem -CAcreateserial -days 2 -extfile names -out cert.pem",
    ):
        subprocess.run(["openssl", *line.split()], cwd=folder, check=True, capture_output=True)
    return folder


class Version(BaseHTTPRequestHandler):
    def do_GET(self):
        answer = b'{"ApiVersion": "1.41"}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *words):
        """Quiet."""


@pytest.fixture
def address(certificates):
    """Of an engine that only talks to those with a certificate of that authority."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(certificates / "ca.pem"))
    context.load_cert_chain(certificates / "cert.pem", certificates / "key.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    with HTTPServer(("127.0.0.1", 0), Version) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"tcp://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_the_certificates_of_the_engine_count_whatever_others_are_configured(address, certificates, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificates / "stranger.pem"))
    environ = {"DOCKER_HOST": address, "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(certificates)}
    with closing(Engine.connect(environ)) as engine:
        assert engine.api.version()["ApiVersion"] == "1.41"


def test_an_engine_that_nobody_vouches_for(address, certificates, tmp_path):
    for name in ("cert.pem", "key.pem"):
        shutil.copy(certificates / name, tmp_path)
    shutil.copy(certificates / "stranger.pem", tmp_path / "ca.pem")
    with pytest.raises(RunError) as caught:
        Engine.connect({"DOCKER_HOST": address, "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(tmp_path)})
    (said,) = caught.value.diagnostics
    assert said.code == "docker/no-engine"
    assert "CERTIFICATE_VERIFY_FAILED" in said.message
    assert "DOCKER_CERT_PATH" in said.hint
