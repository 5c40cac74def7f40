"""The Docker Engine of these tests, and the image that they run."""

from __future__ import annotations

import os
from contextlib import closing, contextmanager

from orun_backend_docker.backend import DockerBackend
from orun_backend_docker.engine import Engine
from orun_backend_docker.identity import OWNER
from orun_backend_docker.options import DockerOptions, Pull
from orun_core.spec.errors import RunError
from orun_core.state.owner import owner_name
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
def docker_backend(environ=os.environ, **options):
    """A backend on that engine which pulls nothing; options are those of `DockerOptions`."""
    with engine_or_skip() as engine:
        yield DockerBackend(environ, DockerOptions(pull=Pull.NEVER, **options), engine)


def leftovers(trial):
    """Containers and networks of this test process that are still there, but those that are being removed."""
    api, filters = trial.backend.engine.api, {"label": f"{OWNER}={owner_name()}"}
    containers = [found for found in api.containers(all=True, filters=filters) if found["State"] != "removing"]
    return [*containers, *api.networks(filters=filters)]
