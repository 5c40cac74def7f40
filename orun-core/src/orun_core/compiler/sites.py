"""From origins to lines: where an authored value stands, computed only when somebody is told about it."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from orun_core.spec.errors import Diagnostic, Location, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from orun_core.spec.stages import Origin


def problem(code: str, message: str, origin: Origin | None, hint: str = "") -> Diagnostic:
    """An error about an authored value; its line is computed when it is reported."""
    return Diagnostic(code, message, Location(origin.file, pointer=origin.pointer) if origin else None, hint)


def caution(code: str, message: str, origin: Origin | None, hint: str = "") -> Diagnostic:
    """A warning about an authored value."""
    return replace(problem(code, message, origin, hint), severity=Severity.WARNING)


class Sites:
    """Computes lines and columns by composing a file again; each file once.

    Files of a fetched package, and of one far from the workspace, are written `NAME:path`, where NAME is the composition source:
    where a cache is, is nobody's business.
    """

    def __init__(self, root: Path, packages: dict[str, Path]) -> None:
        self.root = root
        self.packages = packages
        self._bytes: dict[str, bytes | None] = {}

    def package_file(self, source: str, folder: Path, relative: str, *, named: bool) -> str:
        """How a file of a package is named in origins; `named`: the intent names its folder."""
        inside = os.path.relpath(folder, self.root).replace(os.sep, "/")
        if named and folder.is_relative_to(self.root.parent):
            return os.path.normpath(f"{inside}/{relative}").replace(os.sep, "/")
        self.packages[source] = folder
        return f"{source}:{relative}"

    def locate(self, where: Location) -> Location:
        """The location with line and column; as it is when it has them or its file is gone."""
        from orun_core.compiler.yaml_source import locate

        if where.line or not where.file:
            return where
        if where.file not in self._bytes:
            self._bytes[where.file] = self._read(where.file)
        data = self._bytes[where.file]
        return where if data is None else locate(data, where.file, where.pointer)

    def _read(self, file: str) -> bytes | None:
        source, _, relative = file.partition(":")
        path = self.packages[source] / relative if relative and source in self.packages else self.root / file
        return path.read_bytes() if path.is_file() else None

    def located(self, diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
        """Diagnostics with lines and columns, sorted, each once."""
        unique = dict.fromkeys(self._located(d) for d in diagnostics)
        return tuple(sorted(unique, key=Diagnostic.sort_key))

    def _located(self, diagnostic: Diagnostic) -> Diagnostic:
        where = self.locate(diagnostic.where) if diagnostic.where else None
        related = tuple(replace(r, where=self.locate(r.where)) for r in diagnostic.related)
        return replace(diagnostic, where=where, related=related)
