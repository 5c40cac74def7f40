"""References to packages in a registry: `oci://HOST/REPOSITORY:TAG`, `…:^1.2`, `…@sha256:…`."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Final

from orun_core.spec.frozen import frozen

from orun_source_oci.errors import refused
from orun_source_oci.versions import bounds

DEFAULT_HOST: Final = "ghcr.io"
DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")
_REPOSITORY: Final = re.compile(r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*")
_HOST: Final = re.compile(r"(?:[A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\])(?::[0-9]{1,5})?")
_TAG: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
_RANGE: Final = re.compile(r"[\^~<>=*].*|[0-9]+(?:\.[0-9]+)?\.[x*]")


@frozen
class Reference:
    """A repository and what is wanted of it: a digest, else a range of versions, else a tag."""

    host: str
    repository: str
    tag: str = ""
    range: str = ""
    digest: str = ""

    def __str__(self) -> str:
        wanted = f"@{self.digest}" if self.digest else f":{self.range or self.tag}"
        return f"{self.host}/{self.repository}{wanted}"


def parse(text: str) -> Reference:
    """The reference of a `ref:`; `owner/name` is at ghcr.io, no tag is `latest`. Raises `CompileError` (`source/bad-reference`)."""
    rest, _, digest = text.strip().removeprefix("oci://").partition("@")
    first, slash, _ = rest.partition("/")
    if not any(mark in first for mark in ".:[") and first != "localhost":
        rest = f"{DEFAULT_HOST}/{rest}" if slash else rest
    host, _, path = rest.partition("/")
    repository, _, tag = path.partition(":")
    found = Reference(host, repository, digest=digest)
    if not _HOST.fullmatch(host) or not _REPOSITORY.fullmatch(repository):
        what = f"'{text}' is not a package reference" if text else "no reference to a package is given: `ref` is empty"
        raise refused("bad-reference", what, "write oci://HOST/OWNER/NAME:TAG")
    if digest and not DIGEST.fullmatch(digest):
        raise refused("bad-reference", f"'{text}' ends with something else than sha256: and 64 hexadecimal digits")
    if digest:
        return found
    if _RANGE.fullmatch(tag):
        bounds(tag)
        return Reference(host, repository, range=tag)
    if tag and not _TAG.fullmatch(tag):
        raise refused("bad-reference", f"'{tag}' is neither a tag nor a range of versions", "ranges start with ^ or ~")
    return Reference(host, repository, tag=tag or "latest")


def parse_host(text: str) -> str:
    """The host of a registry as people type it, `https://` allowed; raises `CompileError` (`source/bad-reference`)."""
    host = text.strip().removeprefix("https://").rstrip("/")
    if not _HOST.fullmatch(host):
        raise refused("bad-reference", f"'{text}' is not the host of a registry", "write HOST or HOST:PORT")
    return host


def is_loopback(host: str) -> bool:
    """True when a host (with or without a port) is this machine."""
    name = host[1 : host.index("]")] if host.startswith("[") else host.partition(":")[0]
    try:
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False
