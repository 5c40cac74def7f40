"""Parsed documents by file and content: a file whose bytes were read before is not parsed again.

One file in the memory of an intent: a line that says who wrote it, a line with the digest of all that follows, a
line with the index, then the documents. The index has the summaries of the components, so that a component is decoded only for
who asks for more than that. It is only ever an optimisation: a missing, foreign or damaged cache is an empty one. Documents
with warnings are not kept, so that warnings are always given.
"""

from __future__ import annotations

import json
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from orun_core.compiler import component_file, decode, yaml_scalars, yaml_source
from orun_core.compiler.memory import keep, outdated
from orun_core.spec import components, documents
from orun_core.spec.components import ComponentSummary
from orun_core.spec.documents import Component, Intent

if TYPE_CHECKING:
    from collections.abc import Iterable

    from orun_core.spec.errors import Diagnostic

_DIGEST: Final = 64
"""Length of a digest in hex."""


class ReadIntent(NamedTuple):
    """An intent file that was read, and the digest of its bytes (hex)."""

    digest: str
    warnings: tuple[Diagnostic, ...]
    intent: Intent


class ReadComponent(NamedTuple):
    """A component file that was read. `component` None: it is kept, and not decoded yet."""

    digest: str
    warnings: tuple[Diagnostic, ...]
    summary: ComponentSummary
    component: Component | None


class _Entry(NamedTuple):
    """A document that is not in the cache: the digest of its file (hex), its JSON text, and a component's summary."""

    digest: str
    text: bytes
    summary: ComponentSummary | None = None


class DocumentCache:
    """The parsed documents of one intent. `folder` None caches nothing."""

    def __init__(self, folder: Path | None) -> None:
        self._path = folder / "documents" if folder else None
        self._stamp = _stamp()
        self._index, self._texts = self._load()
        self._new: dict[str, _Entry] = {}

    def intent(self, data: bytes, file: str) -> ReadIntent:
        """What an intent file says. Raises `CompileError`."""
        digest = sha256(data).hexdigest()
        kept = self._index.get(file)
        if kept and kept[0] == digest and kept[3] is None:
            return ReadIntent(digest, (), Intent.model_validate_json(self._text(kept)))
        tree, warnings = decode.decode_tree(data, file, Intent)
        if not warnings:
            self._new[file] = _Entry(digest, json.dumps(tree).encode())
        return ReadIntent(digest, warnings, Intent.model_validate(tree))

    def component(self, data: bytes, file: str) -> ReadComponent:
        """What a component file says. Raises `CompileError`."""
        digest = sha256(data).hexdigest()
        kept = self._index.get(file)
        if kept and kept[0] == digest and kept[3]:
            return ReadComponent(digest, (), ComponentSummary(file, *kept[3]), None)
        tree, warnings = component_file.component_tree(data, file)
        component = Component.model_validate(tree)
        summary = ComponentSummary.of(component, file)
        if not warnings:
            self._new[file] = _Entry(digest, json.dumps(tree).encode(), summary)
        return ReadComponent(digest, warnings, summary, component)

    def kept(self, file: str) -> Component:
        """The component of a file that `component` found in the cache."""
        return Component.model_validate_json(self._text(self._index[file]))

    def _text(self, kept: list[Any]) -> bytes:
        return bytes(self._texts[kept[1] : kept[2]])

    def save(self, files: Iterable[str]) -> None:
        """Keep the documents of these files, when enough of them are new."""
        if self._path is None or not outdated(len(self._new), len(self._index)):
            return
        index: dict[str, list[Any]] = {}
        texts: list[bytes] = []
        start = 0
        for file in files:
            if new := self._new.get(file):
                digest, text, summary = new.digest, new.text, new.summary and new.summary[1:]
            elif kept := self._index.get(file):
                digest, text, summary = kept[0], self._text(kept), kept[3]
            else:
                continue
            end = start + len(text)
            index[file] = [digest, start, end, summary]
            texts.append(text)
            start = end
        body = b"\n".join((json.dumps(index).encode(), b"".join(texts)))
        keep(self._path, b"\n".join((self._stamp, sha256(body).hexdigest().encode(), body)))

    def _load(self) -> tuple[dict[str, list[Any]], memoryview]:
        """The index, and the texts that it points into."""
        content = b""
        if self._path is not None:
            with suppress(OSError):
                content = self._path.read_bytes()
        whole = memoryview(content)
        body = len(self._stamp) + _DIGEST + 2
        digest = sha256(whole[body:]).hexdigest().encode()
        if not content.startswith(b"%b\n%b\n" % (self._stamp, digest)):
            return {}, whole[:0]
        texts = content.index(b"\n", body) + 1
        return json.loads(content[body:texts]), whole[texts:]


def _stamp() -> bytes:
    """What a kept document depends on besides its bytes: the code that reads it."""
    readers = [
        Path(module.__file__ or "") for module in (component_file, decode, yaml_scalars, yaml_source, components)
    ]
    sources = [found.stat() for found in (*readers, *sorted(Path(documents.__path__[0]).glob("*.py")))]
    return b"orun.documents/v4 " + json.dumps([[source.st_mtime_ns, source.st_size] for source in sources]).encode()
