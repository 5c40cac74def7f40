"""Real parts for real tests: a part that is missing skips visibly, or fails where `ORUN_TEST_REQUIRE` names it."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest

REQUIRED = frozenset(filter(None, os.environ.get("ORUN_TEST_REQUIRE", "").split(",")))


def missing(part: str, reason: str) -> NoReturn:
    """Skip the test because `part` (docker, registry, ssh, act, tmux) is missing; fail it where the part is required."""
    if part in REQUIRED:
        pytest.fail(f"{part} is required here but missing: {reason}")
    pytest.skip(f"no {part}: {reason}")
