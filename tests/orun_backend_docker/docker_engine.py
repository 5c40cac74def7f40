"""The Docker Engine of these tests, and the image that they run."""

from __future__ import annotations

import os
from contextlib import closing, contextmanager

from orun_backend_docker.backend import DockerBackend
from orun_backend_docker.engine import Engine
from orun_backend_docker.options import DockerOptions, Pull
from orun_core.spec.errors import RunError
from parts import missing

IMAGE = "orun-test/busybox:1"


@contextmanager
def engine_or_skip():
    """The engine of `DOCKER_HOST`, or of the usual socket, with the test image; skips, or fails where docker is required."""
    try:
        engine = Engine.connect(os.environ)
    except RunError as error:
        missing("docker", str(error))
    with closing(engine):
        if engine.image(IMAGE) is None:
            missing("docker", f"no image {IMAGE}; .ci/run makes it")
        yield engine


@contextmanager
def docker_backend(**options):
    """A backend on that engine which pulls nothing; options are those of `DockerOptions`."""
    with engine_or_skip() as engine:
        yield DockerBackend(os.environ, DockerOptions(pull=Pull.NEVER, **options), engine)
