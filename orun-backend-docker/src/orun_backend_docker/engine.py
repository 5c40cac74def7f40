"""The Docker Engine behind its API: the one place that knows the SDK, and that turns its failures into messages."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from orun_core.spec.errors import Diagnostic, RunError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from docker import APIClient

DEFAULT_HOST = "unix:///var/run/docker.sock"
_LIBRARY_CALLS = 60
_CONNECTIONS = 100
_SILENCE = 5.0


def is_remote(environ: Mapping[str, str]) -> bool:
    """True when the engine is behind a network address, so that it does not see this machine's files."""
    return urlsplit(environ.get("DOCKER_HOST") or DEFAULT_HOST).scheme in ("tcp", "http", "https", "ssh")


class Engine:
    """A connection that many jobs share."""

    def __init__(self, api: APIClient) -> None:
        self.api: Any = api

    @classmethod
    def connect(cls, environ: Mapping[str, str]) -> Engine:
        """The engine that `DOCKER_HOST` and its companions name; raises `RunError`."""
        from docker import APIClient
        from docker.utils import kwargs_from_env

        host = environ.get("DOCKER_HOST") or DEFAULT_HOST
        if urlsplit(host).scheme == "ssh":
            text = f"an engine is not reached through {host} itself"
            hint = "open a tunnel: ssh -nNT -L /tmp/engine.sock:/var/run/docker.sock HOST, and DOCKER_HOST=unix:///tmp/engine.sock with -O files=copy"
            raise RunError(Diagnostic("docker/no-engine", text, hint=hint))
        with speaking(f"cannot reach the container engine at {host}"):
            settings: dict[str, Any] = {**kwargs_from_env(environment=dict(environ))}
            settings.setdefault("base_url", host)
            settings |= {"timeout": _LIBRARY_CALLS, "max_pool_size": _CONNECTIONS}
            return cls(APIClient(version="auto", **settings))

    def close(self) -> None:
        """Give the connections back."""
        self.api.close()

    def stream(self, path: str, body: Mapping[str, Any] | None = None, patience: float | None = None) -> Stream:
        """The multiplexed output of an attach or exec call, from its first byte on; it ends after `patience` seconds of silence."""
        from docker.errors import create_api_error_from_http_exception
        from requests import HTTPError

        url = f"{self.api.base_url}/v{self.api.api_version}{path}"
        response = self.api.post(url, json=body, stream=True, timeout=patience)
        try:
            response.raise_for_status()
        except HTTPError as error:
            create_api_error_from_http_exception(error)
        return Stream(response)

    def probe(self, container: str, command: str) -> bool:
        """True when a shell command in a container exits with 0; False also for one that keeps silent for long."""
        with speaking("cannot look at a service"):
            execution, stream = self.execute(container, ("sh", "-c", command), {}, "", _SILENCE)
            stream.rest()
            stream.close()
            return self.exit_code(execution) == 0

    def execute(
        self,
        container: str,
        argv: Iterable[str],
        environment: Mapping[str, str],
        folder: str,
        patience: float | None = None,
    ) -> tuple[str, Stream]:
        """Start a command in a container; its id and its output."""
        made = self.api.exec_create(container, list(argv), environment=dict(environment), workdir=folder or None)
        return made["Id"], self.stream(f"/exec/{made['Id']}/start", {"Detach": False, "Tty": False}, patience)

    def image(self, name: str) -> dict[str, Any] | None:
        """What the engine knows about an image; None when it has none of this name."""
        from docker.errors import ImageNotFound

        with speaking(f"cannot look for image {name}"):
            try:
                found: dict[str, Any] = self.api.inspect_image(name)
            except ImageNotFound:
                return None
            return found

    def pull(self, name: str, platform: str = "") -> None:
        """Fetch an image with the credentials of the docker configuration."""
        from docker.errors import APIError
        from docker.utils import parse_repository_tag

        repository, tag = parse_repository_tag(name)
        with speaking(f"cannot pull image {name}"):
            told = self.api.pull(repository, tag or "latest", stream=True, decode=True, platform=platform or None)
            for line in told:
                if "error" in line:
                    raise APIError(str(line["error"]))

    def registry_digest(self, name: str) -> str:
        """Digest of an image as its registry tells it."""
        with speaking(f"the registry does not tell the digest of {name}"):
            return str(self.api.inspect_distribution(name)["Descriptor"]["digest"])

    def rootless(self) -> bool:
        """True when root inside a container is the user who runs the engine."""
        with speaking("cannot ask the engine about itself"):
            return any("rootless" in option for option in self.api.info().get("SecurityOptions") or ())

    def archive(self, container: str, path: str) -> Iterator[bytes] | None:
        """A file or folder of a container as a tar stream; None when it is not there."""
        from docker.errors import NotFound

        with speaking(f"cannot copy {path} from the container"):
            try:
                stream: Iterator[bytes] = self.api.get_archive(container, path)[0]
            except NotFound:
                return None
            return stream

    def exit_code(self, execution: str) -> int | None:
        """Exit status of a command that ended; None while it runs."""
        told = self.api.exec_inspect(execution)
        code: int | None = None if told["Running"] else told["ExitCode"]
        return code


