"""A host on loopback that one reaches by ssh: an sshd of this user, with keys of its own, and an `ssh` that knows only it."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from loopback import answers, free_port
from orun_backend_docker.engine import DEFAULT_HOST
from parts import missing

SETTINGS = """\
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host
AuthorizedKeysFile {folder}/user.pub
StrictModes no
UsePAM no
PidFile none
PasswordAuthentication no
KbdInteractiveAuthentication no
"""


@dataclass
class SshHost:
    """`folder`: keys, `known` hosts, and `bin` with the `ssh` to put on PATH. `place`: its address without a socket."""

    folder: Path
    port: int
    process: subprocess.Popen = field(init=False)

    @property
    def place(self):
        return f"ssh://127.0.0.1:{self.port}"

    def environ(self, socket_path, **more):
        """An environment whose DOCKER_HOST is the engine behind that socket there."""
        path = f"{self.folder}/bin{os.pathsep}{os.environ['PATH']}"
        return {**os.environ, "PATH": path, "DOCKER_HOST": f"{self.place}{socket_path}", **more}

    def cut(self):
        """End all connections, not the host."""
        for process in descendants(self.process.pid):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)

    def users(self):
        """Command lines of this machine that name the host: its clients, and who keeps them."""
        found = []
        for file in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                line = file.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            found += [line] if self.place in line else []
        return found


def descendants(process):
    """Children of a process, and theirs."""
    try:
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except OSError:
        return []
    return [found for child in map(int, children) for found in (child, *descendants(child))]


@contextmanager
def ssh_host(folder):
    """A running one; skips, or fails where ssh is required."""
    sshd = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    client = shutil.which("ssh")
    if not sshd or not client:
        missing("ssh", "sshd or ssh is not installed")
    for name in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name], check=True)
    host = SshHost(folder, free_port())
    (folder / "known").write_text(f"[127.0.0.1]:{host.port} {(folder / 'host.pub').read_text()}")
    (folder / "sshd.conf").write_text(SETTINGS.format(folder=folder, port=host.port))
    (folder / "ssh.conf").write_text(
        f"IdentityFile {folder}/user\nIdentitiesOnly yes\nUserKnownHostsFile {folder}/known\n"
    )
    (folder / "bin").mkdir()
    (folder / "bin/ssh").write_text(f'#!/bin/sh\nexec {client} -F {shlex.quote(str(folder / "ssh.conf"))} "$@"\n')
    (folder / "bin/ssh").chmod(0o755)
    with (folder / "sshd.log").open("wb") as log:
        host.process = subprocess.Popen([sshd, "-D", "-e", "-f", folder / "sshd.conf"], stderr=log)
    try:
        if not answers(host.port, host.process):
            missing("ssh", f"sshd does not start: {(folder / 'sshd.log').read_text().strip()}")
        yield host
    finally:
        host.cut()
        host.process.terminate()
        host.process.wait(30)


def socket_to_forward():
    """Path of the socket of the tests' engine, on this machine and so on that host; skips where it has none."""
    scheme, _, path = (os.environ.get("DOCKER_HOST") or DEFAULT_HOST).partition("://")
    if scheme != "unix":
        missing("ssh", "the engine of these tests has no socket to forward")
    return path
