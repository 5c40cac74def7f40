"""Containers beside a job, in a network of their own, reachable by their names."""

from __future__ import annotations

import shlex
import time
from typing import TYPE_CHECKING, Any, Self

from orun_core.spec.errors import Diagnostic, RunError

from orun_backend_docker import container, orphans
from orun_backend_docker.container import Container

if TYPE_CHECKING:
    from types import TracebackType

    from orun_core.spec.backend import JobContext
    from orun_core.spec.plan import Job, Service

    from orun_backend_docker.identity import Identity
    from orun_backend_docker.image import Images
    from orun_backend_docker.options import DockerOptions

_LOOK = 0.2
_LAST_LINES = 10


class Services:
    """The services of one job; as a context manager it takes them down when what follows fails. `network`: empty without services."""

    def __init__(
        self, images: Images, options: DockerOptions, identity: Identity, job: Job, context: JobContext
    ) -> None:
        self._images = images
        self._engine = images.engine
        self._options = options
        self._identity = identity
        self._job = job
        self._note = context.note
        self._running: dict[str, Service] = {}
        self._said = ""
        self.network = ""

    def __enter__(self) -> Self:
        try:
            if self._job.services:
                self._make_network()
            for service in self._job.services:
                self._start(service)
        except RunError:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def wait(self) -> None:
        """Return when all are healthy; raises `RunError` when one ends, or is not in time."""
        deadline = time.monotonic() + self._options.ready
        for identity, service in self._running.items():
            while not self._ready(identity, service):
                if time.monotonic() > deadline:
                    said = f"; its health command said: {self._said}" if self._said else ""
                    raise self._failed(identity, service, f"is not healthy after {self._options.ready}s{said}")
                time.sleep(_LOOK)

    def close(self) -> None:
        """Remove containers and network. Harmless when they are gone."""
        for identity in self._running:
            container.remove(self._engine, identity)
        if self.network:
            orphans.remove_network(self._engine, self.network)

    def _make_network(self) -> None:
        inward = self._options.network == "none"
        with self._engine.speaking(f"cannot make the network of job {self._job.id}"):
            self._engine.api.create_network(
                self._identity.name, driver="bridge", internal=inward, labels=self._identity.labels
            )
        self.network = self._identity.name

    def _start(self, service: Service) -> None:
        image = self._images.get(service.image, self._note)
        name = f"{self._identity.name}-{service.name}"
        identity = Container.create(self._engine, image, self._config(service), name)
        self._running[identity] = service
        with self._engine.speaking(f"cannot start service {service.name}"):
            self._engine.api.start(identity)

    def _config(self, service: Service) -> dict[str, Any]:
        ports = [_published(port) for port in service.ports]
        asked: dict[str, Any] = {
            "Env": [f"{name}={value}" for name, value in service.env.items()],
            "Labels": self._identity.labels,
            "ExposedPorts": {inside: {} for inside, _ in ports},
            "HostConfig": {
                "Init": True,
                "NetworkMode": self.network,
                "SecurityOpt": ["no-new-privileges", *self._options.security],
                "PortBindings": {inside: [outside] for inside, outside in ports},
            },
            "NetworkingConfig": {"EndpointsConfig": {self.network: {"Aliases": [service.name]}}},
        }
        if service.command:
            asked["Cmd"] = self._words(service)
        return asked

    def _words(self, service: Service) -> list[str]:
        try:
            return shlex.split(service.command)
        except ValueError as error:
            message = f"service {service.name} of job {self._job.id} has a command that is none: {error}"
            raise RunError(Diagnostic("docker/service", message, hint="check its quotes")) from error

    def _ready(self, identity: str, service: Service) -> bool:
        with self._engine.speaking(f"cannot look at service {service.name}"):
            state = self._engine.api.inspect_container(identity)["State"]
        if not state["Running"]:
            raise self._failed(identity, service, f"ended with code {state['ExitCode']}")
        if service.health:
            healthy, self._said = self._engine.probe(identity, service.health)
            return healthy
        health = (state.get("Health") or {}).get("Status") or "healthy"
        if health == "unhealthy":
            raise self._failed(identity, service, "is unhealthy")
        return bool(health == "healthy")

    def _failed(self, identity: str, service: Service, what: str) -> RunError:
        with self._engine.speaking(f"cannot read the log of service {service.name}"):
            log = self._engine.api.logs(identity, tail=_LAST_LINES).decode("utf-8", "replace").strip()
        message = f"service {service.name} of job {self._job.id} {what}" + (f"; it said:\n{log}" if log else "")
        return RunError(Diagnostic("docker/service", message, hint="check its image, env, command and health"))


def _published(port: str) -> tuple[str, dict[str, str]]:
    """`[[IP:]HOST:]CONTAINER[/PROTOCOL]` as the engine has it: the port inside, and where it is outside."""
    outside, _, inside = port.rpartition(":")
    address, _, number = outside.rpartition(":")
    return (inside if "/" in inside else f"{inside}/tcp"), {"HostIp": address.strip("[]"), "HostPort": number}
