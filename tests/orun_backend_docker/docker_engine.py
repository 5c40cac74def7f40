"""The Docker Engine of these tests, and the image that they run."""

from __future__ import annotations

import os
import time
from contextlib import closing, contextmanager

from orun_backend_docker.backend import DockerBackend
from orun_backend_docker.engine import Engine
from orun_backend_docker.identity import OWNER
from orun_backend_docker.options import DockerOptions, Pull
from orun_core.spec.errors import RunError
from orun_core.state.owner import owner_name
from parts import engine_in_use, missing

IMAGE = "orun-test/busybox:1"


@contextmanager
def engine_or_skip(*, alone=False):
    """The engine of `DOCKER_HOST`, or of the usual socket, with the test image; skips, or fails where docker is required."""
    try:
        engine = Engine.connect(os.environ)
    except RunError as error:
        missing("docker", str(error))
    with closing(engine), engine_in_use(alone=alone):
        if engine.image(IMAGE) is None:
            missing("docker", f"no image {IMAGE}; .ci/run makes it")
        yield engine


@contextmanager
def docker_backend(environ=os.environ, **options):
    """A backend on that engine which pulls nothing; options are those of `DockerOptions`."""
    with engine_or_skip() as engine:
        yield DockerBackend(environ, DockerOptions(pull=Pull.NEVER, **options), engine)


def present(trial):
    """Containers and networks of this test process."""
    api, filters = trial.backend.engine.api, {"label": f"{OWNER}={owner_name()}"}
    return [*api.containers(all=True, filters=filters), *api.networks(filters=filters)]


def leftovers(trial):
    """What is there when the engine had time to remove it."""
    deadline = time.monotonic() + 10
    while (found := present(trial)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found
