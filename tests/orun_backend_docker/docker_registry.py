"""A private registry on loopback, whose credentials are in a docker credential store."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager

from parts import missing

HELPER = """#!/bin/sh
server=$(cat) && test "$1" = get && printf '{"ServerURL":"%s","Username":"ada","Secret":"pass-word"}' "$server"
"""


@contextmanager
def private_registry(folder):
    """Its address; only user `ada` may use it."""
    for tool in ("docker-registry", "htpasswd"):
        if not shutil.which(tool):
            missing("registry", f"{tool} is not installed")
    users = subprocess.run(["htpasswd", "-Bbn", "ada", "pass-word"], check=True, capture_output=True).stdout
    (folder / "users").write_bytes(users)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = folder / "config.yml"
    config.write_text(
        f"version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {folder}/data}}}}\n"
        f"http: {{addr: '127.0.0.1:{port}'}}\nauth: {{htpasswd: {{realm: test, path: {folder}/users}}}}\n"
    )
    process = subprocess.Popen(["docker-registry", "serve", str(config)], stderr=subprocess.DEVNULL)
    try:
        _wait_for(port, process)
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


def _wait_for(port, process):
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    missing("registry", "docker-registry does not start")


def log_in(folder, host, monkeypatch):
    """Let the credential store of this process know the password."""
    helper = folder / "docker-credential-orun-test"
    helper.write_text(HELPER)
    helper.chmod(0o755)
    (folder / "config.json").write_text(json.dumps({"credHelpers": {host: "orun-test"}}))
    monkeypatch.setenv("DOCKER_CONFIG", str(folder))
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
