"""What can go wrong between orun and a Docker Engine, as errors that name the remedy."""

from __future__ import annotations

import os

from orun_core.spec.errors import Diagnostic

_FULL = ("docker/disk-full", "free space on the engine's disk: docker system df, docker system prune")
_NO_SHELL = ("docker/no-shell", "steps need sh: take an image that has one")
_NO_IMAGE = ("docker/no-image", "check its name and `docker login`, or pull or build it first")
_GONE = ("docker/gone", "look for what ends all processes there, or needs more memory than -O memory gives")
_SIGNS = {
    "no space left on device": _FULL,
    "disk quota exceeded": _FULL,
    'exec: "sh"': _NO_SHELL,
    "exec sh failed": _NO_SHELL,
    "bind source path does not exist": (
        "docker/not-mounted",
        "the engine does not see these files: --runner-option files=copy",
    ),
    "container-init binary not found": ("docker/engine", "podman needs catatonit: apt-get install catatonit"),
    "no such container": _GONE,
    "is not running": _GONE,
    "container state improper": _GONE,
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


def gone(doing: str) -> Diagnostic:
    """The diagnostic of a container that ended before its job did."""
    code, hint = _GONE
    return Diagnostic(code, f"{doing}: the container has ended", hint=hint)


def unreachable(doing: str, error: BaseException) -> Diagnostic:
    """The diagnostic of an engine that does not answer."""
    text = str(error)
    if "Permission denied" in text or "PermissionError" in text:
        user = os.environ.get("USER") or "you"
        hint = f"add {user} to the group of the socket (docker), or name a rootless engine with DOCKER_HOST"
        return Diagnostic("docker/socket-denied", f"{doing}: permission denied", hint=hint)
    cause = innermost(error)
    reason = getattr(cause, "strerror", "") or cause
    hint = "start it (systemctl start docker, podman system service), or name another with DOCKER_HOST"
    if "certificate" in text or "400 Client Error" in text:
        hint = "check DOCKER_TLS_VERIFY and DOCKER_CERT_PATH, a folder with ca.pem, cert.pem and key.pem"
    return Diagnostic("docker/no-engine", f"{doing}: {reason}", hint=hint)


def no_credentials(doing: str, error: BaseException) -> Diagnostic:
    """The diagnostic of a credential store that fails."""
    hint = "mend the credential store that the docker configuration names, or use `docker login`"
    return Diagnostic("docker/no-image", f"{doing}: {error}", hint=hint)


def innermost(error: BaseException) -> BaseException:
    """The first cause of an error, below the layers of the libraries."""
    while True:
        inner = (
            error.__cause__ or error.__context__ or next((a for a in error.args if isinstance(a, BaseException)), None)
        )
        if inner is None:
            return error
        error = inner
