"""Real parts for real tests: a part that is missing skips visibly, or fails where `ORUN_TEST_REQUIRE` names it."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest

REQUIRED = frozenset(filter(None, os.environ.get("ORUN_TEST_REQUIRE", "").split(",")))


def missing(part: str, reason: str) -> NoReturn:
    """Skip the test because `part` (docker, podman, registry, ssh, act, tmux) is missing; fail it where the part is required."""
    if part in REQUIRED:
        pytest.fail(f"{part} is required here but missing: {reason}")
    pytest.skip(f"no {part}: {reason}")


@contextmanager
def engine_in_use(*, alone: bool = False) -> Iterator[None]:
    """Use the Docker Engine beside other tests, or `alone`: each run removes at the engine what dead runs left there."""
    with Path(tempfile.gettempdir(), f"orun-test-engine-{os.getuid()}").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        yield
