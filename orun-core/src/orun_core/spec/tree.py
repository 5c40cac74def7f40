"""The JSON tree of a contract value, and back: dataclasses become objects with camelCase keys.

`document` writes, `build` reads; both know a class by its field types alone, so plan, journal and state need no code of
their own and no pydantic.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from enum import StrEnum
from functools import cache
from operator import attrgetter
from types import NoneType, UnionType
from typing import Any, Literal, TypeAlias, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from orun_core.spec.frozen import frozen
from orun_core.spec.json_form import json_name

T = TypeVar("T")


def document(value: Any) -> Any:
    """The JSON tree of a contract value: dataclasses become dicts in field order, maps become dicts with sorted keys.

    A field with a default is left out when it is empty (when that default is None, only for None); a field without one is
    always there. Integral floats become integers, so that a number has one form.
    """
    return _writer(type(value))(value)


def _make_writer(cls: type) -> Callable[[Any], Any]:
    if issubclass(cls, Mapping):
        return _map
    if issubclass(cls, list | tuple):
        return _list
    if issubclass(cls, float):
        return _number
    return _structure(cls) if is_dataclass(cls) else _same


_writer: Callable[[Any], Callable[[Any], Any]] = cache(_make_writer)


def _structure(cls: type) -> Callable[[Any], dict[str, Any]]:
    layout = tuple((json_name(f.name), _optional(f), f.default is None) for f in fields(cls))
    read = _values(tuple(f.name for f in fields(cls)))

    def write(value: Any) -> dict[str, Any]:
        tree = {}
        for item, (key, optional, nullable) in zip(read(value), layout, strict=True):
            if item or not optional or (nullable and item is not None):
                tree[key] = item if type(item) is str else _writer(type(item))(item)
        return tree

    return write


def _values(names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    """A function that reads several attributes at once."""
    return attrgetter(*names) if len(names) > 1 else lambda value: tuple(getattr(value, name) for name in names)


def _map(value: Mapping[str, Any]) -> dict[str, Any]:
    return {key: item if type(item := value[key]) is str else _writer(type(item))(item) for key in sorted(value)}


def _list(value: list[Any] | tuple[Any, ...]) -> list[Any]:
    return [item if type(item) is str else _writer(type(item))(item) for item in value]


def _number(value: float) -> float | int:
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def _same(value: Any) -> Any:
    return value


def _optional(field: Any) -> bool:
    return field.default is not MISSING or field.default_factory is not MISSING


@frozen
class Fault:
    """A value that does not fit: its JSON pointer and what is wrong; for a field that does not exist its name and those that do."""

    pointer: str
    message: str
    unknown: str = ""
    known: tuple[str, ...] = ()


class ShapeError(ValueError):
    """A tree does not fit a class; `faults` lists every place."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self.faults = faults
        super().__init__("; ".join(f"{fault.pointer or '/'}: {fault.message}" for fault in faults))


Reader: TypeAlias = "Callable[[Any, str, list[Fault]], Any]"


def build(cls: type[T], tree: Any, *, closed: bool) -> T:
    """The value of dataclass `cls` that `tree` describes; raises `ShapeError` with every fault.

    `closed` makes unknown fields faults; otherwise they are ignored, as a reader of a newer minor version must.
    """
    faults: list[Fault] = []
    value = _reader(cast(Any, cls), closed)(tree, "", faults)
    if faults:
        raise ShapeError(tuple(faults))
    return cast(T, value)


@cache
def _reader(kind: Any, closed: bool) -> Reader:
    """The function that reads one value of a type, made once for each type."""
    origin, arguments = get_origin(kind), get_args(kind)
    if kind is Any:
        return lambda value, at, faults: value
    if is_dataclass(kind):
        return _object_reader(cast(type, kind), closed)
    if origin is Literal or (isinstance(kind, type) and issubclass(kind, StrEnum)):
        return _choice_reader(kind, arguments)
    if origin in (Union, UnionType):
        (inner,) = (argument for argument in arguments if argument is not NoneType)
        read = _reader(inner, closed)
        return lambda value, at, faults: None if value is None else read(value, at, faults)
    if origin is tuple:
        return _list_reader(_reader(arguments[0], closed))
    if origin is Mapping:
        return _map_reader(_reader(arguments[1], closed))
    return _scalar_reader(kind)


def _scalar_reader(kind: type) -> Reader:
    def read(value: Any, at: str, faults: list[Fault]) -> Any:
        if type(value) is not kind:
            faults.append(Fault(at, f"must be {WORDS[kind]}, not {_describe(value)}"))
        return value

    return read


def _choice_reader(kind: Any, allowed: tuple[str, ...]) -> Reader:
    values = {name: name for name in allowed} or {member.value: member for member in kind}

    def read(value: Any, at: str, faults: list[Fault]) -> Any:
        if not isinstance(value, str) or value not in values:
            faults.append(Fault(at, f"must be one of {', '.join(values)}, not {_describe(value)}"))
            return value
        return values[value]

    return read


def _list_reader(read_item: Reader) -> Reader:
    def read(value: Any, at: str, faults: list[Fault]) -> Any:
        if not isinstance(value, list):
            faults.append(Fault(at, f"must be a list, not {_describe(value)}"))
            return ()
        return tuple([read_item(item, f"{at}/{index}", faults) for index, item in enumerate(value)])

    return read


def _map_reader(read_item: Reader) -> Reader:
    def read(value: Any, at: str, faults: list[Fault]) -> Any:
        if not isinstance(value, dict):
            faults.append(Fault(at, f"must be an object, not {_describe(value)}"))
            return {}
        return {key: read_item(item, f"{at}/{pointer_part(key)}", faults) for key, item in value.items()}

    return read


def _object_reader(cls: type, closed: bool) -> Reader:
    hints = get_type_hints(cls)
    table = {json_name(f.name): (f.name, hints[f.name], _reader(hints[f.name], closed)) for f in fields(cls)}
    required = [json_name(f.name) for f in fields(cls) if not _optional(f)]

    def read(value: Any, at: str, faults: list[Fault]) -> Any:
        if not isinstance(value, dict):
            faults.append(Fault(at, f"must be an object, not {_describe(value)}"))
            return None
        before = len(faults)
        known = {}
        for key, item in value.items():
            if key in table:
                name, exact, read_item = table[key]
                known[name] = item if type(item) is exact else read_item(item, f"{at}/{pointer_part(key)}", faults)
            elif closed:
                faults.append(Fault(at, f'has an unknown field "{key}"', unknown=key, known=tuple(table)))
        faults += [Fault(at, f'has no field "{key}"') for key in required if key not in value]
        return cls(**known) if len(faults) == before else None

    return read


WORDS = {
    str: "a string",
    int: "an integer",
    float: "a number",
    bool: "true or false",
    NoneType: "null",
    list: "a list",
    dict: "an object",
}


def _describe(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else WORDS[type(value)]


def pointer_part(key: str) -> str:
    """A key as a part of a JSON pointer."""
    return key.replace("~", "~0").replace("/", "~1")
