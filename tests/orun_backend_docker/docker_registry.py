"""A private registry on loopback, whose credentials are in a docker credential store."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from contextlib import contextmanager

from loopback import answers, free_port
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
    port = free_port()
    config = folder / "config.yml"
    config.write_text(
        f"version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {folder}/data}}}}\n"
        f"http: {{addr: '127.0.0.1:{port}'}}\nauth: {{htpasswd: {{realm: test, path: {folder}/users}}}}\n"
    )
    process = subprocess.Popen(["docker-registry", "serve", str(config)], stderr=subprocess.DEVNULL)
    try:
        if not answers(port, process):
            missing("registry", "docker-registry does not start")
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


def log_in(folder, host, monkeypatch):
    """Let the credential store of this process know the password."""
    helper = folder / "docker-credential-orun-test"
    helper.write_text(HELPER)
    helper.chmod(0o755)
    (folder / "config.json").write_text(json.dumps({"credHelpers": {host: "orun-test"}}))
    monkeypatch.setenv("DOCKER_CONFIG", str(folder))
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
