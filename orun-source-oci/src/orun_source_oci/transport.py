"""HTTP for registries: answers are bounded in size and time, failures are retried, and secrets stay with their host. The only importer of requests."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import field
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin, urlsplit

import requests
from orun_core.spec.frozen import frozen
from urllib3.exceptions import HTTPError

from orun_source_oci.errors import refused
from orun_source_oci.reference import is_loopback

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

RETRIED: Final = frozenset({408, 429, 500, 502, 503, 504})
REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
MAX_REDIRECTS: Final = 5
CHUNK: Final = 1 << 16


@frozen
class Patience:
    """How long to try: attempts, the first pause between them and the longest, and seconds for connecting, each read, one answer."""

    attempts: int = 4
    pause: float = 0.5
    longest: float = 20
    connect: float = 10
    read: float = 30
    answer: float = 300


@frozen
class Rules:
    """Whom to trust. `plain`: hosts that may be spoken to without TLS, beside loopback. `ca`: file of root certificates."""

    plain: frozenset[str] = frozenset()
    ca: str = ""
    patience: Patience = field(default_factory=Patience)


@frozen
class Answer:
    """What a server said, headers by lower-case name, and the bytes when they were not received elsewhere."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    url: str


class _Session(requests.Session):
    """A session that leaves redirects to us, also the look at where one leads."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Nowhere."""


class _NoAddressError(Exception):
    """A server sent us to something that is no address."""


@contextmanager
def _addressed() -> Iterator[None]:
    """Turn what urllib and requests say about malformed addresses into `_NoAddressError`."""
    try:
        yield
    except ValueError as error:
        raise _NoAddressError from error


