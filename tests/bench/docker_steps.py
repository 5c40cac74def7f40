"""What a step costs in a container, beside `docker exec` itself: `python tests/bench/docker_steps.py IMAGE`."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from statistics import median

from orun_backend_docker.backend import DockerBackend
from orun_backend_docker.engine import Engine
from orun_backend_docker.options import DockerOptions
from orun_core.testing.plans import job, step
from orun_core.testing.trial import Trial

STEPS = 20


def milliseconds(action: Callable[[], object], times: int = 5) -> float:
    """The median of several runs."""
    found = []
    for _ in range(times):
        start = time.perf_counter()
        action()
        found.append((time.perf_counter() - start) * 1000)
    return median(found)


def main(image: str) -> None:
    """Print the cost of a job with one step, of each further step, and of `docker exec`."""
    with closing(Engine.connect(os.environ)) as engine, tempfile.TemporaryDirectory() as folder:
        trial = Trial(DockerBackend(os.environ, DockerOptions(), engine), Path(folder), image)

        def run(count: int) -> None:
            trial(job("a.dev.bench", *(step("true", id=f"s{number}") for number in range(count))))

        one, many = milliseconds(lambda: run(1)), milliseconds(lambda: run(1 + STEPS))
        started = subprocess.run(
            ["docker", "run", "-d", "--rm", image, "sleep", "600"], check=True, capture_output=True
        )
        container = started.stdout.decode().strip()
        try:
            command = ["docker", "exec", container, "sh", "-c", "true"]
            bare = milliseconds(lambda: subprocess.run(command, check=True), STEPS)
        finally:
            subprocess.run(["docker", "rm", "-f", container], check=True, capture_output=True)
    print(f"job with one step {one:.0f} ms, each further step {(many - one) / STEPS:.0f} ms, docker exec {bare:.0f} ms")


if __name__ == "__main__":
    main(sys.argv[1])
