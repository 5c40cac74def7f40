"""Publish, lock, pull on another machine: against real registries, through the command line."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest
from oci_stack import write_intent, write_stack

pytestmark = pytest.mark.registry


def plan_bytes(folder):
    return b"".join(path.read_bytes() for path in sorted((folder / ".orun/plans").glob("*.json")))


def test_another_machine_plans_the_same_bytes(registry, machine, stack):
    author, user, other = machine("author"), machine("user"), machine("other")
    published = author.orun("publish", "--root", str(stack), "--ref", f"{registry.host}/acme/platform:1.2.0")
    digest = published.split()[-1]
    here = write_intent(user.home / "shop", f"oci://{registry.host}/acme/platform:1.2.0")
    user.orun("compositions", "lock", cwd=here)
    user.orun("plan", cwd=here)
    assert f"resolvedDigest: {digest}\n" in (here / ".orun/compositions.lock.yaml").read_text()

    there = other.home / "deep/down/checkout"
    shutil.copytree(here, there, ignore=shutil.ignore_patterns("plans"))
    said = other.orun("plan", "--frozen", "--offline", cwd=there, status=3)
    assert "[source/offline]" in said
    other.orun("compositions", "pull", "--frozen", cwd=there)
    other.orun("plan", "--frozen", "--offline", cwd=there)
    assert plan_bytes(there) == plan_bytes(here) != b""
    assert b".cache" not in plan_bytes(here)

    shutil.rmtree(user.home / ".cache")
    user.orun("plan", "--frozen", cwd=here)
    assert plan_bytes(there) == plan_bytes(here)


def test_the_release_script_of_a_stack(registry, machine, stack, tmp_path):
    author = machine("author")
    reference = f"{registry.host}/acme/released"
    bare = ("publish", reference, "--root", str(stack), "--version", "7.1.0")
    said = author.orun(*bare, "--dry-run")
    assert f"would publish {reference}:7.1.0\n" in said
    assert (
        author.orun("publish", f"{reference}:7.1.0", "--root", str(stack), "--version", "7.1.0").split()[-1]
        == (author.orun(*bare).split()[-1])
    )
    shown = json.loads(author.orun("inspect", f"{reference}:7.1.0"))
    assert shown["manifest"]["annotations"]["org.opencontainers.image.version"] == "7.1.0"
    assert "[usage/command-line]" in author.orun(*bare, "--ref", f"{reference}:8", status=2)

    out = tmp_path / "published"
    fetch = ("fetch", f"{reference}:7.1.0", "--output", str(out))
    assert author.orun(*fetch).splitlines()[-1] == str(out)
    assert (out / "stack.yaml").read_bytes() == (stack / "stack.yaml").read_bytes()
    (out / "stack.yaml").write_text("changed")
    assert "--overwrite" in author.orun(*fetch, status=2)
    author.orun(*fetch, "--overwrite")
    assert (out / "stack.yaml").read_bytes() == (stack / "stack.yaml").read_bytes()


def test_a_moved_tag_changes_nothing_until_the_lock_is_updated(registry, machine, tmp_path):
    author = machine("author")
    reference = f"{registry.host}/acme/moving:stable"
    first = author.orun("publish", "--root", str(write_stack(tmp_path / "one")), "--ref", reference).split()[-1]
    here = write_intent(author.home / "shop", f"oci://{reference}")
    author.orun("compositions", "lock", cwd=here)
    second = author.orun("publish", "--root", str(write_stack(tmp_path / "two", "2.0.0")), "--ref", reference).split()[
        -1
    ]
    assert first != second
    author.orun("plan", cwd=here)
    author.orun("compositions", "lock", "--check", cwd=here)
    assert f"resolvedDigest: {first}\n" in (here / ".orun/compositions.lock.yaml").read_text()
    outdated = json.loads(author.orun("compositions", "outdated", "-f", "json", cwd=here))["outdated"]
    assert [(row["name"], row["locked"], row["latest"]) for row in outdated] == [("platform", first, second)]
    author.orun("compositions", "lock", "--update", "platform", cwd=here)
    assert f"resolvedDigest: {second}\n" in (here / ".orun/compositions.lock.yaml").read_text()


def test_a_range_is_resolved_into_the_lock(registry, machine, tmp_path):
    author = machine("author")
    for version in ("1.1.0", "1.2.0", "1.3.0-rc.1", "2.0.0"):
        folder = write_stack(tmp_path / version, version)
        author.orun("publish", "--root", str(folder), "--ref", f"{registry.host}/acme/ranged:{version}")
    here = write_intent(author.home / "shop", f"oci://{registry.host}/acme/ranged:^1.1")
    author.orun("compositions", "lock", cwd=here)
    assert "      version: 1.2.0\n" in (here / ".orun/compositions.lock.yaml").read_text().replace('"', "")
    author.orun(
        "publish", "--root", str(write_stack(tmp_path / "new", "1.4.0")), "--ref", f"{registry.host}/acme/ranged:1.4.0"
    )
    author.orun("plan", "--frozen", "--offline", cwd=here)
    author.orun("compositions", "lock", "--update", "platform", cwd=here)
    assert "      version: 1.4.0\n" in (here / ".orun/compositions.lock.yaml").read_text().replace('"', "")
    nothing = write_intent(author.home / "none", f"oci://{registry.host}/acme/ranged:^7")
    assert "[source/no-version]" in author.orun("compositions", "lock", cwd=nothing, status=3)


def test_frozen_refuses_what_is_not_locked(registry, machine, stack):
    author = machine("author")
    author.orun("publish", "--root", str(stack), "--ref", f"{registry.host}/acme/frozen:1.2.0")
    here = write_intent(author.home / "shop", f"oci://{registry.host}/acme/frozen:1.2.0")
    assert "[lock/missing]" in author.orun("plan", cwd=here, status=3, CI="true")
    author.orun("plan", "--no-frozen", cwd=here, CI="true")
    author.orun("plan", cwd=here, CI="true")
    write_intent(here, f"oci://{registry.host}/acme/frozen:1.3.0")
    assert "[lock/stale]" in author.orun("plan", cwd=here, status=3, CI="true")


def test_credentials_over_tls(private_registry, machine, stack):
    author = machine("author", SSL_CERT_FILE=str(private_registry.ca))
    reference = f"{private_registry.host}/acme/platform:1.2.0"
    assert "[source/unauthorized]" in author.orun("publish", "--root", str(stack), "--ref", reference, status=3)
    wrong = author.orun("login", private_registry.host, "-u", "ada", "--password-stdin", stdin="no\n", status=3)
    assert "[source/unauthorized]" in wrong
    assert not (author.home / ".docker").exists()
    assert "[source/bad-reference]" in author.orun("login", "http://x/y", "-u", "ada", stdin="x\n", status=3)
    said = author.orun(
        "login", f"https://{private_registry.host}/", "-u", "ada", "--password-stdin", stdin="pass:word\n"
    )
    assert "pass:word" not in said
    assert (author.home / ".docker/config.json").stat().st_mode & 0o777 == 0o600
    author.orun("publish", "--root", str(stack), "--ref", reference)
    here = write_intent(author.home / "shop", f"oci://{reference}")
    author.orun("compositions", "lock", cwd=here)
    for path in here.rglob("*"):
        assert not path.is_file() or b"pass:word" not in path.read_bytes()
    assert "logged out" in author.orun("logout", private_registry.host)
    shutil.rmtree(author.home / ".cache")
    assert "[source/unauthorized]" in author.orun("compositions", "pull", cwd=here, status=3)


def test_an_unknown_certificate_is_refused(private_registry, machine):
    here = write_intent(machine("a").home / "shop", f"oci://{private_registry.host}/acme/platform:1.2.0")
    said = machine("b").orun("compositions", "lock", cwd=here, status=3)
    assert "[source/unreachable]" in said
    assert "certificate is not trusted" in said


def test_a_credential_helper_is_asked(private_registry, machine, stack, tmp_path):
    helpers = tmp_path / "helpers"
    helpers.mkdir()
    helper = helpers / "docker-credential-box"
    helper.write_text('#!/bin/sh\ncat >/dev/null\necho \'{"Username": "ada", "Secret": "pass:word"}\'\n')
    helper.chmod(0o755)
    author = machine("author", SSL_CERT_FILE=str(private_registry.ca))
    (author.home / ".docker").mkdir()
    (author.home / ".docker/config.json").write_text(json.dumps({"credHelpers": {private_registry.host: "box"}}))
    reference = f"{private_registry.host}/acme/helped:1"
    path = f"{helpers}:/usr/bin:/bin"
    author.orun("publish", "--root", str(stack), "--ref", reference, PATH=path)
    missing_helper = author.orun("fetch", f"oci://{reference}", status=3)
    assert "[source/credentials]" in missing_helper


@pytest.fixture
def keys(tmp_path):
    for name in ("good", "other"):
        pem = tmp_path / f"{name}.pem"
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", pem], check=True, capture_output=True)
        public = tmp_path / f"{name}.pub"
        subprocess.run(["openssl", "pkey", "-in", pem, "-pubout", "-out", public], check=True, capture_output=True)
    return tmp_path


def test_signatures_are_enforced_also_from_the_cache(registry, machine, stack, keys):
    author = machine("author")
    signed, unsigned = f"{registry.host}/acme/signed:1", f"{registry.host}/acme/unsigned:1"
    author.orun("publish", "--root", str(stack), "--ref", signed, "--sign", "--key", str(keys / "good.pem"))
    author.orun("publish", "--root", str(stack), "--ref", unsigned)
    verify = ', verify: {{keyRef: "{}", required: true}}'
    good = write_intent(author.home / "good", f"oci://{signed}", verify.format(keys / "good.pub"))
    author.orun("compositions", "lock", cwd=good)
    author.orun("plan", "--frozen", "--offline", cwd=good)
    later = machine("later")
    added = write_intent(later.home / "added", f"oci://{signed}")
    later.orun("compositions", "lock", cwd=added)
    write_intent(added, f"oci://{signed}", verify.format(keys / "good.pub"))
    assert "[source/unsigned]" in later.orun("plan", "--frozen", cwd=added, status=3)
    later.orun("compositions", "pull", cwd=added)
    later.orun("plan", "--frozen", "--offline", cwd=added)
    bad = write_intent(author.home / "bad", f"oci://{signed}", verify.format(keys / "other.pub"))
    assert "[source/unsigned]" in author.orun("compositions", "lock", cwd=bad, status=3)
    stranger = machine("stranger")
    none = write_intent(stranger.home / "none", f"oci://{unsigned}", verify.format(keys / "good.pub"))
    assert "[source/unsigned]" in stranger.orun("compositions", "lock", cwd=none, status=3)
    no_key = write_intent(author.home / "no-key", f"oci://{signed}", verify.format(keys / "none.pub"))
    assert "[source/bad-key]" in author.orun("compositions", "lock", cwd=no_key, status=3)
    shown = json.loads(author.orun("inspect", f"oci://{signed}"))
    assert len(shown["signedBy"]) == 1


def test_inspect_fetch_and_dry_run(registry, machine, stack):
    author = machine("author")
    reference = f"{registry.host}/acme/shown:1.2.0"
    promised = author.orun("publish", "--root", str(stack), "--ref", reference, "--dry-run").split()[-1]
    assert "[source/not-found]" in author.orun("inspect", f"oci://{reference}", status=3)
    assert author.orun("publish", "--root", str(stack), "--ref", reference).split()[-1] == promised
    shown = json.loads(author.orun("inspect", f"oci://{reference}"))
    assert shown["digest"] == promised
    assert [layer["mediaType"].split(".")[3] for layer in shown["manifest"]["layers"]] == ["compositions", "examples"]
    assert shown["manifest"]["annotations"]["org.opencontainers.image.version"] == "1.2.0"
    digest, folder = author.orun("fetch", f"oci://{reference}").split()
    assert digest == promised
    assert (author.home / folder / "stack.yaml").is_file()
    assert not (author.home / folder / "examples").exists()


def test_a_tampered_cache_is_refused(registry, machine, stack):
    author = machine("author")
    reference = f"{registry.host}/acme/tampered:1"
    author.orun("publish", "--root", str(stack), "--ref", reference)
    here = write_intent(author.home / "shop", f"oci://{reference}")
    author.orun("plan", cwd=here)
    [manifest] = (author.home / ".cache/orun/packages").glob("sha256/*/tree/stack.yaml")
    manifest.write_text(manifest.read_text() + "# changed\n")
    assert "[cache/changed]" in author.orun("plan", cwd=here, status=3)
    assert "[cache/changed]" in author.orun("cache", "verify", status=3)
    author.orun("cache", "gc")
    author.orun("plan", cwd=here)
