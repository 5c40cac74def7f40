"""The documents of one composition package: read by path or by reference, never from outside its folder."""

from __future__ import annotations

import os
import posixpath
from typing import TYPE_CHECKING, TypeVar

from orun_core.compiler.decode import decode
from orun_core.compiler.sites import problem
from orun_core.spec.documents import Document
from orun_core.spec.errors import CompileError, Diagnostic
from orun_core.spec.nearest import nearest
from orun_core.spec.stages import Authored, Origin

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Model = TypeVar("Model", bound=Document)


class PackageFiles:
    """Reads documents of the package in `folder` and collects what is wrong with them.

    `name_file` turns a path inside the package into the name that origins use.
    """

    def __init__(self, folder: Path, name_file: Callable[[str], str]) -> None:
        self.folder = folder
        self.name_file = name_file
        self.problems: list[Diagnostic] = []
        self.warnings: list[Diagnostic] = []

    def referred(
        self, model: type[Model], kind: str, name: str, paths: tuple[str, ...], at: Origin
    ) -> Authored[Model] | None:
        """The first of `paths` that is a `kind` called `name`; a file that is broken or something else is reported."""
        others = []
        for path in paths:
            path = posixpath.normpath(path)
            if _leaves(path) or not os.path.isfile(self.folder / path):
                continue
            document = self.document(path, model)
            if document is None:
                return None
            if getattr(document, "kind", "") == kind and getattr(document, "metadata").name == name:  # noqa: B009
                return Authored(document, self.origin(path))
            found = f'{getattr(document, "kind", "") or "something"} "{getattr(document, "metadata").name}"'  # noqa: B009
            others.append(f"{path} is {found}")
        looked = " or ".join(posixpath.normpath(path) for path in paths)
        hint = "; ".join([f"looked for {looked}", *(others or self._near(paths))])
        self.add("package/missing-document", f'{kind} "{name}" not found', at, hint)
        return None

    def _near(self, paths: tuple[str, ...]) -> list[str]:
        """The file that one of the paths probably means, as the end of a hint."""
        for path in map(posixpath.normpath, paths):
            folder, file = posixpath.split(path)
            if not _leaves(path) and os.path.isdir(self.folder / folder):
                names = {other.stem: other.name for other in (self.folder / folder).glob("*.yaml")}
                near = nearest(posixpath.splitext(file)[0], names.keys() - {"composition"})
                if near:
                    return [f"there is {posixpath.join(folder, names[near])}"]
        return []

    def document(self, path: str, model: type[Model], listed: Origin | None = None) -> Model | None:
        """One document, None after collecting what is wrong with it; `listed`: where its path is written."""
        if _leaves(path):
            self.add("package/bad-path", f'path "{path}" leaves the package', listed or self.origin(path))
            return None
        try:
            data = (self.folder / path).read_bytes()
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", "") or error
            self.add("load/unreadable", f'cannot read "{path}": {reason}', listed or self.origin(path))
            return None
        try:
            document, warnings = decode(data, self.name_file(path), model)
        except CompileError as error:
            self.problems += error.diagnostics
            return None
        self.warnings += warnings
        return document

    def origin(self, path: str) -> Origin:
        """The top of a document."""
        return Origin(self.name_file(path))

    def add(self, code: str, message: str, origin: Origin, hint: str = "") -> None:
        """Collect a problem."""
        self.problems.append(problem(code, message, origin, hint))


def _leaves(path: str) -> bool:
    return posixpath.normpath(path).split("/")[0] == ".."
