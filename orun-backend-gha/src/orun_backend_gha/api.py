"""GitHub's REST API: the only file that speaks HTTP. Patient with limits, short with refusals, silent about the token."""

from __future__ import annotations

import subprocess
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from orun_core.spec.errors import Diagnostic, RunError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import requests

PUBLIC_SERVER = "https://github.com"
VERSION = "2022-11-28"
TRIES = 5
PATIENCE = 15 * 60.0
"""Seconds that a limit may make us wait before we give up."""
TIMEOUT = (10, 60)


class GitHub:
    """One repository's API. `pause` waits that many seconds; the caller makes it end early when the run is cancelled."""

    def __init__(self, base: str, repository: str, token: str, pause: Callable[[float], None]) -> None:
        import requests

        self.repository = repository
        self._base = base.rstrip("/")
        self.pause = pause
        self._session = requests.Session()
        self._session.headers.update(
            {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": VERSION, "User-Agent": "orun"}
        )
        if token:
            self._session.headers["Authorization"] = f"Bearer {token}"
        self._seen: dict[str, tuple[str, Any, str]] = {}

    def get(self, path: str, **params: str | int) -> Any:
        """The JSON at a path of the repository. Unchanged answers come from memory and cost nothing of the limit."""
        return self._page(self._url(path), params)[0]

    def find(self, path: str) -> Any:
        """The JSON at a path, or None while there is none."""
        try:
            return self.get(path)
        except RunError as error:
            if error.diagnostics[0].code != "github/not-found":
                raise
            return None

    def pages(self, path: str, key: str, **params: str | int) -> Iterator[Any]:
        """The items under `key` of all pages."""
        url, query = self._url(path), {"per_page": 100, **params}
        while url:
            body, url = self._page(url, query)
            query = {}
            yield from body[key] if key else body

    def post(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """The JSON that a request answers, or None. Never repeated after it may have had an effect."""
        return self._change("POST", path, body)

    def patch(self, path: str, body: Mapping[str, Any]) -> Any:
        """Change a thing; the answer's JSON."""
        return self._change("PATCH", path, body)

    def download(self, path: str, accept: str = "") -> bytes:
        """The bytes at a path; a download that ends early is begun again, then refused."""
        return self._send("GET", self._url(path), headers={"Accept": accept} if accept else {}).content

    def _url(self, path: str) -> str:
        return f"{self._base}/repos/{self.repository}{path}"

    def _change(self, method: str, path: str, body: Mapping[str, Any] | None) -> Any:
        answer = self._send(method, self._url(path), json=body)
        return answer.json() if answer.content else None

    def _page(self, url: str, params: Mapping[str, str | int]) -> tuple[Any, str]:
        """JSON and address of the next page, or nothing."""
        key = f"{url}?{sorted(params.items())}"
        etag, body, following = self._seen.get(key, ("", None, ""))
        answer = self._send("GET", url, params=params, headers={"If-None-Match": etag} if etag else {})
        if answer.status_code == 304:
            return body, following
        following = self._same_host(answer.links.get("next", {}).get("url", ""))
        body = answer.json()
        if "ETag" in answer.headers:
            self._seen[key] = (answer.headers["ETag"], body, following)
        return body, following

    def _same_host(self, url: str) -> str:
        """The address, if the token may go there."""
        return url if urlsplit(url)[:2] == urlsplit(self._base)[:2] else ""

    def _send(self, method: str, url: str, **options: Any) -> requests.Response:
        """The answer, after as many tries as its failures deserve. Raises `RunError`."""
        waited = 0.0
        for attempt in range(TRIES):
            answer, trouble = self._try(method, url, options)
            if answer is not None and answer.status_code < 400:
                return answer
            delay = 2.0**attempt if answer is None else _delay(answer, attempt)
            if answer is not None and delay is None:
                raise _refusal(answer, trouble)
            if method != "GET" and (answer is None or answer.status_code >= 500):
                break
            waited += delay or 0.0
            if waited > PATIENCE:
                message = f"GitHub asks to wait {waited:.0f} s: {trouble}"
                raise RunError(Diagnostic("github/rate-limited", message, hint="run it again later"))
            if attempt < TRIES - 1:
                self.pause(delay or 0.0)
        raise RunError(
            Diagnostic("github/unavailable", f"GitHub does not answer: {trouble}", hint="run it again later")
        )

    def _try(self, method: str, url: str, options: Mapping[str, Any]) -> tuple[requests.Response | None, str]:
        """One answer, or None, and what is wrong with it in words."""
        import requests

        what = f"{method} {urlsplit(url).path}"
        try:
            answer = self._session.request(method, url, timeout=TIMEOUT, **options)
        except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError) as error:
            return None, f"{what}: {type(error).__name__}"
        return answer, f"{what}: HTTP {answer.status_code} {_message(answer)}" if answer.status_code >= 400 else ""


def _delay(answer: requests.Response, attempt: int) -> float | None:
    """Seconds until another try makes sense; None when it never does."""
    if answer.status_code >= 500:
        return 2.0**attempt
    if answer.status_code not in (403, 429):
        return None
    if answer.headers.get("Retry-After", "").isdigit():
        return float(answer.headers["Retry-After"])
    if answer.headers.get("X-RateLimit-Remaining") == "0":
        return max(1.0, float(answer.headers.get("X-RateLimit-Reset", "0")) - _server_time(answer) + 1.0)
    return 60.0 * 2**attempt if "secondary rate limit" in _message(answer).lower() else None


def _server_time(answer: requests.Response) -> float:
    """The server's clock: ours may be wrong, and resets are told in the server's."""
    date = answer.headers.get("Date", "")
    return parsedate_to_datetime(date).timestamp() if date else 0.0


REFUSALS = {
    401: ("github/unauthorized", "set GITHUB_TOKEN or GH_TOKEN, or run `gh auth login`"),
    403: ("github/forbidden", "the token needs the permission `actions: write`, for comments `pull-requests: write`"),
    404: ("github/not-found", "check the names and the token's access; GitHub hides what a token may not see"),
}
"""HTTP status → code and hint; every other one is `github/refused`."""


def _refusal(answer: requests.Response, trouble: str) -> RunError:
    code, hint = REFUSALS.get(answer.status_code, ("github/refused", ""))
    return RunError(Diagnostic(code, f"GitHub refuses {trouble}", hint=hint))


def _message(answer: requests.Response) -> str:
    try:
        body = answer.json()
    except ValueError:
        return str(answer.reason or "")
    details = [
        str(item.get("message", item)) if isinstance(item, dict) else str(item) for item in body.get("errors", [])
    ]
    return "; ".join([str(body.get("message", "")), *details])


def token_of(environ: Mapping[str, str]) -> str:
    """The token: `GITHUB_TOKEN`, `GH_TOKEN`, else what `gh` keeps, else nothing."""
    token = environ.get("GITHUB_TOKEN") or environ.get("GH_TOKEN")
    if token:
        return token
    try:
        done = subprocess.run(["gh", "auth", "token"], capture_output=True, text=True, check=False, env=dict(environ))
    except FileNotFoundError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def server_of(environ: Mapping[str, str]) -> str:
    """Address of the server that has the repositories: that of the Enterprise server, else the public one."""
    server = environ.get("GITHUB_SERVER_URL") or environ.get("GH_HOST") or PUBLIC_SERVER
    return (server if "//" in server else f"https://{server}").rstrip("/")


def base_of(environ: Mapping[str, str]) -> str:
    """Address of the API: `GITHUB_API_URL`, else that of the Enterprise server, else the public one."""
    if environ.get("GITHUB_API_URL"):
        return environ["GITHUB_API_URL"]
    parts = urlsplit(server_of(environ))
    if parts.netloc == "github.com":
        return "https://api.github.com"
    if parts.netloc.endswith(".ghe.com"):
        return f"https://api.{parts.netloc}"
    return f"{parts.scheme}://{parts.netloc}/api/v3"
