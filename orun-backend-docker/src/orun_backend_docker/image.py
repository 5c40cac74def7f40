"""Which image a job runs in, and how the engine gets it."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from orun_core.spec.errors import Diagnostic, RunError
from orun_core.spec.frozen import frozen

from orun_backend_docker.options import DockerOptions, Pull

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from orun_backend_docker.engine import Engine

LABELS = {
    "ubuntu-latest": "ubuntu:latest",
    "ubuntu-24.04": "ubuntu:24.04",
    "ubuntu-22.04": "ubuntu:22.04",
    "ubuntu-20.04": "ubuntu:20.04",
}
"""GitHub's runner labels → the image that stands for them."""


def reference(runs_on: str, options: DockerOptions) -> str:
    """The image of a `runsOn`: the option's mapping, then the known labels, else the text itself."""
    return options.images.get(runs_on) or LABELS.get(runs_on) or runs_on or options.image


@frozen
class Image:
    """An image that the engine has. `digest`: of its repository, or its id when it never was in a registry."""

    reference: str
    id: str
    digest: str


@dataclass
class Images:
    """Gets each image once, also when many jobs want it at the same time."""

    engine: Engine
    options: DockerOptions
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _locks: dict[str, threading.Lock] = field(default_factory=dict)
    _found: dict[str, Image] = field(default_factory=dict)

    def get(self, name: str, note: Callable[[str, str, Mapping[str, str]], None]) -> Image:
        """The image behind a reference, pulled as the policy says, and noted the first time; raises `RunError`."""
        with self._lock:
            lock = self._locks.setdefault(name, threading.Lock())
        with lock:
            if name not in self._found:
                image = self._found[name] = self._get(name)
                note("image", f"{name} is {image.digest}", {"image": name, "digest": image.digest})
            return self._found[name]

    def _get(self, name: str) -> Image:
        if self.options.pull is Pull.ALWAYS:
            return self._pulled(name)
        image = self._present(name)
        if image is None and self.options.pull is Pull.NEVER:
            hint = f"docker pull {name}, or --runner-option pull=missing"
            raise RunError(Diagnostic("docker/no-image", f"the engine has no image {name}", hint=hint))
        return image or self._pulled(name)

    def _present(self, name: str) -> Image | None:
        """The image when the engine has it for the wanted platform."""
        found = self.engine.image(name)
        return _image(name, found) if found and self._matches(found) else None

    def _matches(self, found: Mapping[str, Any]) -> bool:
        wanted = self.options.platform.split("/") if self.options.platform else []
        return wanted == [found.get(key) for key in ("Os", "Architecture", "Variant")][: len(wanted)]

    def _pulled(self, name: str) -> Image:
        self.engine.pull(name, self.options.platform)
        found = self.engine.image(name)
        if found is None:
            raise RunError(Diagnostic("docker/no-image", f"image {name} is not there although it was pulled"))
        return _image(name, found)


def _image(name: str, found: Mapping[str, Any]) -> Image:
    digests = sorted(entry.rpartition("@")[::2] for entry in found.get("RepoDigests") or ())
    own = [digest for repository, digest in digests if name.startswith(repository)]
    return Image(name, found["Id"], next(iter(own or [digest for _, digest in digests]), found["Id"]))
