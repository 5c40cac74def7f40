"""A repository of a registry: every byte that comes from it is verified before anyone sees it."""

from __future__ import annotations

from hashlib import sha256
from typing import IO, TYPE_CHECKING, Any, Final
from urllib.parse import quote, urljoin, urlsplit

from orun_core.spec.json_text import loads

from orun_source_oci.authorization import Authorization
from orun_source_oci.errors import refused
from orun_source_oci.manifest import ACCEPTED, INDEX, Descriptor, describe, descriptors, index, read
from orun_source_oci.transport import bounded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from orun_source_oci.credentials import Credentials, CredentialStore
    from orun_source_oci.reference import Reference
    from orun_source_oci.transport import Answer, Transport

MAX_MANIFEST: Final = 4 << 20
MAX_BLOB: Final = 64 << 20
MAX_PAGES: Final = 100


class Repository:
    """One repository. Raises `CompileError` with codes of the area `source/`."""

    def __init__(
        self, reference: Reference, transport: Transport, store: CredentialStore, given: Credentials | None = None
    ) -> None:
        self.host = reference.host
        self.name = reference.repository
        self._transport = transport
        self._authorization = Authorization(reference.host, transport, store, given)
        self._scope = "pull"

    # --- reading ----------------------------------------------------------------------------------------------------

    def manifest(self, wanted: str) -> tuple[Descriptor, dict[str, Any]]:
        """The manifest or index of a tag or a digest, with the descriptor of the bytes received."""
        answer = self._get(f"manifests/{wanted}", {"Accept": ACCEPTED}, bounded(MAX_MANIFEST))
        found = describe(answer.headers.get("content-type", "").partition(";")[0], answer.content)
        claimed = answer.headers.get("docker-content-digest") or found.digest
        if found.digest not in (claimed, wanted) or (":" in wanted and found.digest != wanted):
            raise self._mismatch("manifest", wanted if ":" in wanted else claimed, found.digest)
        if claimed != found.digest:
            raise self._mismatch("manifest", claimed, found.digest)
        return found, read(answer.content)

    def blob(self, wanted: Descriptor, target: IO[bytes]) -> None:
        """Write a blob whose size and digest are verified while it arrives; nothing else is ever written after a failure."""
        if wanted.size > MAX_BLOB:
            raise refused("refused-answer", f"a layer of {wanted.size} bytes, {MAX_BLOB} are allowed")

        def receive(chunks: Iterator[bytes]) -> bytes:
            target.seek(0)
            target.truncate()
            total, size = sha256(), 0
            for chunk in chunks:
                size += len(chunk)
                if size > wanted.size:
                    raise refused(
                        "digest-mismatch", f"{self}: the blob {wanted.digest} is longer than {wanted.size} bytes"
                    )
                total.update(chunk)
                target.write(chunk)
            if size != wanted.size:
                raise refused("digest-mismatch", f"{self}: the blob {wanted.digest} has {size} of {wanted.size} bytes")
            if wanted.digest != f"sha256:{total.hexdigest()}":
                raise self._mismatch("blob", wanted.digest, f"sha256:{total.hexdigest()}")
            return b""

        self._get(f"blobs/{wanted.digest}", {}, receive)
        target.flush()

    def tags(self) -> list[str]:
        """All tags."""
        found: list[str] = []
        path = "tags/list?n=1000"
        for _ in range(MAX_PAGES):
            answer = self._get(path, {}, bounded(MAX_MANIFEST))
            try:
                found += [str(tag) for tag in loads(answer.content).get("tags") or ()]
            except (ValueError, AttributeError, TypeError) as error:
                raise refused("refused-answer", f"{self}: the list of tags is malformed") from error
            link = answer.headers.get("link", "")
            if 'rel="next"' not in link:
                return found
            query = urlsplit(link[link.find("<") + 1 : link.find(">")]).query
            path = f"tags/list?{query}"
        raise refused("refused-answer", f"{self}: more than {MAX_PAGES} pages of tags")

    def referrers(self, subject: str, artifact: str) -> list[Descriptor]:
        """Manifests of a type that say they are about `subject`: by the referrers API, else by its fallback tag."""
        answer = self._call("GET", f"referrers/{subject}?artifactType={quote(artifact, safe='')}", {"Accept": INDEX})
        if answer.status == 404 or not answer.headers.get("content-type", "").startswith(INDEX):
            answer = self._call("GET", f"manifests/{subject.replace(':', '-')}", {"Accept": INDEX})
        if answer.status == 404:
            return []
        self._check_status(answer, "the list of referrers")
        return [entry for entry in descriptors(read(answer.content), "manifests") if entry.artifact_type == artifact]

    # --- writing ----------------------------------------------------------------------------------------------------

    def check_login(self) -> None:
        """Ask the registry whether the credentials are good; raises `CompileError` (`source/unauthorized`)."""
        answer = self._call("GET", "", {}, base="/v2/")
        self._check_status(answer, "the registry")

    def push_blob(self, content: bytes, digest: str) -> None:
        """Upload a blob unless it is there."""
        self._scope = "pull,push"
        if self._call("HEAD", f"blobs/{digest}", {}).status == 200:
            return
        started = self._call("POST", "blobs/uploads/", {})
        self._check_status(started, "an upload", 202)
        target = urljoin(started.url, started.headers.get("location", ""))
        if urlsplit(target).netloc != self.host:
            raise refused("refused-answer", f"{self} wants the upload at another host, {urlsplit(target).netloc}")
        target += ("&" if urlsplit(target).query else "?") + f"digest={quote(digest, safe='')}"
        headers = {"Content-Type": "application/octet-stream"}
        self._check_status(self._call("PUT", "", headers, content, url=target), "a blob", 201)

    def push_manifest(self, content: bytes, wanted: Descriptor, tag: str = "") -> Answer:
        """Upload a manifest under its digest or a tag."""
        self._scope = "pull,push"
        answer = self._call("PUT", f"manifests/{tag or wanted.digest}", {"Content-Type": wanted.media_type}, content)
        self._check_status(answer, "a manifest", 201)
        return answer

    def attach(self, content: bytes, about: Descriptor, entry: Descriptor) -> None:
        """Upload a manifest about another; where the registry keeps no referrers, list it under the fallback tag."""
        answer = self.push_manifest(content, entry)
        if answer.headers.get("oci-subject") == about.digest:
            return
        known = [d for d in self.referrers(about.digest, entry.artifact_type) if d.digest != entry.digest]
        listed = index([*known, entry])
        self.push_manifest(listed, describe(INDEX, listed), about.digest.replace(":", "-"))

    # --- asking -----------------------------------------------------------------------------------------------------

    def __str__(self) -> str:
        return f"{self.host}/{self.name}"

    def _get(self, path: str, headers: Mapping[str, str], receive: Callable[[Iterator[bytes]], bytes]) -> Answer:
        answer = self._call("GET", path, headers, receive=receive)
        self._check_status(answer, path.partition("?")[0])
        return answer

    def _call(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes = b"",
        *,
        base: str = "",
        url: str = "",
        receive: Callable[[Iterator[bytes]], bytes] | None = None,
    ) -> Answer:
        """Ask; a first 401 is answered with credentials, a second one stands."""
        address = url or self._transport.base(self.host) + (base or f"/v2/{self.name}/{path}")
        self._transport.check(address)
        for _ in range(2):
            known = {"Authorization": self._authorization.header} if self._authorization.header else {}
            answer = self._transport.send(method, address, {**headers, **known}, body, receive)
            scope = f"repository:{self.name}:{self._scope}" if self.name else ""
            challenge = answer.headers.get("www-authenticate", "")
            if answer.status != 401 or not self._authorization.answer(challenge, scope):
                break
        return answer

    def _check_status(self, answer: Answer, what: str, wanted: int = 200) -> None:
        if answer.status == wanted:
            return
        if answer.status in (401, 403):
            hint = f"log in with `orun login {self.host}`"
            raise refused("unauthorized", f"{self}: not allowed ({answer.status}) to use {what}", hint)
        if answer.status == 404:
            raise refused("not-found", f"{self} has no {what}")
        raise refused("refused-answer", f"{self}: {what}: status {answer.status} instead of {wanted}")

    def _mismatch(self, what: str, wanted: str, found: str) -> Exception:
        return refused("digest-mismatch", f"{self}: the {what} is {found} instead of {wanted}")
