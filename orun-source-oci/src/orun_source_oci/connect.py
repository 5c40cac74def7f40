"""From a process environment to repositories: root certificates, hosts without TLS, credentials."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orun_source_oci.credentials import Credentials
    from orun_source_oci.reference import Reference
    from orun_source_oci.registry import Repository


def connect(reference: Reference, environ: Mapping[str, str], given: Credentials | None = None) -> Repository:
    """The repository of a reference.

    `SSL_CERT_FILE` or `REQUESTS_CA_BUNDLE` names root certificates, `ORUN_PLAIN_HTTP` hosts that may go without TLS; proxies
    are those of the environment.
    """
    from orun_source_oci.credentials import CredentialStore
    from orun_source_oci.registry import Repository
    from orun_source_oci.transport import Rules, Transport

    plain = frozenset(filter(None, (host.strip() for host in environ.get("ORUN_PLAIN_HTTP", "").split(","))))
    rules = Rules(plain, environ.get("SSL_CERT_FILE") or environ.get("REQUESTS_CA_BUNDLE") or "")
    return Repository(reference, Transport(rules), CredentialStore(environ), given)
