"""Values: frozen dataclasses with slots that cost little to define.

The standard decorator compiles six functions for each class. A short command defines a hundred and fifty classes, and would
spend a fifth of its time on that. Here only `__init__` is compiled; the other functions are the same for all values. To whoever
uses one it is a dataclass: `fields`, `replace`, `asdict` and `match` work.
"""

from __future__ import annotations

from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field, fields
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeVar, dataclass_transform

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
_FRESH: Final = object()
"""Stands for a default that a factory makes."""


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(cls: type[T]) -> type[T]:
    """What `dataclass(frozen=True, slots=True)` makes of a class: every field is a parameter, compared, hashed and shown."""
    own = set(cls.__dict__)
    made: Any = dataclass(init=False, repr=False, eq=False, slots=True)(cls)
    made.__init__ = _initializer(fields(made))
    made.__parts__ = attrgetter(*made.__match_args__) if made.__match_args__ else type
    for name, function in _SHARED.items():
        if name not in own:
            setattr(made, name, function)
    return made  # type: ignore[no-any-return]


def _initializer(parts: tuple[Field[Any], ...]) -> Callable[..., None]:
    """`__init__` with a parameter for each field."""
    names: dict[str, Any] = {"_set": object.__setattr__, "_FRESH": _FRESH}
    parameters, lines = ["self"], []
    for part in parts:
        name, given = part.name, part.name
        if part.default_factory is not MISSING:
            names[f"_make_{name}"], names[f"_default_{name}"] = part.default_factory, _FRESH
            given = f"_make_{name}() if {name} is _FRESH else {name}"
        elif part.default is not MISSING:
            names[f"_default_{name}"] = part.default
        parameters.append(f"{name}=_default_{name}" if f"_default_{name}" in names else name)
        lines.append(f'_set(self, "{name}", {given})')
    exec(f"def __init__({', '.join(parameters)}): {'; '.join(lines) or 'pass'}", names)  # noqa: S102 - as `dataclasses` does
    made: Callable[..., None] = names["__init__"]
    return made


def _equal(self: Any, other: object) -> bool:
    parts = self.__parts__
    return parts(self) == parts(other) if type(other) is type(self) else NotImplemented


def _hash(self: Any) -> int:
    return hash(self.__parts__(self))


def _show(self: Any) -> str:
    shown = (f"{name}={getattr(self, name)!r}" for name in self.__match_args__)
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _refuse(self: Any, name: str, _: object = None) -> NoReturn:
    raise FrozenInstanceError(f"cannot assign to or delete field {name!r}")


def _rebuild(self: Any) -> tuple[Any, ...]:
    return type(self), tuple(getattr(self, name) for name in self.__match_args__)


_SHARED: Final = {
    "__eq__": _equal,
    "__hash__": _hash,
    "__repr__": _show,
    "__setattr__": _refuse,
    "__delattr__": _refuse,
    "__reduce__": _rebuild,
}