class Transport:
    """Sends requests; knows no registry. `sleep` waits between attempts."""

    def __init__(self, rules: Rules, sleep: Callable[[float], None] = time.sleep) -> None:
        self.rules = rules
        self._sleep = sleep
        self._session = _Session()
        self._session.trust_env = False
        self._schemes: dict[str, str] = {}

    def base(self, host: str) -> str:
        """`https://HOST`; `http://HOST` for a host that may be spoken to without TLS and does not speak it."""
        if host not in self._schemes:
            self._schemes[host] = "http" if self._is_plain(host) and not self._speaks_tls(host) else "https"
        return f"{self._schemes[host]}://{host}"

    def send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes = b"",
        receive: Callable[[Iterator[bytes]], bytes] | None = None,
    ) -> Answer:
        """The final answer after redirects and retries. `receive` gets the chunks of a 200, once per attempt.

        Raises `CompileError` (`source/unreachable`, `source/refused-answer`).
        """
        patience, pause, problem = self.rules.patience, self.rules.patience.pause, ""
        for attempt in range(patience.attempts):
            if attempt:
                self._sleep(min(pause, patience.longest))
                pause *= 2
            try:
                with self._follow(method, url, headers, body) as response:
                    if response.status_code not in RETRIED:
                        return self._answer(response, receive)
                    problem = f"it answers {response.status_code}"
                    pause = max(pause, _retry_after(response))
            except _NoAddressError as error:
                raise refused("refused-answer", f"{_host(url)} names an address that is none") from error
            except (requests.ConnectionError, requests.Timeout, HTTPError) as error:
                if "CERTIFICATE_VERIFY_FAILED" in str(error):
                    hint = "name the file of its root certificate in SSL_CERT_FILE"
                    raise refused("unreachable", f"{_host(url)}: its certificate is not trusted", hint) from error
                problem = f"the connection broke: {type(error).__name__}"
        raise refused("unreachable", f"{_host(url)} cannot be used: {problem}, {patience.attempts} times")

    def _answer(self, response: requests.Response, receive: Callable[[Iterator[bytes]], bytes] | None) -> Answer:
        headers = {name.lower(): value for name, value in response.headers.items()}
        if headers.get("content-encoding", "identity") != "identity":
            raise refused("refused-answer", f"{_host(response.url)} compresses what was asked for as it is")
        read = receive if receive and response.status_code == 200 else bounded(4 << 20)
        return Answer(response.status_code, headers, read(self._chunks(response)), response.url)

    def _chunks(self, response: requests.Response) -> Iterator[bytes]:
        deadline = time.monotonic() + self.rules.patience.answer
        while chunk := response.raw.read1(CHUNK, decode_content=False):
            if time.monotonic() > deadline:
                raise refused("unreachable", f"{_host(response.url)} takes longer than {self.rules.patience.answer} s")
            yield chunk

    def _follow(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> requests.Response:
        """One attempt. Another host gets no credentials; a step from TLS to plain HTTP is refused."""
        first = _host(url)
        sent = {"Accept-Encoding": "identity", "User-Agent": "orun", **headers}
        for _ in range(MAX_REDIRECTS + 1):
            response = self._once(method, url, sent, body)
            if response.status_code not in REDIRECTS:
                return response
            location = response.headers.get("Location", "")
            response.close()
            with _addressed():
                target = urljoin(url, location)
            if method not in ("GET", "HEAD"):
                raise refused("refused-answer", f"{first} redirects a {method}")
            self.check(target)
            if urlsplit(url).scheme == "https" and urlsplit(target).scheme != "https":
                raise refused("refused-answer", f"{first} redirects from TLS to plain HTTP at {_host(target)}")
            if is_loopback(_host(target)) and not is_loopback(first):
                raise refused("refused-answer", f"{first} redirects to this machine")
            if _host(target) != first:
                sent.pop("Authorization", None)
            url = target
        raise refused("refused-answer", f"{first} redirects more than {MAX_REDIRECTS} times")

    def check(self, url: str) -> None:
        """Raise `CompileError` (`source/refused-answer`) for an address that is not TLS and may not be plain."""
        try:
            parts = urlsplit(url)
        except ValueError as error:
            raise refused("refused-answer", f"{url!r} is no address") from error
        if parts.scheme != "https" and not (parts.scheme == "http" and self._is_plain(parts.netloc)):
            hint = f"allow it with ORUN_PLAIN_HTTP={parts.netloc}"
            raise refused("refused-answer", f"{parts.netloc or url} would be spoken to without TLS", hint)
        if "@" in parts.netloc:
            raise refused("refused-answer", f"an address with a user in it: {_host(url)}")

    def _once(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> requests.Response:
        patience = self.rules.patience
        with _addressed():
            return self._session.request(
                method,
                url,
                headers=dict(headers),
                data=body or None,
                stream=True,
                allow_redirects=False,
                timeout=(patience.connect, patience.read),
                verify=self.rules.ca or True,
                proxies=requests.utils.get_environ_proxies(url),
            )

    def _is_plain(self, host: str) -> bool:
        return is_loopback(host) or host in self.rules.plain

    def _speaks_tls(self, host: str) -> bool:
        try:
            self._once("GET", f"https://{host}/v2/", {"User-Agent": "orun"}, b"").close()
        except requests.exceptions.SSLError as error:
            return "CERTIFICATE_VERIFY_FAILED" in str(error)
        except (requests.ConnectionError, requests.Timeout):
            return False
        return True


def bounded(limit: int) -> Callable[[Iterator[bytes]], bytes]:
    """A receiver that keeps at most so many bytes; raises `CompileError` (`source/refused-answer`) for more."""

    def receive(chunks: Iterator[bytes]) -> bytes:
        content = bytearray()
        for chunk in chunks:
            content += chunk
            if len(content) > limit:
                raise refused("refused-answer", f"the answer has more than {limit} bytes")
        return bytes(content)

    return receive


def _host(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2]


def _retry_after(response: requests.Response) -> float:
    seconds = response.headers.get("Retry-After", "")
    return float(seconds) if seconds.isascii() and seconds.isdigit() else 0.0
