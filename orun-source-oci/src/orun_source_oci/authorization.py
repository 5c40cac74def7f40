"""Authentication at a registry: Basic, or a Bearer token from the realm that it names. Credentials go to the registry's own host only."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode, urlsplit

from orun_core.spec.json_text import loads

from orun_source_oci.credentials import DOCKER_HUB
from orun_source_oci.errors import refused

if TYPE_CHECKING:
    from orun_source_oci.credentials import Credentials, CredentialStore
    from orun_source_oci.transport import Transport

HUB_REALM: Final = "auth.docker.io"
MAX_TOKEN: Final = 1 << 16
_CHALLENGE: Final = re.compile(r"\s*(Basic|Bearer)\s+(.*)", re.IGNORECASE | re.DOTALL)
_PARAMETER: Final = re.compile(r'(\w+)="([^"]*)"')


class Authorization:
    """The `Authorization` header of one registry host. `given` replaces the stored credentials."""

    def __init__(
        self, host: str, transport: Transport, store: CredentialStore, given: Credentials | None = None
    ) -> None:
        self.host = host
        self.header = ""
        self._transport = transport
        self._store = store
        self._given = given

    def answer(self, challenge: str, scope: str) -> bool:
        """Take the answer to a `WWW-Authenticate` challenge as the header; False when there is none to give.

        Raises `CompileError` (`source/refused-answer`, `source/unauthorized`, `source/credentials`).
        """
        match = _CHALLENGE.match(challenge)
        if not match:
            return False
        credentials = self._given or self._store.find(self.host)
        if match[1].lower() == "basic":
            self.header = credentials.basic() if credentials else ""
            return bool(credentials)
        self.header = "Bearer " + self._token(dict(_PARAMETER.findall(match[2])), scope, credentials)
        return True

    def _token(self, challenge: dict[str, str], scope: str, credentials: Credentials | None) -> str:
        realm = challenge.get("realm", "")
        self._transport.check(realm)
        query = {"service": challenge.get("service", ""), "scope": scope or challenge.get("scope", "")}
        url = f"{realm}{'&' if urlsplit(realm).query else '?'}{urlencode({k: v for k, v in query.items() if v})}"
        trusted = self._trusts(urlsplit(realm).netloc)
        headers = {"Authorization": credentials.basic()} if credentials and trusted else {}
        answer = self._transport.send("GET", url, headers)
        if answer.status != 200:
            hint = "" if trusted or not credentials else self._hint(realm)
            raise refused("unauthorized", f"{self.host}: its realm answers {answer.status}", hint or self._login())
        try:
            tree = loads(answer.content)
            token = tree.get("token") or tree["access_token"]
        except (ValueError, KeyError, AttributeError) as error:
            raise refused("refused-answer", f"{self.host}: its realm answers without a token") from error
        if not isinstance(token, str) or len(token) > MAX_TOKEN or not token.isascii() or not token.isprintable():
            raise refused("refused-answer", f"{self.host}: its realm's token is not one")
        return token

    def _trusts(self, realm: str) -> bool:
        """True for the registry's own host, docker's pair of hosts, and a host that the user is logged in to."""
        hub = self.host in DOCKER_HUB and realm == HUB_REALM
        return realm == self.host or hub or self._store.find(realm) is not None

    def _login(self) -> str:
        return f"log in with `orun login {self.host}`"

    def _hint(self, realm: str) -> str:
        other = urlsplit(realm).netloc
        return f"credentials of {self.host} are not sent to {other}; if you trust it, `orun login {other}` too"
