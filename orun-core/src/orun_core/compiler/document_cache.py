"""Parsed documents by content: a file whose bytes were read before is not parsed again.

One file per workspace in the user's cache folder: a line that says who wrote it, then a line `KEY JSON` per document, which
pydantic reads faster than a tree. It is only ever an optimisation: a missing, foreign or damaged cache is an empty one.
Documents with warnings are not kept, so that warnings are always given.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from orun_core.compiler import component_file, decode, yaml_source
from orun_core.spec import documents
from orun_core.state.durable import make_folder, write_whole

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeAlias

    from orun_core.spec.errors import Diagnostic

    Reader: TypeAlias = Callable[[bytes, str], tuple[dict[str, Any], tuple[Diagnostic, ...]]]

Model = TypeVar("Model", bound=documents.Document)


class DocumentCache:
    """The parsed documents of one workspace. `folder` None caches nothing."""

    def __init__(self, folder: Path | None, root: Path) -> None:
        self._path = folder / sha256(str(root).encode()).hexdigest()[:16] if folder else None
        self._stamp = _stamp()
        self._known = self._read()
        self._used: dict[bytes, bytes] = {}

    def decode(
        self, data: bytes, file: str, model: type[Model], read: Reader | None = None
    ) -> tuple[Model, tuple[Diagnostic, ...], str]:
        """As `decode.decode`, and the digest of the bytes (hex). `read` makes the tree from bytes and the file's name."""
        content = sha256(data)
        digest = content.hexdigest()
        if read:
            content.update(os.fsencode(f"\0{file}"))
        key = f"{model.__name__}:{content.hexdigest()}".encode()
        kept = self._kept(key, model)
        if kept is not None:
            return kept, (), digest
        tree, warnings = read(data, file) if read else decode.decode_tree(data, file, model)
        if not warnings:
            self._used[key] = json.dumps(tree).encode()
        return model.model_validate(tree), warnings, digest

    def save(self) -> None:
        """Keep what was used this time, when that is not what is kept already; a folder that refuses is no problem."""
        if self._path is None or self._used.keys() == self._known.keys():
            return
        lines = (self._stamp, *(key + b" " + text for key, text in self._used.items()))
        with suppress(OSError):
            make_folder(self._path.parent)
            write_whole(self._path, b"\n".join(lines))

    def _kept(self, key: bytes, model: type[Model]) -> Model | None:
        text = self._known.get(key)
        if text is None:
            return None
        try:
            found = model.model_validate_json(text)
        except ValueError:
            return None
        self._used[key] = text
        return found

    def _read(self) -> dict[bytes, bytes]:
        if self._path is None:
            return {}
        try:
            stamp, *lines = self._path.read_bytes().split(b"\n")
        except OSError:
            return {}
        if stamp != self._stamp:
            return {}
        return {key: text for key, _, text in (line.partition(b" ") for line in lines)}


def _stamp() -> bytes:
    """What a kept document depends on besides its bytes: the code that reads it."""
    readers = [Path(module.__file__ or "") for module in (component_file, decode, yaml_source)]
    sources = [found.stat() for found in (*readers, *sorted(Path(documents.__path__[0]).glob("*.py")))]
    return b"orun.documents/v3 " + json.dumps([[source.st_mtime_ns, source.st_size] for source in sources]).encode()
