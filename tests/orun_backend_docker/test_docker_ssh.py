"""An engine is reached by ssh through a tunnel; the address itself is refused with the way to open one."""

from __future__ import annotations

import pytest
from orun_backend_docker.engine import Engine
from orun_core.spec.errors import RunError


def test_an_ssh_address_names_the_tunnel() -> None:
    with pytest.raises(RunError) as caught:
        Engine.connect({"DOCKER_HOST": "ssh://build@example.test"})
    (problem,) = caught.value.diagnostics
    assert problem.code == "docker/no-engine"
    assert "ssh -nNT -L /tmp/engine.sock:/var/run/docker.sock" in problem.hint
