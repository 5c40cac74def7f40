"""A third party's source, installed beside orun: its login, its packages under orun's lock and in orun's cache."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
import threading
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from orun_core.builtin.packing import pack_stack
from orun_core.spec.source import SourceRequest
from orun_core.testing.source import SourceContract

SOURCES = Path(__file__).parents[1] / "plugins/orun-source-vault/src"
COMPOSITION = """\
kind: Composition
metadata: {name: svc}
spec:
  type: svc
  defaultJob: deploy
  parameterSchema: {type: object}
  jobs: [{name: deploy, steps: [{name: say, run: echo hello}]}]
"""


class Vault(ThreadingHTTPServer):
    """A private registry of packages: one user, one token, archives by digest."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.archives, self.versions, self.asked = {}, {}, []
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def publish(self, version, content):
        digest = f"sha256:{sha256(content).hexdigest()}"
        self.archives[digest], self.versions[version] = content, digest
        return digest


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        given = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        good = given == {"user": "ada", "password": "pass"}
        self.answer(200 if good else 401, json.dumps({"token": "t-1"} if good else {}).encode())

    def do_GET(self):
        self.server.asked.append(self.path)
        if self.headers["Authorization"] != "Bearer t-1":
            return self.answer(401, b"{}")
        area, _, name = self.path[1:].partition("/")
        if area == "archives":
            return self.answer(*((200, self.server.archives[name]) if name in self.server.archives else (404, b"")))
        version = name.partition("/")[2]
        if version not in self.server.versions:
            return self.answer(404, b"{}")
        found = {"version": version, "digest": self.server.versions[version]}
        return self.answer(200, json.dumps(found).encode())

    def answer(self, status, content):
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def vault():
    server = Vault()
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def stack(tmp_path):
    folder = tmp_path / "stack"
    (folder / "compositions/svc").mkdir(parents=True)
    (folder / "stack.yaml").write_text("kind: Stack\nmetadata: {name: st}\n")
    (folder / "compositions/svc/composition.yaml").write_text(COMPOSITION)
    return folder


@pytest.fixture
def orun(tmp_path):
    """Run orun where orun-source-vault is installed."""
    info = tmp_path / "site/orun_source_vault-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: orun-source-vault\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[orun.v1]\nvault = orun_source_vault.plugin\n")
    (tmp_path / "home").mkdir()

    def run(*arguments, stdin="", status=0):
        path = f"{tmp_path / 'site'}{os.pathsep}{SOURCES}"
        environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path / "home"), "PYTHONPATH": path}
        command = [sys.executable, "-m", "orun_core.cli.main", *arguments]
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, input=stdin, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout + done.stderr

    return run


class TestVaultSource(SourceContract):
    @pytest.fixture
    def source(self, vault, tmp_path, monkeypatch):
        monkeypatch.syspath_prepend(str(SOURCES))
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
        from orun_source_vault.session import Session
        from orun_source_vault.source import VaultSource

        Session(vault.url).login("ada", "pass")
        return VaultSource()

    @pytest.fixture
    def publish(self, vault):
        def publish(packed):
            vault.publish("1.0.0", packed.archive)
            return SourceRequest("house", "vault", ref=f"{vault.url}/house@1.0.0")

        return publish


def test_login_lock_and_plan_without_the_vault(tmp_path, vault, stack, orun):
    digest = vault.publish("1.2.0", pack_stack(stack).archive)
    (tmp_path / "intent.yaml").write_text(
        "metadata: {name: shop}\n"
        f"compositions: {{sources: [{{name: platform, kind: vault, ref: {vault.url}/st@1.2.0}}]}}\n"
        "environments: {dev: {}}\n"
        "components: [{name: api, type: svc, subscribe: {environments: [dev]}}]\n"
    )
    assert "[vault/refused]" in orun("compositions", "lock", status=3)
    assert "[vault/refused]" in orun("vault-login", vault.url, "-u", "ada", stdin="wrong\n", status=3)
    assert "logged in" in orun("vault-login", vault.url, "-u", "ada", stdin="pass\n")
    [token] = (tmp_path / "home/.config/orun-vault").iterdir()
    assert token.stat().st_mode & 0o777 == 0o600
    orun("compositions", "lock")
    lock = (tmp_path / ".orun/compositions.lock.yaml").read_text()
    assert f"resolvedDigest: {digest}\n" in lock
    vault.asked.clear()
    orun("plan", "--frozen", "--offline", "-o", "plan.json")
    assert vault.asked == []
    roles = {
        p["distribution"]: p["roles"]
        for p in json.loads((tmp_path / "plan.json").read_text())["metadata"]["compiler"]["plugins"]
    }
    assert roles["orun-source-vault"] == ["source:vault"]

    shutil.rmtree(tmp_path / "home/.cache")
    vault.archives[digest] = pack_stack(stack).archive + b"x"
    assert "[vault/refused]" in orun("compositions", "pull", "--frozen", status=3)


def test_it_knows_the_contract_only():
    modules = [ast.parse(path.read_text()) for path in SOURCES.rglob("*.py")]
    found = {node.module for tree in modules for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {module for module in found if module.startswith("orun_core")} == {
        "orun_core.spec.entries",
        "orun_core.spec.errors",
        "orun_core.spec.markers",
        "orun_core.spec.source",
    }
