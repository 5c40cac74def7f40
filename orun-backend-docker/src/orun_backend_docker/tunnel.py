"""A connection to an engine on another host: ssh forwards its socket to a private one on this machine.

The user's own `ssh` does it, so that its configuration, agent, jump hosts and known hosts count. A shell keeps that ssh: it waits
for the end of its stdin, which only orun holds, then ends the ssh and removes the socket. So both are gone however orun ends.
"""

from __future__ import annotations

import re
import select
import shlex
import shutil
import socket
import subprocess
import tempfile
import weakref
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from orun_core.spec.errors import Diagnostic, RunError

if TYPE_CHECKING:
    from collections.abc import Mapping

_ADDRESS = re.compile(r"(ssh://(?:\w[\w.+-]*@)?(?:\[[\w:.%]+\]|\w[\w.-]*)(?::\d+)?)(/[\w./@+-]+)?/?", re.ASCII)
_SOCKET = "/var/run/docker.sock"
_HERE = "engine.sock"
_SAID = "said"
_LOOK = 0.02
_PATIENCE = 1.0
_OPTIONS = (
    "BatchMode=yes",  # nobody is there to answer a question
    "ConnectTimeout=30",
    "ServerAliveInterval=15",
    "LogLevel=INFO",
    "ControlMaster=no",  # a shared connection outlives this one, and would keep the socket
    "ControlPath=none",
    "ExitOnForwardFailure=no",  # a port that the user's configuration forwards may be taken
)
_KEEPER = (
    """trap : TERM; { trap : TERM; "$@"; echo ended; } & exec >/dev/null; read -r line; kill 0; wait; rm -rf "$0" """
)
_LOOK_THERE = "test -S {0} || exit 3; test -w {0} || exit 4"
_ABSENT, _DENIED = 3, 4
_HINTS = {
    "could not resolve": "check the host in DOCKER_HOST and in ~/.ssh/config",
    "connect to host": "check the host and the port in DOCKER_HOST and in ~/.ssh/config",
    "host key verification failed": "`ssh {0}` once by hand, to compare its key and accept it; `ssh-keygen -R` forgets an old one",
    "permission denied": "`ssh {0}` must work without a password: ssh-copy-id, ssh-add, or an IdentityFile in ~/.ssh/config",
}
"""Words of ssh → remedy."""


class Tunnel:
    """An open one. `address`: the engine as this machine reaches it. `close()` ends it, as the end of orun does."""

    def __init__(self, host: str, environ: Mapping[str, str]) -> None:
        """Open it to `ssh://[USER@]HOST[:PORT][/SOCKET]`; raises `RunError`."""
        named = _ADDRESS.fullmatch(host)
        if not named:
            hint = "write ssh://[USER@]HOST[:PORT][/PATH/OF/THE/SOCKET]"
            raise RunError(Diagnostic("docker/no-engine", f"DOCKER_HOST={host} is no address of an engine", hint=hint))
        if not shutil.which("ssh", path=environ.get("PATH")):
            hint = "install the client of OpenSSH (apt-get install openssh-client)"
            raise RunError(Diagnostic("docker/no-engine", f"cannot reach {host}: there is no ssh on PATH", hint=hint))
        self._place, self._socket = named[1], named[2] or _SOCKET
        self._environ = dict(environ)
        self._folder = Path(tempfile.mkdtemp(prefix="orun-ssh-", dir="/tmp"))
        self.address = f"unix://{self._folder / _HERE}"
        self._keeper = self._keep()
        self.close = weakref.finalize(self, self._keeper.communicate)
        self._wait()

    def fault(self, doing: str) -> Diagnostic:
        """Why a call to the engine got no answer."""
        if self._ended(_PATIENCE):
            return self._words(f"{doing}: the connection to {self._place} is gone")
        found = self._look_there()
        if found == _DENIED:
            hint = "join the group of the socket (docker) there, or name another: ssh://HOST/PATH/OF/THE/SOCKET"
            return Diagnostic("docker/socket-denied", f"{doing}: {self._socket} is not yours to use there", hint=hint)
        if found == _ABSENT:
            hint = "start the engine there, or name its socket: ssh://HOST/PATH/OF/THE/SOCKET"
            return Diagnostic("docker/no-engine", f"{doing}: there is no {self._socket}", hint=hint)
        hint = "start the engine there, and let its sshd forward sockets (AllowStreamLocalForwarding)"
        return Diagnostic("docker/no-engine", f"{doing}: nothing answers behind {self._socket}", hint=hint)

    def _keep(self) -> subprocess.Popen[bytes]:
        forward = self._ssh("-nNT", "-L", f"./{_HERE}:{self._socket}")
        with (self._folder / _SAID).open("wb") as said:
            return subprocess.Popen(
                ("/bin/sh", "-c", _KEEPER, str(self._folder), *forward),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=said,
                cwd=self._folder,
                env=self._environ,
                start_new_session=True,
            )

    def _look_there(self) -> int:
        asking = (*self._ssh("-nT"), _LOOK_THERE.format(shlex.quote(self._socket)))
        return subprocess.run(asking, env=self._environ, capture_output=True, check=False).returncode

    def _ssh(self, *arguments: str) -> tuple[str, ...]:
        return ("ssh", *(word for option in _OPTIONS for word in ("-o", option)), *arguments, self._place)

    def _wait(self) -> None:
        while not self._listens():
            if self._ended(_LOOK):
                problem = self._words(f"cannot reach the container engine at {self._place}")
                self.close()
                raise RunError(problem)

    def _listens(self) -> bool:
        with socket.socket(socket.AF_UNIX) as door:
            try:
                door.connect(str(self._folder / _HERE))
            except (FileNotFoundError, ConnectionRefusedError):
                return False
        return True

    def _ended(self, patience: float) -> bool:
        """True when ssh has ended, or does within so many seconds."""
        told = cast("IO[bytes]", self._keeper.stdout)
        return bool(select.select([told], [], [], patience)[0])

    def _words(self, doing: str) -> Diagnostic:
        """What an ssh that ended said."""
        lines = (self._folder / _SAID).read_text(encoding="utf-8", errors="replace").splitlines() or ["ssh ended"]
        for line in lines:
            for sign, hint in _HINTS.items():
                if sign in line.lower():
                    return Diagnostic("docker/no-engine", f"{doing}: {line}", hint=hint.format(self._place))
        return Diagnostic("docker/no-engine", f"{doing}: {lines[-1]}", hint=f"look with `ssh -v {self._place}`")
