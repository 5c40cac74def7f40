"""Intents that use several stacks, with references as people write them: which stack gives a type, from a real registry."""

from __future__ import annotations

import json

import pytest
from oci_stack import write_stack

pytestmark = pytest.mark.registry

INTENT = """\
apiVersion: sourceplane.io/v1
kind: Intent
metadata: {{name: shop}}
compositions:
  sources:
    - {{name: house, kind: oci, ref: {host}/acme/house}}
    - {{name: team, kind: oci, ref: "oci://{host}/acme/team:1.0.0"}}
    - {{name: here, kind: dir, path: ./local}}
  resolution: {resolution}
environments:
  dev: {{}}
components:
  - {{name: api, type: svc, subscribe: {{environments: [dev]}}}}
"""


@pytest.fixture
def shop(registry, machine, tmp_path):
    """Compiles an intent with three stacks that all export `svc`; the script of the job that results names its stack."""
    author = machine("author")
    host = registry.host.replace("localhost", "127.0.0.1")
    here = author.home / "shop"
    for name, tag in (("house", "latest"), ("team", "1.0.0")):
        author.orun("publish", "--root", str(named(tmp_path / name, name)), "--ref", f"{host}/acme/{name}:{tag}")
    named(here / "local", "here")

    def shop(resolution, status=0):
        (here / "intent.yaml").write_text(INTENT.format(host=host, resolution=resolution))
        said = author.orun("plan", "-o", "-", cwd=here, status=status)
        return said if status else json.loads(said)["jobs"][0]["steps"][0]["run"]

    return shop


def named(folder, name):
    write_stack(folder)
    path = folder / "compositions/svc/composition.yaml"
    path.write_text(path.read_text().replace("echo hello", f"echo {name}"))
    return folder


def test_precedence_and_bindings_choose_among_stacks(shop):
    assert "[normalize/ambiguous-type]" in shop("{}", status=3)
    assert shop("{precedence: [team, house]}") == "echo team"
    assert shop("{precedence: [house, here]}") == "echo house"
    assert shop("{precedence: [house], bindings: {svc: here}}") == "echo here"
    assert shop("{bindings: {svc: team}}") == "echo team"
    assert "[normalize/unknown-source]" in shop("{bindings: {svc: tema}}", status=3)
