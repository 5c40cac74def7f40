"""From YAML nodes to document models: every wrong kind and misspelt key is reported with its place, all at once.

A model's annotations say how each node is read, so text stays text: `1.50` in an `env` is `"1.50"`, in `parameters` it is a number.
"""

from __future__ import annotations

import re
import types
from difflib import get_close_matches
from functools import cache
from math import isfinite
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar, Union, get_args, get_origin

from orun_core.compiler import yaml_source
from orun_core.compiler.yaml_source import MappingNode, Node, Problems, ScalarNode, SequenceNode
from orun_core.spec.documents import Document
from orun_core.spec.errors import CompileError, Diagnostic, Location

if TYPE_CHECKING:
    from collections.abc import Callable

Model = TypeVar("Model", bound=Document)
Reader: TypeAlias = "Callable[[Node, Walk], Any]"

_TRUE = frozenset(("true", "True", "TRUE", "y", "Y", "yes", "Yes", "YES", "on", "On", "ON"))
_FALSE = frozenset(("false", "False", "FALSE", "n", "N", "no", "No", "NO", "off", "Off", "OFF"))


class Walk:
    """One document being read: errors, and warnings about keys that look misspelt."""

    def __init__(self, file: str) -> None:
        self.errors = Problems(file)
        self.warnings = Problems(file)


def decode(data: bytes, file: str, model: type[Model]) -> tuple[Model, tuple[Diagnostic, ...]]:
    """Read one file as `model`; returns it with its warnings. Raises `CompileError` with every problem of the file."""
    tree, warnings = decode_tree(data, file, model)
    return model.model_validate(tree), warnings


def decode_tree(data: bytes, file: str, model: type[Document]) -> tuple[dict[str, Any], tuple[Diagnostic, ...]]:
    """The same, as the plain tree that `model` validates: what the document cache keeps."""
    node = yaml_source.compose(data, file)
    if node is None or yaml_source.is_null(node):
        return {}, ()
    walk = Walk(file)
    tree = _model(model)(node, walk)
    more = yaml_source.next_document(data, node, file)
    if more:
        text, hint = "only the first document of a file is read", "put the others in files of their own"
        walk.warnings.found.append(Diagnostic("load/more-documents", text, more, hint))
    if walk.errors.found:
        raise CompileError(walk.errors.found)
    return tree, tuple(d.warning() for d in walk.warnings.found)


def _kind(node: Node) -> str:
    if type(node) is MappingNode:
        return "a mapping"
    if type(node) is SequenceNode:
        return "a list"
    text = node.value if len(node.value) <= 24 else node.value[:21] + "…"
    if yaml_source.is_null(node):
        return "nothing"
    return f"`{text}`" if node.tag == yaml_source.PLAIN else f'the text "{text}"'


def _refuse(node: Node, walk: Walk, wanted: str, hint: str = "") -> None:
    walk.errors.add("load/wrong-type", f"expected {wanted}, got {_kind(node)}", node, hint)


def _as_list(node: Node) -> str:
    """How to write a list in place of a node."""
    if type(node) is MappingNode:
        return 'start each item with "- "'
    return f"write a list: [{node.value}]" if _plain_word(node) else ""


def _as_mapping(node: Node, model: type[Document] | None = None) -> str:
    """How to write a mapping in place of a node."""
    field = model.main_field if model else ""
    many = bool(
        field
        and model
        and any(f.alias == field and get_origin(f.annotation) is tuple for f in model.model_fields.values())
    )
    if type(node) is SequenceNode:
        return f'put the list below "{field}"' if many else "write `key: value` lines without dashes"
    return f"write {field}: {f'[{node.value}]' if many else node.value}" if field and _plain_word(node) else ""


def _plain_word(node: Node) -> bool:
    """Whether a node is a text that can be shown in a hint as it would be written."""
    return re.fullmatch(r"[A-Za-z][\w.-]{0,30}", str(node.value)) is not None


def _text(node: Node, walk: Walk) -> str:
    if type(node) is not ScalarNode:
        _refuse(node, walk, "a text")
        return ""
    return "" if yaml_source.is_null(node) else node.value


def _integer(node: Node, walk: Walk) -> int:
    value = yaml_source.scalar(node) if type(node) is ScalarNode else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        _refuse(node, walk, "a whole number")
        return 0
    return int(value)


def _boolean(node: Node, walk: Walk) -> bool:
    if type(node) is ScalarNode and node.value in _TRUE:
        return True
    if type(node) is not ScalarNode or node.value not in _FALSE:
        _refuse(node, walk, "true or false")
    return False


