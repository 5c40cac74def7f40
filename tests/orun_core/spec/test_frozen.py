"""What `frozen` makes of a class, beside what the standard library makes of it."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, asdict, dataclass, field, fields, is_dataclass, replace
from typing import Any, Generic, TypeVar

import pytest
from orun_core.spec.frozen import frozen

T = TypeVar("T")


@frozen
class Point(Generic[T]):
    """A point."""

    x: T
    y: int = 2
    tags: list[str] = field(default_factory=list)

    @property
    def far(self) -> bool:
        return self.y > 5


@dataclass(frozen=True, slots=True)
class Standard(Generic[T]):
    """A point."""

    x: T
    y: int = 2
    tags: list[str] = field(default_factory=list)

    @property
    def far(self) -> bool:
        return self.y > 5


@frozen
class Empty:
    """Nothing."""


@frozen
class Named:
    """Shown by its name."""

    name: str

    def __repr__(self) -> str:
        return f"<{self.name}>"


ASKED = {
    "positional": lambda cls: repr(cls(1, 3, ["a"])),
    "by name": lambda cls: repr(cls(tags=["a"], x=1)),
    "nothing given": lambda cls: cls(),
    "too much": lambda cls: cls(1, 2, [], 4),
    "an unknown name": lambda cls: cls(1, z=2),
    "equal": lambda cls: (cls(1) == cls(1, 2, []), cls(1) != cls(2), cls(1) == (1, 2, [])),
    "a set": lambda cls: len({cls(1, 2, ()), cls(1, 2, ()), cls(2, 2, ())}),
    "a hash of a list": lambda cls: hash(cls(1)),
    "assigned": lambda cls: setattr(cls(1), "x", 2),
    "deleted": lambda cls: delattr(cls(1), "x"),
    "replaced": lambda cls: repr(replace(cls(1), y=7)),
    "replaced by an unknown name": lambda cls: replace(cls(1), z=7),
    "fields": lambda cls: [(part.name, part.type, part.default) for part in fields(cls)],
    "as a dict": lambda cls: (is_dataclass(cls), asdict(cls(1, tags=["a"]))),
    "slots": lambda cls: (cls.__slots__, hasattr(cls(1), "__dict__")),
    "a property": lambda cls: cls(1, 6).far,
    "its words": lambda cls: cls.__doc__,
    "copied": lambda cls: (copy.copy(cls(1)) == cls(1), repr(copy.deepcopy(cls(1, tags=["a"])))),
    "matched": lambda cls: cls.__match_args__,
}


def outcome(ask: Any, cls: type[Any]) -> object:
    try:
        found = ask(cls)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is compared
        return type(error)
    return found.replace(cls.__name__, "") if isinstance(found, str) else str(found).replace(cls.__name__, "")


@pytest.mark.parametrize("ask", ASKED.values(), ids=list(ASKED))
def test_it_answers_as_a_standard_dataclass(ask: Any) -> None:
    assert outcome(ask, Point) == outcome(ask, Standard)


def test_a_factory_makes_a_default_for_each() -> None:
    assert Point(1).tags is not Point(1).tags


def test_nothing_can_be_changed() -> None:
    point = Point(1)
    with pytest.raises(FrozenInstanceError, match="field 'y'"):
        point.y = 3  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError, match="field 'y'"):
        del point.y
    assert point.y == 2


def test_where_the_standard_one_stumbles_over_its_slots() -> None:
    assert Point[int](1) == Point(1)
    with pytest.raises(FrozenInstanceError, match="field 'z'"):
        Point(1).z = 3  # type: ignore[attr-defined]


def test_it_can_be_pickled() -> None:
    assert pickle.loads(pickle.dumps(Point(1, 5, ["a"]))) == Point(1, 5, ["a"])


def test_two_classes_are_never_equal() -> None:
    assert Named("a") != Point("a")
    assert Empty() == Empty()
    assert hash(Empty()) == hash(Empty())


def test_what_a_class_defines_stays() -> None:
    assert repr([Named("a")]) == "[<a>]"
