"""A component file as the component that it is: its name comes from `metadata`, its path from where the file is."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

from orun_core.compiler.decode import decode_tree
from orun_core.compiler.sites import problem
from orun_core.spec.documents import ComponentFile
from orun_core.spec.errors import CompileError
from orun_core.spec.stages import Origin

if TYPE_CHECKING:
    from orun_core.spec.errors import Diagnostic


def component_tree(data: bytes, file: str) -> tuple[dict[str, Any], tuple[Diagnostic, ...]]:
    """The tree that `Component` validates, with the warnings of the file. Raises `CompileError`."""
    tree, warnings = decode_tree(data, file, ComponentFile)
    kind, name = tree.get("kind", ""), tree.get("metadata", {}).get("name", "")
    origin = Origin(file)
    if kind != "Component":
        text = f'expected kind Component, got "{kind}"' if kind else "the file needs `kind: Component`"
        raise CompileError([problem("load/wrong-kind", text, origin.at("kind")), *warnings])
    if not name:
        text = "a component file must set metadata.name"
        raise CompileError([problem("load/no-name", text, origin.at("metadata")), *warnings])
    spec = tree.get("spec", {})
    return {**spec, "name": name, "path": spec.get("path") or posixpath.dirname(file) or "./"}, warnings
