"""Credentials as docker keeps them."""

from __future__ import annotations

import base64
import json

import pytest
from orun_core.spec.errors import CompileError
from orun_source_oci.credentials import Credentials, CredentialStore

HELPER = """\
#!/bin/sh
cat > "$0.$1"
[ "$1" = get ] && {answer}
exit 0
"""


@pytest.fixture
def store(tmp_path):
    return CredentialStore({"DOCKER_CONFIG": str(tmp_path), "PATH": f"{tmp_path}:/usr/bin:/bin"})


def write(tmp_path, tree):
    (tmp_path / "config.json").write_text(tree if isinstance(tree, str) else json.dumps(tree))


def helper(tmp_path, answer):
    path = tmp_path / "docker-credential-box"
    path.write_text(HELPER.format(answer=answer))
    path.chmod(0o755)


def test_what_was_saved_is_found_and_removed(tmp_path, store):
    write(tmp_path, {"auths": {"other.example": {"auth": "eDp5"}}, "detachKeys": "ctrl-q"})
    assert store.find("h.example:5000") is None
    store.save("h.example:5000", Credentials("ada", "pass:word"))
    assert (tmp_path / "config.json").stat().st_mode & 0o777 == 0o600
    assert store.find("h.example:5000") == Credentials("ada", "pass:word")
    assert store.remove("h.example:5000")
    assert not store.remove("h.example:5000")
    assert json.loads((tmp_path / "config.json").read_text()) == {
        "auths": {"other.example": {"auth": "eDp5"}},
        "detachKeys": "ctrl-q",
    }


def test_docker_hub_has_a_name_of_its_own(tmp_path, store):
    store.save("docker.io", Credentials("ada", "x"))
    assert list(json.loads((tmp_path / "config.json").read_text())["auths"]) == ["https://index.docker.io/v1/"]
    assert store.find("registry-1.docker.io") == Credentials("ada", "x")


@pytest.mark.parametrize("config", [{"credHelpers": {"h.example": "box"}}, {"credsStore": "box"}])
def test_a_helper_is_asked_told_and_made_to_forget(tmp_path, store, config):
    write(tmp_path, config)
    helper(tmp_path, """echo '{"Username": "ada", "Secret": "s"}'""")
    assert store.find("h.example") == Credentials("ada", "s")
    assert store.save("h.example", Credentials("ada", "s")) == "docker-credential-box"
    assert json.loads((tmp_path / "docker-credential-box.store").read_text())["Secret"] == "s"
    assert store.remove("h.example")
    assert (tmp_path / "docker-credential-box.erase").read_text() == "h.example"
    assert json.loads((tmp_path / "config.json").read_text()) == config


def test_a_helper_without_credentials(tmp_path, store):
    write(tmp_path, {"credsStore": "box"})
    helper(tmp_path, "{ echo 'credentials not found in native keychain'; exit 1; }")
    assert store.find("h.example") is None


@pytest.mark.parametrize("answer", ["exit 3", "echo hello", "echo '{}'", "echo '[]'"])
def test_a_helper_that_fails(tmp_path, store, answer):
    write(tmp_path, {"credsStore": "box"})
    helper(tmp_path, answer)
    with pytest.raises(CompileError) as caught:
        store.find("h.example")
    assert caught.value.diagnostics[0].code == "source/credentials"


@pytest.mark.parametrize(
    "config",
    [
        "{",
        "[]",
        {"credsStore": "../../bin/evil"},
        {"credsStore": "missing-one"},
        {"auths": {"h.example": {"auth": "!"}}},
        {"auths": {"h.example": {"auth": base64.b64encode(b"nocolon").decode()}}},
    ],
)
def test_a_damaged_configuration_is_not_passed_over(tmp_path, store, config):
    write(tmp_path, config)
    with pytest.raises(CompileError) as caught:
        store.find("h.example")
    assert caught.value.diagnostics[0].code == "source/credentials"


def test_a_password_is_never_shown():
    assert "pass:word" not in repr(Credentials("ada", "pass:word"))


@pytest.mark.parametrize("environ", [{}, {"HOME": ""}, {"HOME": "", "DOCKER_CONFIG": ""}])
def test_the_working_folder_brings_no_credentials(environ):
    assert CredentialStore(environ).path.is_absolute()
