"""YAML as orun reads it: one document, no duplicate keys, bounded aliases and depth. The only importer of yaml.

Scalars mean what `yaml_scalars` says. `<<` merge keys are read although version 1.2 of YAML has none: the original orun reads them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from math import isfinite
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import yaml

from orun_core.compiler.yaml_errors import syntax_error
from orun_core.compiler.yaml_scalars import NULLS, resolve
from orun_core.spec.errors import CompileError, Diagnostic, Location, Related

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Node: TypeAlias = yaml.Node
ScalarNode = yaml.ScalarNode
MappingNode = yaml.MappingNode
SequenceNode = yaml.SequenceNode

PLAIN: Final = "plain"
MAX_DEPTH: Final = 100
SAFE_NESTING: Final = 500
"""Brackets, and characters in a line, of a text that cannot be nested too deep for the reader."""
_TOO_DEEP: Final = f"nested more than {MAX_DEPTH} deep"
NODES_PER_BYTE: Final = 20
FREE_NODES: Final = 10_000

_NEXT_DOCUMENT: Final = re.compile(r"---(?=\s|$)(?P<rest>.*)")
_SAYS_SOMETHING: Final = re.compile(r"\s*(?!\.\.\.|---)[^\s#]")
_STANDARD = "tag:yaml.org,2002:"


class _Loader(yaml.CSafeLoader):
    def resolve(self, kind: type[yaml.Node], _value: str, implicit: Any) -> str:
        """Mark plain scalars; what they mean is decided where they are used."""
        if kind is ScalarNode:
            return PLAIN if implicit[0] else _STANDARD + "str"
        return _STANDARD + ("map" if kind is MappingNode else "seq")


@dataclass(slots=True)
class Problems:
    """Diagnostics of one file, collected while it is walked."""

    file: str
    found: list[Diagnostic] = field(default_factory=list)

    def add(self, code: str, message: str, node: Node, hint: str = "", related: tuple[Related, ...] = ()) -> None:
        """Record a problem at a node."""
        self.found.append(Diagnostic(code, message, self.at(node), hint, related=related))

    def at(self, node: Node) -> Location:
        """Line and column of a node."""
        mark = node.start_mark
        return Location(self.file, mark.line + 1, mark.column + 1)


def compose(data: bytes, file: str) -> Node | None:
    """Node tree of the first document, None when the file is empty. Raises `CompileError` (`load/encoding`, `load/yaml-syntax`, `load/alias-bomb`)."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        where = Location(file, before.count(b"\n") + 1, error.start - (before.rfind(b"\n") + 1) + 1)
        raise CompileError(
            Diagnostic("load/encoding", f"byte 0x{data[error.start]:02x} is not UTF-8", where, "save the file as UTF-8")
        ) from error
    if _may_overflow(text):
        _check_nesting(text, file)
    loader = _Loader(text)
    try:
        node = loader.get_node() if loader.check_node() else None
    except (yaml.MarkedYAMLError, yaml.reader.ReaderError) as error:
        raise CompileError(syntax_error(error, file, text)) from error
    finally:
        loader.dispose()
    if node is not None and "*" in text:
        _bounded(node, FREE_NODES + NODES_PER_BYTE * len(data), file)
    return node


def next_document(data: bytes, first: Node, file: str) -> Location | None:
    """Where a further document of the file starts, None when nothing follows the first but empty lines and comments."""
    if b"\n---" not in data:
        return None
    lines = data.decode("utf-8-sig").split("\n")
    for number in range(first.end_mark.line, len(lines)):
        start = _NEXT_DOCUMENT.match(lines[number])
        if start and any(_SAYS_SOMETHING.match(line) for line in (start["rest"], *lines[number + 1 :])):
            return Location(file, number + 1, 1)
    return None


def _may_overflow(text: str) -> bool:
    """Whether a text could be nested so deep that libyaml's reader, which recurses in C, leaves its stack."""
    if text.count("[") + text.count("{") > SAFE_NESTING:
        return True
    return len(text) > SAFE_NESTING and max(map(len, text.split("\n"))) > SAFE_NESTING


def _check_nesting(text: str, file: str) -> None:
    """Raise `CompileError` (`load/too-deep`) for a first document nested beyond `MAX_DEPTH`; other mistakes are for the reader."""
    depth = 0
    try:
        for event in yaml.parse(text, Loader=_Loader):
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            elif isinstance(event, yaml.DocumentEndEvent):
                return
            if depth > MAX_DEPTH:
                raise _too_deep(file, event.start_mark)
    except yaml.MarkedYAMLError as error:
        if "nesting depth" in str(error.problem):
            raise _too_deep(file, error.problem_mark) from error
    except yaml.reader.ReaderError:
        return


def _too_deep(file: str, mark: Any) -> CompileError:
    return CompileError(Diagnostic("load/too-deep", _TOO_DEEP, Location(file, mark.line + 1, mark.column + 1)))


def _bounded(root: Node, limit: int, file: str) -> None:
    """Refuse trees that aliases (`*name`) make endless or huge; counts every visit, so shared nodes count as often as they appear."""
    if not _shares(root):
        return
    sizes: dict[int, int] = {}
    open_: set[int] = set()

    def size(node: Node, depth: int) -> int:
        key = id(node)
        if key in sizes:
            return sizes[key]
        if key in open_:
            where = Location(file, node.start_mark.line + 1, node.start_mark.column + 1)
            raise CompileError(Diagnostic("load/alias-bomb", "an alias refers to something that contains it", where))
        if depth > MAX_DEPTH:
            raise _too_deep(file, node.start_mark)
        open_.add(key)
        total = 1 + sum(size(child, depth + 1) for child in _children(node))
        open_.discard(key)
        sizes[key] = total
        return total

    if size(root, 0) > limit:
        hint = f"at most {limit} values are read from a file of this size"
        raise CompileError(
            Diagnostic("load/alias-bomb", "aliases make this file too large", Location(file, 1, 1), hint)
        )


