"""Writes a tree of mappings, lists and scalars as readable YAML. It does not read YAML."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from orun_core.spec.frozen import frozen

Tree: TypeAlias = "str | int | bool | Commented | Mapping[str, Tree] | list[Tree]"

PLAIN = re.compile(r"[A-Za-z_./][A-Za-z0-9_./@+-]*(?: [A-Za-z0-9_./@·(+-]+)*")
RESERVED = frozenset(
    {"y", "n", "yes", "no", "on", "off", "true", "false", "null", "none", "~", ".", "..", ".inf", ".nan"}
)
EXPRESSION = re.compile(r"\$\{\{ [^#\n:\"'\[\]{}]*(?:\[\])? \}\}")


@frozen
class Commented:
    """A scalar with a comment behind it."""

    value: str
    comment: str


def yaml_text(tree: Mapping[str, Tree]) -> str:
    """The tree in block style, keys in their order; the same tree always gives the same text."""
    return "\n".join(_mapping(tree, "")) + "\n"


def _mapping(tree: Mapping[str, Tree], indent: str) -> Iterator[str]:
    for key, value in tree.items():
        yield from _entry(f"{indent}{_key(key)}:", value, indent)


def _entry(head: str, value: Tree, indent: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        if value:
            yield head
            yield from _mapping(value, indent + "  ")
        else:
            yield f"{head} {{}}"
    elif isinstance(value, list):
        yield from _list(head, value, indent)
    elif isinstance(value, str) and _is_block(value):
        yield from _block(head, value, indent + "  ")
    else:
        yield f"{head} {_scalar(value)}"


def _list(head: str, items: list[Tree], indent: str) -> Iterator[str]:
    if not items:
        yield f"{head} []"
        return
    flow = "[" + ", ".join(_scalar(item) for item in items if isinstance(item, str | int)) + "]"
    if all(isinstance(item, str | int) for item in items) and len(flow) + len(head) < 110:
        yield f"{head} {flow}"
        return
    yield head
    for item in items:
        inner = indent + "    "
        first, *rest = _mapping(item, inner) if item and isinstance(item, Mapping) else _entry("", item, inner)
        yield f"{indent}  - {first.lstrip()}".rstrip()
        yield from rest


def _is_block(text: str) -> bool:
    """True when the text reads best as a literal block, and can: it is printable and its indentation is beyond doubt."""
    if not {"\n", '"', "\\"}.intersection(text):
        return False
    lines = text.split("\n")
    first = next((line for line in lines if line), " ")
    printable = all(line.isprintable() or line.replace("\t", "").isprintable() for line in lines)
    return not first.startswith((" ", "\t")) and printable


def _block(head: str, text: str, indent: str) -> Iterator[str]:
    body = text.rstrip("\n")
    ends = len(text) - len(body)
    yield f"{head} |{'-' if ends == 0 else '' if ends == 1 else '+'}"
    lines = (text[:-1] if ends else text).split("\n")
    for line in lines:
        yield indent + line if line else ""


def _key(key: str) -> str:
    return key if PLAIN.fullmatch(key) and (key == "on" or key.lower() not in RESERVED) else _quoted(key)


def _scalar(value: object) -> str:
    if isinstance(value, Commented):
        return f"{_scalar(value.value)} # {value.comment}"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    text = str(value)
    if EXPRESSION.fullmatch(text) or (PLAIN.fullmatch(text) and text.lower() not in RESERVED):
        return text
    return _quoted(text)


def _quoted(text: str) -> str:
    """A double-quoted scalar: JSON's, with whatever a reader could not see escaped too."""
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(char if char.isprintable() else f"\\U{ord(char):08X}" for char in quoted)
