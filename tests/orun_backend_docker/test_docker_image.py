"""Which image a job runs in, and when it is fetched."""

from __future__ import annotations

import os
import subprocess
import sys
from types import SimpleNamespace

import pytest
from docker_engine import IMAGE, engine_or_skip
from docker_registry import log_in, private_registry
from orun_backend_docker.image import Images, reference
from orun_backend_docker.options import DockerOptions
from orun_backend_docker.pinning import pin
from orun_core.plan.reader import read_plan
from orun_core.spec.errors import RunError
from ssh_host import socket_to_forward, ssh_host


@pytest.mark.parametrize(
    ("runs_on", "image"),
    [
        ("", "ubuntu:22.04"),
        ("ubuntu-20.04", "ubuntu:20.04"),
        ("ubuntu-22.04", "ubuntu:22.04"),
        ("ubuntu-24.04", "ubuntu:24.04"),
        ("ubuntu-latest", "ubuntu:latest"),
        ("node:22-alpine", "node:22-alpine"),
        ("big-machine", "example.test/big:7"),
    ],
)
def test_the_image_of_a_label(runs_on, image):
    assert reference(runs_on, DockerOptions(images={"big-machine": "example.test/big:7"})) == image


def test_the_mapping_wins_over_the_known_labels_and_the_default_is_an_option():
    options = DockerOptions(images={"ubuntu-24.04": "example.test/ubuntu:1"}, image="alpine:3.20")
    assert (reference("ubuntu-24.04", options), reference("", options)) == ("example.test/ubuntu:1", "alpine:3.20")


@pytest.fixture(scope="module")
def registry(tmp_path_factory):
    with private_registry(tmp_path_factory.mktemp("registry")) as host:
        yield host


@pytest.fixture
def private_image(registry, tmp_path, monkeypatch):
    """An image that is in a private registry and not in the engine, with an engine that is logged in."""
    log_in(tmp_path, registry, monkeypatch)
    name = f"{registry}/team/app:1"
    with engine_or_skip() as engine:
        engine.api.tag(IMAGE, f"{registry}/team/app", "1")
        pushed = list(engine.api.push(f"{registry}/team/app", "1", stream=True, decode=True))
        assert not [line for line in pushed if "error" in line]
        engine.api.remove_image(name)
        yield engine, name
        if engine.image(name):
            engine.api.remove_image(name)


def nobody(kind, message, data):
    """Takes no notes."""


@pytest.mark.docker
@pytest.mark.registry
def test_a_missing_image_is_pulled_with_the_credential_store_and_has_a_digest(private_image):
    engine, name = private_image
    notes = []
    images = Images(engine, DockerOptions())
    found = [images.get(name, lambda *note: notes.append(note)) for _ in range(2)]
    digest = engine.registry_digest(name)
    assert [image.digest for image in found] == [digest, digest]
    assert notes == [("image", f"{name} is {digest}", {"image": name, "digest": digest})]


@pytest.mark.docker
@pytest.mark.registry
def test_a_private_image_without_credentials_says_how_to_log_in(private_image, monkeypatch, tmp_path):
    _, name = private_image
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "nothing"))
    with engine_or_skip() as engine, pytest.raises(RunError) as caught:
        Images(engine, DockerOptions()).get(name, nobody)
    (said,) = caught.value.diagnostics
    assert said.code == "docker/no-image"
    assert said.message.startswith(f"cannot pull image {name}: ")
    assert "docker login" in said.hint


@pytest.mark.docker
@pytest.mark.registry
def test_pull_always_takes_the_newest(private_image):
    engine, name = private_image
    repository, _, tag = name.rpartition(":")
    old = Images(engine, DockerOptions()).get(name, nobody)
    made = engine.api.create_container(IMAGE, ["true"])["Id"]
    engine.api.commit(made, repository, tag)
    engine.api.remove_container(made)
    list(engine.api.push(repository, tag, stream=True))
    engine.api.remove_image(name)
    engine.api.tag(old.id, repository, tag)
    assert Images(engine, DockerOptions(pull="missing")).get(name, nobody).id == old.id
    assert Images(engine, DockerOptions(pull="always")).get(name, nobody).id != old.id