def _shares(root: Node) -> bool:
    seen: set[int] = set()
    stack = [root]
    while stack:
        node = stack.pop()
        if type(node) is ScalarNode:
            continue
        if id(node) in seen:
            return True
        seen.add(id(node))
        stack.extend(_children(node))
    return False


def _children(node: Node) -> Iterator[Node]:
    if type(node) is MappingNode:
        for key, value in node.value:
            yield key
            yield value
    elif type(node) is SequenceNode:
        yield from node.value


def scalar(node: ScalarNode) -> Any:
    """Value of a scalar: None, bool, int, float or str."""
    text = node.value
    tag = node.tag
    if tag == PLAIN:
        return resolve(text)
    if tag.startswith(_STANDARD) and tag != _STANDARD + "str":
        return resolve(text)
    return text


def is_null(node: Node) -> bool:
    """True for a scalar whose value is None."""
    return type(node) is ScalarNode and node.value in NULLS and scalar(node) is None


def pairs(node: MappingNode, problems: Problems) -> list[tuple[str, Node, Node]]:
    """(key text, key node, value node) of a mapping, merge keys applied, duplicates reported."""
    found: dict[str, tuple[str, Node, Node]] = {}
    merged: list[Node] = []
    for key_node, value_node in node.value:
        if type(key_node) is not ScalarNode:
            hint = "put a text that starts with {{ in quotes" if type(key_node) is MappingNode else ""
            problems.add("load/wrong-type", "a key must be a scalar", key_node, hint)
            continue
        key = key_node.value
        if key == "<<" and key_node.tag == PLAIN:
            merged.extend(value_node.value if type(value_node) is SequenceNode else [value_node])
            continue
        if key in found:
            first = Related("first defined here", problems.at(found[key][1]))
            problems.add("load/duplicate-key", f'key "{key}" is defined twice', key_node, related=(first,))
            continue
        found[key] = (key, key_node, value_node)
    for other in merged:
        if type(other) is not MappingNode:
            problems.add("load/wrong-type", "`<<` merges a mapping or a list of mappings", other)
            continue
        for key, key_node, value_node in pairs(other, problems):
            found.setdefault(key, (key, key_node, value_node))
    return list(found.values())


def plain(node: Node, problems: Problems, depth: int = 0) -> Any:
    """A node without a model: dicts with text keys, lists, scalars."""
    if type(node) is ScalarNode:
        value = scalar(node)
        if isinstance(value, float) and not isfinite(value):
            problems.add("load/not-finite", f"{node.value} has no JSON form", node, "write a number, or quote it")
        return value
    depth += 1
    if depth > MAX_DEPTH:
        problems.add("load/too-deep", _TOO_DEEP, node)
        return None
    if type(node) is MappingNode:
        return {key: plain(value, problems, depth) for key, _, value in pairs(node, problems)}
    return [plain(item, problems, depth) for item in node.value]


def parse(data: bytes, file: str) -> Any:
    """Plain value of a file; raises `CompileError`."""
    node = compose(data, file)
    if node is None:
        return None
    problems = Problems(file)
    value = plain(node, problems)
    if problems.found:
        raise CompileError(problems.found)
    return value


def locate(data: bytes, file: str, pointer: str) -> Location:
    """Line and column of a JSON pointer; of the nearest enclosing value when the pointer names something absent."""
    node = compose(data, file)
    problems = Problems(file)
    here = node
    for token in pointer.split("/")[1:] if node is not None else ():
        key = token.replace("~1", "/").replace("~0", "~")
        child = _child(here, key, problems)
        if child is None:
            break
        here, node = child
    if node is None:
        return Location(file, 1, 1, pointer)
    mark = node.start_mark
    return Location(file, mark.line + 1, mark.column + 1, pointer)


def _child(node: Node | None, key: str, problems: Problems) -> tuple[Node, Node] | None:
    """(value node, node to point at): for a mapping entry that is its key."""
    if type(node) is MappingNode:
        for name, key_node, value_node in pairs(node, problems):
            if name == key:
                return value_node, key_node
    if type(node) is SequenceNode and key.isdigit() and int(key) < len(node.value):
        return node.value[int(key)], node.value[int(key)]
    return None


class _Dumper(yaml.CSafeDumper):
    """Block style, four spaces, literal blocks for text of several lines, aliases never."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True


def _represent_text(dumper: Any, text: str) -> Any:
    if "\n" in text:
        return dumper.represent_scalar(_STANDARD + "str", text, style="|")
    style = '"' if not isinstance(resolve(text) if text else "", str) else None
    return dumper.represent_scalar(_STANDARD + "str", text, style=style)


_Dumper.add_representer(str, _represent_text)


def dump(tree: Mapping[str, Any]) -> str:
    """YAML text of a plain tree, keys in the given order."""
    text: str = yaml.dump(
        tree, Dumper=_Dumper, sort_keys=False, allow_unicode=True, indent=4, width=2**31 - 1, default_flow_style=False
    )
    return text
