"""The docker backend: a container per job, an exec per step."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from orun_core.spec.backend import Capabilities

from orun_backend_docker import container, image, mounts, orphans
from orun_backend_docker.container import Container
from orun_backend_docker.copies import Copies
from orun_backend_docker.engine import Engine, is_remote
from orun_backend_docker.identity import Identity
from orun_backend_docker.image import Images
from orun_backend_docker.options import DockerOptions, Files
from orun_backend_docker.services import Services
from orun_backend_docker.session import DockerSession

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orun_core.spec.backend import JobContext
    from orun_core.spec.host import Host
    from orun_core.spec.plan import Job


def create(host: Host, options: object) -> DockerBackend:
    """The backend of a command; the engine is not asked anything yet."""
    chosen = options if isinstance(options, DockerOptions) else DockerOptions()
    return DockerBackend(host.environ, chosen)


@dataclass
class DockerBackend:
    """Runs each job in a container of its own. `environ`: orun's environment; `connected`: an engine instead of the one it names.

    `copying`: jobs get copies of their files.
    """

    environ: Mapping[str, str]
    options: DockerOptions = field(default_factory=DockerOptions)
    connected: Engine | None = None
    capabilities: Capabilities = field(init=False)
    copying: bool = field(init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _begun: bool = False

    def __post_init__(self) -> None:
        """Copies are nobody else's, so that jobs that get them need no isolation."""
        choice = self.options.files
        self.copying = is_remote(self.environ) if choice is Files.AUTO else choice is Files.COPY
        self.capabilities = Capabilities(
            isolated=self.copying, supports_services=True, local=not self.copying, context="container", inherits=False
        )

    @cached_property
    def engine(self) -> Engine:
        """The engine, connected once."""
        return self.connected or Engine.connect(self.environ)

    @cached_property
    def images(self) -> Images:
        """The images of this run."""
        return Images(self.engine, self.options)

    @cached_property
    def user(self) -> str:
        """Who steps run as: the caller, who is root inside a rootless engine."""
        if self.options.user:
            return self.options.user
        return "0:0" if self.engine.rootless() else container.caller()

    def open(self, job: Job, context: JobContext) -> DockerSession:
        """Get the image, start services, then the container; raises `RunError` and leaves nothing behind."""
        with self._lock:
            images, user = self.images, self.user
            self._begin(context)
        found = images.get(image.reference(job.runs_on, self.options), context.note)
        identity = Identity.of(job, context)
        folders = mounts.Mounts(context.workspace, context.scratch)
        (context.scratch / "home").mkdir(exist_ok=True)
        with ExitStack() as held:
            services = held.enter_context(Services(images, self.options, identity, job, context))
            given = mounts.volumes() if self.copying else folders.binds()
            network = services.network or self.options.network
            asked = container.config(self.options, identity.labels, user, given, network)
            made = Container.create(self.engine, found, asked, identity.name, self.options.platform)
            held.callback(container.remove, self.engine, made)
            copies = Copies(self.engine, made, folders, user, job) if self.copying else None
            if copies:
                copies.send_all()
            running = Container.start(self.engine, made)
            services.wait()
            held.pop_all()
            return DockerSession(running, folders, self._shown(), services, copies)

    def _begin(self, context: JobContext) -> None:
        """Once: remove what dead runs left at the engine, and say which limits it does not keep."""
        if self._begun:
            return
        orphans.remove_all(self.engine, context.gone)
        for what in ("memory", "cpus", "pids"):
            if getattr(self.options, what) and not self.engine.limits(what):
                context.note("no-limit", f"this engine cannot limit {what}", {"option": what})
        self._begun = True

    def _shown(self) -> dict[str, str]:
        return {name: self.environ[name] for name in self.options.environment if name in self.environ}
