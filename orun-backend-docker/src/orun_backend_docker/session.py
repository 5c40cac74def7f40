"""One job in its container."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orun_backend_docker.mounts import HOME
from orun_backend_docker.process import ContainerProcess

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from orun_core.spec.backend import StepCommand, StepProcess

    from orun_backend_docker.container import Container
    from orun_backend_docker.copies import Copies
    from orun_backend_docker.mounts import Mounts
    from orun_backend_docker.services import Services


class DockerSession:
    """The container of a job, its services, and its files. `copies` is None where the engine sees the files themselves."""

    def __init__(
        self, container: Container, mounts: Mounts, shown: Mapping[str, str], services: Services, copies: Copies | None
    ) -> None:
        self._container = container
        self._mounts = mounts
        self._services = services
        self._copies = copies
        self.environment = {"PATH": container.path, "HOME": HOME, **shown}

    def locate(self, path: Path) -> str:
        """Below `/workspace` or `/orun`; raises `RunError` for a path that the container does not see."""
        return self._mounts.locate(path)

    def has(self, program: str) -> bool:
        """Found on the container's PATH."""
        return self._container.has(program)

    def start(self, command: StepCommand) -> StepProcess:
        """Start one command; raises `RunError`."""
        folder = self._mounts.locate(command.cwd)
        if self._copies is None:
            return self._process(command, folder)
        return self._copies.around(lambda: self._process(command, folder))

    def _process(self, command: StepCommand, folder: str) -> ContainerProcess:
        container = self._container
        return ContainerProcess(container.engine, container.id, command, folder, container.end)

    def close(self) -> None:
        """Bring the outputs of a copied job home, then remove container, services and network."""
        try:
            if self._copies is not None:
                self._copies.fetch_outputs()
        finally:
            self._container.close()
            self._services.close()
