"""Talking to a vault: a password is exchanged for a token once, the token opens everything else."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from orun_core.spec.errors import CompileError, Diagnostic

MAX_ANSWER = 64 << 20


class Session:
    """One vault. Its token is in `$XDG_CONFIG_HOME/orun-vault/<host>`, readable by its user only."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        base = os.environ.get("XDG_CONFIG_HOME") or Path(os.environ.get("HOME", "/"), ".config")
        self._token = Path(base, "orun-vault", urlsplit(url).netloc.replace(":", "_"))

    def login(self, user: str, password: str) -> None:
        """Exchange a password for a token and keep it."""
        body = json.dumps({"user": user, "password": password}).encode()
        token = str(self._json("/login", body)["token"])
        self._token.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(os.open(self._token, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:  # noqa: PTH123
            file.write(token)

    def version(self, name: str, version: str) -> dict[str, Any]:
        """What the vault has of a package: `version` and `digest` of its archive."""
        return self._json(f"/packages/{name}/{version}")

    def archive(self, digest: str) -> bytes:
        """The bytes that the vault has under a digest; not verified."""
        return self._read(f"/archives/{digest}")

    def _json(self, path: str, body: bytes | None = None) -> dict[str, Any]:
        tree = json.loads(self._read(path, body))
        return tree if isinstance(tree, dict) else {}

    def _read(self, path: str, body: bytes | None = None) -> bytes:
        token = self._token.read_text() if self._token.is_file() else ""
        request = urllib.request.Request(self.url + path, body, {"Authorization": f"Bearer {token}"})
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                content: bytes = response.read(MAX_ANSWER + 1)
        except urllib.error.HTTPError as error:
            hint = f"log in with `orun vault-login {self.url} -u NAME`" if error.code == 401 else ""
            error.close()
            raise CompileError(Diagnostic("vault/refused", f"{self.url}{path}: {error.code}", hint=hint)) from error
        except OSError as error:
            raise CompileError(Diagnostic("vault/unreachable", f"{self.url}: {error}")) from error
        if len(content) > MAX_ANSWER:
            raise CompileError(Diagnostic("vault/refused", f"{self.url}{path}: more than {MAX_ANSWER} bytes"))
        return content
