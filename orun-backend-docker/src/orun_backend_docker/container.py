"""The container of a job: it ends with the job, and also when orun dies.

Its main process reads its stdin, which is a connection of orun's: when orun ends, however it ends, the engine closes that
stdin, the process ends, and the engine removes the container.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from orun_core.spec.errors import RunError

from orun_backend_docker.errors import refusal
from orun_backend_docker.mounts import HOME, WORKSPACE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from orun_backend_docker.engine import Engine, Stream
    from orun_backend_docker.image import Image
    from orun_backend_docker.options import DockerOptions

PROGRAMS = ("bash", "sh", "python", "python3", "pwsh")
_GREETING = """printf '%s\\n' "$PATH"
for program in {programs}; do command -v "$program" >/dev/null 2>&1 && echo "$program"; done
echo .
while read -r _; do :; done"""
_SIZES = {"b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


class Container:
    """A running container. `path`: its PATH; `programs`: which of `PROGRAMS` it has."""

    def __init__(self, engine: Engine, identity: str, stdin: Stream) -> None:
        self.engine = engine
        self.id = identity
        self._stdin = stdin
        self.path, *programs = self._told()
        self.programs = frozenset(programs)

    @classmethod
    def create(cls, engine: Engine, image: Image, config: dict[str, Any], name: str, platform: str = "") -> str:
        """Make a container that does not run yet; its id."""
        with engine.speaking(f"cannot make a container of {image.reference}"):
            made = engine.api.create_container_from_config({"Image": image.id, **config}, name, platform or None)
        return str(made["Id"])

    @classmethod
    def start(cls, engine: Engine, identity: str) -> Container:
        """Start it; raises `RunError`, and removes it, when it does not come up."""
        try:
            with engine.speaking("cannot start the container"):
                stdin = engine.stream(f"/containers/{identity}/attach?stream=1&stdin=1&stdout=1&stderr=1")
                engine.api.start(identity)
            return cls(engine, identity, stdin)
        except RunError:
            remove(engine, identity)
            raise

    def _told(self) -> list[str]:
        """The lines of the greeting; raises `RunError` with what was said instead."""
        said = b""
        while not said.endswith(b"\n.\n"):
            frame = self._stdin.frame()
            if not frame:
                text = said.decode("utf-8", "replace").strip()
                if not text:
                    self.engine.check("cannot start the container")
                raise RunError(refusal("the container ended before its first step", text or "it said nothing"))
            said += frame
        return said.decode("utf-8", "replace").splitlines()[:-1]

    def has(self, program: str) -> bool:
        """True when the program is on the container's PATH."""
        if program in PROGRAMS:
            return program in self.programs
        argv = ("sh", "-c", 'command -v "$0" >/dev/null 2>&1 && echo found', program)
        with self.engine.speaking(f"cannot look for {program}"):
            return self.engine.execute(self.id, argv, {}, "/")[1].rest().strip() == b"found"

    def end(self) -> None:
        """Kill everything in it; the engine removes it. Harmless when it is gone."""
        with suppress(RunError), self.engine.speaking("cannot end the container"):
            self.engine.api.kill(self.id)

    def close(self) -> None:
        """End it and let go of it."""
        self.end()
        self._stdin.close()


def remove(engine: Engine, identity: str) -> None:
    """Remove a container and its volumes, whatever its state. Harmless when it is gone."""
    with suppress(RunError), engine.speaking("cannot remove the container"):
        engine.api.remove_container(identity, v=True, force=True)


def config(
    options: DockerOptions,
    labels: Mapping[str, str],
    user: str,
    mounts: Sequence[Mapping[str, object]],
    network: str,
) -> dict[str, Any]:
    """What the engine is asked for, as its API has it."""
    return {
        "Entrypoint": ["sh", "-c", _GREETING.format(programs=" ".join(PROGRAMS))],
        "Cmd": [],
        "Env": [f"HOME={HOME}"],
        "User": user,
        "WorkingDir": WORKSPACE,
        "Labels": dict(labels),
        "Healthcheck": {"Test": ["NONE"]},
        "OpenStdin": True,
        "StdinOnce": True,
        "AttachStdin": True,
        "AttachStdout": True,
        "AttachStderr": True,
        "HostConfig": {
            "AutoRemove": True,
            "Init": True,
            "Mounts": [dict(mount) for mount in mounts],
            "NetworkMode": network or "default",
            "CapDrop": ["ALL"],
            "CapAdd": list(options.capabilities),
            "SecurityOpt": ["no-new-privileges", *options.security],
            "ReadonlyRootfs": options.read_only,
            "Tmpfs": {"/tmp": "rw,exec,mode=1777"} if options.read_only else {},  # noqa: S108 - inside the container
            "Memory": _bytes(options.memory),
            "NanoCpus": int(options.cpus * 1_000_000_000),
            "PidsLimit": options.pids or None,
            "LogConfig": {"Type": "none"},
        },
    }


def _bytes(size: str) -> int:
    if not size:
        return 0
    number, unit = (size, "b") if size[-1].isdigit() else (size[:-1], size[-1].lower())
    return int(number) * _SIZES[unit]


def caller() -> str:
    """`UID:GID` of this process."""
    return f"{os.getuid()}:{os.getgid()}"
