"""Credentials of registries: docker's config.json and its credential helpers."""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from orun_core.spec.json_text import loads

from orun_source_oci.errors import refused

if TYPE_CHECKING:
    from collections.abc import Mapping

DOCKER_HUB: Final = {"docker.io", "index.docker.io", "registry-1.docker.io"}
HUB_KEY: Final = "https://index.docker.io/v1/"
_HELPER: Final = re.compile(r"[A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user and a password or access token; never shown."""

    user: str
    password: str = field(repr=False)

    def basic(self) -> str:
        """The value of an `Authorization` header."""
        return "Basic " + base64.b64encode(f"{self.user}:{self.password}".encode()).decode()


class CredentialStore:
    """Where docker keeps credentials: `$DOCKER_CONFIG/config.json`, else `~/.docker/config.json`, and the helpers it names."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        folder = environ.get("DOCKER_CONFIG") or Path(environ.get("HOME") or "/", ".docker")
        self.path = Path(folder, "config.json")

    def find(self, host: str) -> Credentials | None:
        """The credentials of a registry, or None. Raises `CompileError` (`source/credentials`)."""
        config = self._read()
        if helper := self._helper(config, host):
            return self._ask(helper, host)
        for key in _keys(host):
            entry = (config.get("auths") or {}).get(key)
            if isinstance(entry, dict) and entry.get("auth"):
                return self._decoded(str(entry["auth"]), key)
        return None

    def save(self, host: str, credentials: Credentials) -> str:
        """Keep credentials; returns where: a helper's name or the path of config.json."""
        config = self._read()
        if helper := self._helper(config, host):
            secret = {"ServerURL": _key(host), "Username": credentials.user, "Secret": credentials.password}
            self._call(helper, "store", json.dumps(secret))
            return f"docker-credential-{helper}"
        encoded = base64.b64encode(f"{credentials.user}:{credentials.password}".encode()).decode()
        config.setdefault("auths", {})[_key(host)] = {"auth": encoded}
        self._write(config)
        return str(self.path)

    def remove(self, host: str) -> bool:
        """Forget the credentials of a registry; False when there are none."""
        config = self._read()
        if helper := self._helper(config, host):
            known = self._ask(helper, host) is not None
            if known:
                self._call(helper, "erase", _key(host))
            return known
        auths = config.get("auths") or {}
        removed = [auths.pop(key) for key in _keys(host) if key in auths]
        if removed:
            self._write(config)
        return bool(removed)

    def _read(self) -> dict[str, Any]:
        try:
            tree = loads(self.path.read_bytes())
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise refused("credentials", f"cannot read {self.path}: {error}") from error
        if not isinstance(tree, dict):
            raise refused("credentials", f"{self.path} does not hold an object")
        return tree

    def _write(self, config: dict[str, Any]) -> None:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=self.path.parent, delete=False) as file:
            json.dump(config, file, indent="\t")
            file.flush()
            os.fsync(file.fileno())
        Path(file.name).replace(self.path)

    def _helper(self, config: Mapping[str, Any], host: str) -> str:
        helpers = config.get("credHelpers") or {}
        named = next((helpers[key] for key in _keys(host) if key in helpers), config.get("credsStore") or "")
        if named and not _HELPER.fullmatch(str(named)):
            raise refused("credentials", f"{self.path} names a credential helper '{named}'")
        return str(named)

    def _ask(self, helper: str, host: str) -> Credentials | None:
        answer = self._call(helper, "get", _key(host), absent=True)
        if answer is None:
            return None
        try:
            tree = loads(answer)
            return Credentials(str(tree["Username"]), str(tree["Secret"]))
        except (ValueError, KeyError, TypeError) as error:
            raise refused("credentials", f"docker-credential-{helper} answered something else than JSON") from error

    def _call(self, helper: str, action: str, text: str, *, absent: bool = False) -> str | None:
        name = f"docker-credential-{helper}"
        try:
            done = subprocess.run(
                [name, action],
                input=text,
                capture_output=True,
                text=True,
                timeout=30,
                env=dict(self.environ),
                check=False,
            )
        except FileNotFoundError as error:
            hint = f"{self.path} names it; install it or remove it there"
            raise refused("credentials", f"the credential helper {name} is not installed", hint) from error
        except subprocess.TimeoutExpired as error:
            raise refused("credentials", f"{name} {action} did not answer within 30 s") from error
        if done.returncode == 0:
            return done.stdout
        if absent and "not found" in done.stdout.lower() + done.stderr.lower():
            return None
        raise refused("credentials", f"{name} {action} failed with status {done.returncode}")

    def _decoded(self, encoded: str, key: str) -> Credentials:
        try:
            user, colon, password = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            user, colon, password = "", "", ""
        if not colon:
            raise refused(
                "credentials", f"the entry of {key} in {self.path} is damaged", "log in again with `orun login`"
            )
        return Credentials(user, password)


def _key(host: str) -> str:
    return HUB_KEY if host in DOCKER_HUB else host


def _keys(host: str) -> tuple[str, ...]:
    return (_key(host), host, f"https://{host}", f"https://{host}/", f"http://{host}")
