"""Finds the digests of images in their registries, for plans that name images by digest."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from orun_core.spec.errors import Diagnostic, RunError

from orun_backend_docker.engine import Engine
from orun_backend_docker.image import reference
from orun_backend_docker.options import DockerOptions

if TYPE_CHECKING:
    from orun_core.spec.host import Host


def pin(host: Host, options: object, images: tuple[str, ...]) -> dict[str, str]:
    """Each `runsOn` or image with its image as `NAME:TAG@sha256:…`; raises `RunError` with all that cannot be pinned."""
    chosen = options if isinstance(options, DockerOptions) else DockerOptions()
    pinned, problems = {}, []
    with closing(Engine.connect(host.environ)) as engine:
        for image in images:
            name = reference(image, chosen)
            try:
                pinned[image] = name if "@" in name else f"{name}@{engine.registry_digest(name)}"
            except RunError as error:
                hint = "push it to a registry, or leave out --pin-images"
                problems.append(Diagnostic("docker/no-digest", f"cannot pin image {name}: {error}", hint=hint))
    if problems:
        raise RunError(problems)
    return pinned
