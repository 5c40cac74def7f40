"""The Docker Engine behind its API: the one place that knows the SDK."""

from __future__ import annotations

import socket
from contextlib import ExitStack, contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from orun_core.spec.errors import RunError

from orun_backend_docker.errors import innermost, no_credentials, refusal, unreachable
from orun_backend_docker.tunnel import Tunnel

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from docker import APIClient
    from orun_core.spec.errors import Diagnostic

DEFAULT_HOST = "unix:///var/run/docker.sock"
_LIBRARY_CALLS = 60
_CONNECTIONS = 100
_SILENCE = 5.0
_LIMITS = {"memory": "MemoryLimit", "cpus": "CpuCfsQuota", "pids": "PidsLimit"}


def is_remote(environ: Mapping[str, str]) -> bool:
    """True when the engine is behind a network address, so that it does not see this machine's files."""
    return urlsplit(environ.get("DOCKER_HOST") or DEFAULT_HOST).scheme in ("tcp", "http", "https", "ssh")


class Engine:
    """A connection that many jobs share."""

    def __init__(self) -> None:
        self.api: Any = None
        self._tunnel: Tunnel | None = None

    @classmethod
    def connect(cls, environ: Mapping[str, str]) -> Engine:
        """The engine that `DOCKER_HOST` and its companions name; raises `RunError`."""
        host = environ.get("DOCKER_HOST") or DEFAULT_HOST
        engine = cls()
        with ExitStack() as held, engine.speaking(f"cannot reach the container engine at {host}"):
            held.callback(engine.close)
            if urlsplit(host).scheme == "ssh":
                engine._tunnel = Tunnel(host, environ)
                host = engine._tunnel.address
            engine.api = _client(environ, host)
            held.pop_all()
        return engine

    def close(self) -> None:
        """Give the connections back."""
        if self.api:
            self.api.close()
        if self._tunnel:
            self._tunnel.close()

    @contextmanager
    def speaking(self, doing: str) -> Iterator[None]:
        """Turn whatever the SDK raises inside into a `RunError` with the remedy."""
        from docker.errors import APIError, DockerException
        from requests import RequestException

        try:
            yield
        except APIError as error:
            raise RunError(refusal(doing, str(error.explanation or error).strip(), error.status_code or 0)) from error
        except (DockerException, RequestException, OSError) as error:
            raise RunError(self._fault(doing, error)) from error

    def _fault(self, doing: str, error: BaseException) -> Diagnostic:
        if "redentials store" in str(error):
            return no_credentials(doing, error)
        if self._tunnel and isinstance(innermost(error), OSError):
            return self._tunnel.fault(doing)
        return unreachable(doing, error)

    def check(self, doing: str) -> None:
        """Raise `RunError` when the engine does not answer."""
        with self.speaking(doing):
            self.api.ping()

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

    def probe(self, container: str, command: str) -> tuple[bool, str]:
        """Whether a shell command in a container exits with 0, and what it says; one that keeps silent for long does not."""
        with self.speaking("cannot look at a service"):
            execution, stream = self.execute(container, ("sh", "-c", command), {}, "", _SILENCE)
            said = stream.rest()
            stream.close()
            return self.exit_code(execution) == 0, said.decode("utf-8", "replace").strip()

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

        with self.speaking(f"cannot look for image {name}"):
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
        with self.speaking(f"cannot pull image {name}"):
            told = self.api.pull(repository, tag or "latest", stream=True, decode=True, platform=platform or None)
            for line in told:
                if "error" in line:
                    raise APIError(str(line["error"]))

    def registry_digest(self, name: str) -> str:
        """Digest of an image as its registry tells it."""
        with self.speaking(f"the registry does not tell the digest of {name}"):
            return str(self.api.inspect_distribution(name)["Descriptor"]["digest"])

    @cached_property
    def _info(self) -> Mapping[str, Any]:
        with self.speaking("cannot ask the engine about itself"):
            told: Mapping[str, Any] = self.api.info()
        return told

    def rootless(self) -> bool:
        """True when root inside a container is the user who runs the engine; docker and podman say it differently."""
        return bool(self._info.get("Rootless")) or "name=rootless" in (self._info.get("SecurityOptions") or ())

    def limits(self, what: str) -> bool:
        """True when it can limit `memory`, `cpus` or `pids`; a rootless one cannot with the first version of cgroups."""
        old = self._info.get("CgroupVersion") == "1"
        return bool(self._info.get(_LIMITS[what])) and not (old and self.rootless())

    def archive(self, container: str, path: str) -> Iterator[bytes] | None:
        """A file or folder of a container as a tar stream; None when it is not there."""
        from docker.errors import NotFound

        doing = f"cannot copy {path} from the container"
        with self.speaking(doing):
            try:
                stream: Iterator[bytes] = self.api.get_archive(container, path)[0]
            except NotFound:
                return None
        return self._pieces(stream, doing)

    def _pieces(self, stream: Iterator[bytes], doing: str) -> Iterator[bytes]:
        with self.speaking(doing):
            yield from stream

    def ends(self, container: str, patience: float) -> bool:
        """True when a container has ended, or does so within some seconds."""
        from docker.errors import NotFound
        from requests import ConnectionError as NotInTime
        from requests import ReadTimeout

        with self.speaking("cannot look at the container"):
            try:
                self.api.wait(container, timeout=patience)
            except NotFound:
                return True
            except (ReadTimeout, NotInTime):
                return False
        return True

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


def _client(environ: Mapping[str, str], host: str) -> APIClient:
    from docker import APIClient
    from docker.utils import kwargs_from_env

    class Client(APIClient):
        """One that trusts whom the engine's settings name; left alone, it would prefer `REQUESTS_CA_BUNDLE`."""

        def merge_environment_settings(self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any) -> Any:
            trusted = self.verify if verify is None else verify
            return super().merge_environment_settings(url, proxies, stream, trusted, cert)

    _knock(host)
    settings: dict[str, Any] = {**kwargs_from_env(environment={**environ, "DOCKER_HOST": host})}
    return Client(version="auto", timeout=_LIBRARY_CALLS, max_pool_size=_CONNECTIONS, **settings)


def _knock(host: str) -> None:
    """Raise `OSError` for a local socket where nobody answers; the SDK would forget to close its own."""
    scheme, _, path = host.partition("://")
    if scheme == "unix":
        with socket.socket(socket.AF_UNIX) as door:
            door.connect(f"/{path.lstrip('/')}")