def _any(node: Node, walk: Walk) -> Any:
    return yaml_source.plain(node, walk.errors)


def _mapping(item: Reader) -> Reader:
    def read(node: Node, walk: Walk) -> dict[str, Any]:
        if type(node) is not MappingNode:
            if not yaml_source.is_null(node):
                _refuse(node, walk, "a mapping", _as_mapping(node))
            return {}
        return {key: item(value, walk) for key, _, value in yaml_source.pairs(node, walk.errors)}

    return read


def _sequence(item: Reader) -> Reader:
    def read(node: Node, walk: Walk) -> tuple[Any, ...]:
        if type(node) is not SequenceNode:
            if not yaml_source.is_null(node):
                _refuse(node, walk, "a list", _as_list(node))
            return ()
        return tuple(item(child, walk) for child in node.value)

    return read


@cache
def _model(model: type[Document]) -> Reader:
    readers = {field.alias or name: _reader(field.annotation) for name, field in model.model_fields.items()}
    nullable = {field.alias or name for name, field in model.model_fields.items() if field.annotation is Any}

    def read(node: Node, walk: Walk) -> dict[str, Any]:
        if type(node) is not MappingNode:
            if model.scalar_field and type(node) is ScalarNode and not yaml_source.is_null(node):
                return {model.scalar_field: node.value}
            if not yaml_source.is_null(node):
                wanted = "a text or a mapping" if model.scalar_field else "a mapping"
                _refuse(node, walk, wanted, _as_mapping(node, model))
            return {}
        tree = {}
        for key, key_node, value in yaml_source.pairs(node, walk.errors):
            reader = readers.get(key)
            if key in model.retired_keys:
                _retired(key, key_node, value, walk, model.retired_keys[key])
            elif reader is None:
                _unknown(key, key_node, walk, model, readers)
            elif key in model.lenient_keys:
                tree.update(_leniently(key, reader, value, walk))
            elif key in nullable or not yaml_source.is_null(value):
                tree[key] = reader(value, walk)
        return tree

    return read


def _leniently(key: str, reader: Reader, node: Node, walk: Walk) -> dict[str, Any]:
    """The field when it has our shape; otherwise warnings, and the field counts as absent."""
    inner = Walk(walk.errors.file)
    value = None if yaml_source.is_null(node) else reader(node, inner)
    walk.warnings.found += inner.warnings.found + inner.errors.found
    return {key: value} if value is not None and not inner.errors.found else {}


def _retired(key: str, node: Node, value: Node, walk: Walk, instead: str) -> None:
    if not yaml_source.is_null(value) and value.value:
        text = f'the field "{key}" of an older orun has no effect'
        walk.warnings.add("load/retired-field", text, node, f"write {instead}")


def _unknown(key: str, node: Node, walk: Walk, model: type[Document], readers: dict[str, Reader]) -> None:
    if key in model.ignored_keys or key.startswith("x-"):
        return
    near = get_close_matches(key, readers, n=1, cutoff=0.75) or [k for k in readers if k.lower() == key.lower()]
    hint = f'did you mean "{near[0]}"?' if near else _belongs(key, model)
    if hint:
        walk.warnings.add("load/unknown-field", f'unknown field "{key}"', node, hint)


def _belongs(key: str, model: type[Document]) -> str:
    """Where a field of a document goes that stands beside `spec` or `metadata`, empty when it is in neither."""
    for section in ("metadata", "spec"):
        below = model.model_fields.get(section)
        inner = below.annotation if below else None
        fields = inner.model_fields.values() if isinstance(inner, type) and issubclass(inner, Document) else ()
        if key in (field.alias for field in fields):
            return f'it belongs below "{section}"'
    return ""


def _reader(annotation: Any) -> Reader:
    if get_origin(annotation) in (Union, types.UnionType):
        (annotation,) = (a for a in get_args(annotation) if a is not type(None))
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is dict:
        return _mapping(_reader(arguments[1]))
    if origin is tuple:
        return _sequence(_reader(arguments[0]))
    if isinstance(annotation, type) and issubclass(annotation, Document):
        return _model(annotation)
    return {str: _text, int: _integer, bool: _boolean}.get(annotation, _any)


def read_error(file: str, error: OSError) -> Diagnostic:
    """The diagnostic of a file that cannot be read."""
    return Diagnostic("load/unreadable", f"cannot read the file: {error.strerror or error}", Location(file))