@pytest.mark.docker
def test_an_image_for_another_platform_is_not_taken():
    with engine_or_skip() as engine:
        own = engine.image(IMAGE)["Architecture"]
        wanted = DockerOptions(pull="never", platform=f"linux/{own}")
        assert Images(engine, wanted).get(IMAGE, nobody).reference == IMAGE
        with pytest.raises(RunError, match="the engine has no image"):
            Images(engine, DockerOptions(pull="never", platform="linux/s390x")).get(IMAGE, nobody)


@pytest.mark.docker
@pytest.mark.registry
def test_pinning(private_image):
    engine, name = private_image
    digest = engine.registry_digest(name)
    host = SimpleNamespace(environ=os.environ)
    pinned = f"{name}@{digest}"
    assert pin(host, DockerOptions(images={"big": name}), ("big", pinned)) == {"big": pinned, pinned: pinned}
    assert Images(engine, DockerOptions()).get(pinned, nobody).digest == digest


@pytest.mark.docker
@pytest.mark.registry
@pytest.mark.ssh
def test_pinning_by_an_engine_that_ssh_reaches(private_image, tmp_path):
    engine, name = private_image
    with ssh_host(tmp_path) as there:
        host = SimpleNamespace(environ=there.environ(socket_to_forward()))
        assert pin(host, None, (name,)) == {name: f"{name}@{engine.registry_digest(name)}"}
        assert there.users() == []


@pytest.mark.docker
def test_all_images_that_cannot_be_pinned_are_named():
    with engine_or_skip(), pytest.raises(RunError) as caught:
        pin(SimpleNamespace(environ=os.environ), None, ("127.0.0.1:1/a:1", "127.0.0.1:1/b:1"))
    assert [said.code for said in caught.value.diagnostics] == ["docker/no-digest", "docker/no-digest"]
    assert [said.message.split()[3] for said in caught.value.diagnostics] == ["127.0.0.1:1/a:1:", "127.0.0.1:1/b:1:"]


WORKSPACE = {
    "intent.yaml": """\
metadata: {name: pins}
compositions: {sources: [{name: local, kind: dir, path: ./stack}]}
discovery: {roots: [apps]}
environments: {dev: {}}
""",
    "stack/stack.yaml": "kind: Stack\nmetadata: {name: pins}\n",
    "stack/compositions/app/composition.yaml": """\
kind: Composition
metadata: {name: app}
spec:
  type: app
  defaultJob: test
  parameterSchema: {properties: {parameters: {type: object}}}
  jobs: [{name: test, runsOn: IMAGE, services: {db: {image: IMAGE}}, steps: [{name: test, run: "true"}]}]
""",
    "apps/web/component.yaml": """\
kind: Component
metadata: {name: web}
spec: {type: app, subscribe: {environments: [dev]}}
""",
}


@pytest.mark.docker
@pytest.mark.registry
def test_the_plan_names_digests_and_is_sealed_with_them(private_image, tmp_path):
    engine, name = private_image
    for path, text in WORKSPACE.items():
        file = tmp_path / "work" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.replace("IMAGE", name))
    command = [sys.executable, "-m", "orun_core.cli.main", "plan", "--pin-images", "-o", "plan.json"]
    environ = {**os.environ, "ORUN_CACHE_DIR": str(tmp_path / "cache")}
    subprocess.run(command, cwd=tmp_path / "work", env=environ, check=True, capture_output=True)
    (planned,) = read_plan(tmp_path / "work/plan.json").jobs
    pinned = f"{name}@{engine.registry_digest(name)}"
    assert (planned.runs_on, planned.services[0].image) == (pinned, pinned)
