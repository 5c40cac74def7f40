"""Parsed documents by content: a file whose bytes were read before is not parsed again.

One JSON file per workspace in the user's cache folder. It is only ever an optimisation: a missing, foreign or damaged cache is
an empty one. Documents with warnings are not kept, so that warnings are always given.
"""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from orun_core.compiler import decode, yaml_source
from orun_core.spec import documents
from orun_core.state.durable import make_folder, write_whole

if TYPE_CHECKING:
    from orun_core.spec.errors import Diagnostic

Model = TypeVar("Model", bound=documents.Document)


class DocumentCache:
    """The parsed documents of one workspace. `folder` None caches nothing."""

    def __init__(self, folder: Path | None, root: Path) -> None:
        self._path = folder / f"{sha256(str(root).encode()).hexdigest()[:16]}.json" if folder else None
        self._stamp = _stamp()
        self._known = self._read()
        self._used: dict[str, Any] = {}

    def decode(self, data: bytes, file: str, model: type[Model]) -> tuple[Model, tuple[Diagnostic, ...], str]:
        """As `decode.decode`, and the digest of the bytes (hex)."""
        digest = sha256(data).hexdigest()
        key = f"{model.__name__}:{digest}"
        tree = self._known.get(key)
        warnings: tuple[Diagnostic, ...] = ()
        if tree is None:
            tree, warnings = decode.decode_tree(data, file, model)
        if not warnings:
            self._used[key] = tree
        return model.model_validate(tree), warnings, digest

    def save(self) -> None:
        """Keep what was used this time, when that is not what is kept already."""
        if self._path is None or self._used.keys() == self._known.keys():
            return
        make_folder(self._path.parent)
        write_whole(self._path, json.dumps({"stamp": self._stamp, "documents": self._used}).encode())

    def _read(self) -> dict[str, Any]:
        if self._path is None or not self._path.is_file():
            return {}
        try:
            kept = json.loads(self._path.read_bytes())
        except (OSError, ValueError):
            return {}
        if not isinstance(kept, dict) or kept.get("stamp") != self._stamp:
            return {}
        found: dict[str, Any] = kept["documents"]
        return found


def _stamp() -> list[Any]:
    """What a kept document depends on besides its bytes: the code that reads it."""
    sources = (Path(module.__file__ or "").stat() for module in (decode, yaml_source, documents))
    return [[source.st_mtime_ns, source.st_size] for source in sources]