class Stream:
    """Frames of one hijacked connection."""

    def __init__(self, response: Any) -> None:
        self._response = response

    def frame(self) -> bytes:
        """The next piece of stdout or stderr; `b""` at the end, also when the connection was cut."""
        from requests import RequestException
        from urllib3.exceptions import HTTPError

        try:
            head = self._response.raw.read(8)
            return self._response.raw.read(int.from_bytes(head[4:], "big")) if len(head) == 8 else b""
        except (RequestException, HTTPError, OSError, ValueError):
            return b""

    def rest(self) -> bytes:
        """Everything up to the end."""
        return b"".join(iter(self.frame, b""))

    def close(self) -> None:
        """Cut the connection."""
        self._response.close()


@contextmanager
def speaking(doing: str) -> Iterator[None]:
    """Turn whatever the SDK raises inside into a `RunError` with the remedy."""
    from docker.errors import APIError, DockerException
    from requests import RequestException

    try:
        yield
    except APIError as error:
        raise RunError(refusal(doing, str(error.explanation or error).strip(), error.status_code or 0)) from error
    except (DockerException, RequestException, OSError) as error:
        raise RunError(_unreachable(doing, error)) from error


_FULL = ("docker/disk-full", "free space on the engine's disk: docker system df, docker system prune")
_NO_SHELL = ("docker/no-shell", "steps need sh: take an image that has one")
_NO_IMAGE = ("docker/no-image", "check its name and `docker login`, or pull or build it first")
_SIGNS = {
    "no space left on device": _FULL,
    "disk quota exceeded": _FULL,
    'exec: "sh"': _NO_SHELL,
    "exec sh failed": _NO_SHELL,
    "bind source path does not exist": (
        "docker/not-mounted",
        "the engine does not see these files: --runner-option files=copy",
    ),
    "no such image": _NO_IMAGE,
    "pull access denied": _NO_IMAGE,
    "manifest unknown": _NO_IMAGE,
    "manifest for": _NO_IMAGE,
    "repository does not exist": _NO_IMAGE,
    "unauthorized": _NO_IMAGE,
    "no basic auth": _NO_IMAGE,
}
"""Words of the engine → code and remedy."""


def refusal(doing: str, said: str, status: int = 0) -> Diagnostic:
    """The diagnostic of an answer of the engine."""
    lower = said.lower()
    for sign, (code, hint) in _SIGNS.items():
        if sign in lower:
            return Diagnostic(code, f"{doing}: {said}", hint=hint)
    code, hint = _NO_IMAGE if status in (401, 403) else ("docker/engine", "")
    return Diagnostic(code, f"{doing}: {said}", hint=hint)


def _unreachable(doing: str, error: BaseException) -> Diagnostic:
    """The diagnostic of an engine that does not answer."""
    text = str(error)
    if "Permission denied" in text or "PermissionError" in text:
        user = os.environ.get("USER") or "you"
        hint = f"add {user} to the group of the socket (docker), or name a rootless engine with DOCKER_HOST"
        return Diagnostic("docker/socket-denied", f"{doing}: permission denied", hint=hint)
    if "redentials store" in text:
        hint = "mend the credential store that the docker configuration names, or use `docker login`"
        return Diagnostic("docker/no-image", f"{doing}: {text}", hint=hint)
    hint = "start it (systemctl start docker, podman system service), or name another with DOCKER_HOST"
    return Diagnostic("docker/no-engine", f"{doing}: {_cause(error)}", hint=hint)


def _cause(error: BaseException) -> str:
    """The innermost reason, without the layers of the libraries."""
    while True:
        inner = (
            error.__cause__ or error.__context__ or next((a for a in error.args if isinstance(a, BaseException)), None)
        )
        if inner is None:
            return str(getattr(error, "strerror", "") or error)
        error = inner
