from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Literal

import pytest
from orun_core.spec.tree import ShapeError, build, document


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True, slots=True)
class Part:
    part_name: str
    size: int = 0


@dataclass(frozen=True, slots=True)
class Whole:
    name: str
    parts: tuple[Part, ...] = ()
    with_: Mapping[str, Any] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    main: Part | None = None
    exit_code: int | None = None
    mode: Literal["a", "b"] = "a"
    colour: Colour = Colour.RED
    working_directory: str = ""
    on: bool = False


def test_names_are_camel_case_and_empty_fields_with_a_default_are_left_out() -> None:
    assert document(Whole("w", parts=(Part("p"),), working_directory="x")) == {
        "name": "w",
        "parts": [{"partName": "p"}],
        "mode": "a",
        "colour": "red",
        "working-directory": "x",
    }
    assert document(Part("")) == {"partName": ""}


def test_where_the_default_is_none_only_none_is_left_out() -> None:
    assert document(Whole("w", exit_code=0))["exitCode"] == 0
    assert "exitCode" not in document(Whole("w"))


def test_maps_are_sorted_and_integral_floats_are_integers() -> None:
    tree = document(Whole("w", with_=MappingProxyType({"b": 1.0, "a": (1.5, {"z": None, "y": 2})})))
    assert list(tree["with"].items()) == [("a", [1.5, {"y": 2, "z": None}]), ("b", 1)]
    assert type(tree["with"]["b"]) is int


@pytest.mark.parametrize(
    ("number", "kind"), [(2.0**53 - 1, int), (1.0 - 2.0**53, int), (2.0**53, float), (-(2.0**53), float)]
)
def test_a_float_beyond_which_integers_are_not_exact_stays_one(number: float, kind: type) -> None:
    assert type(document(number)) is kind


def test_what_was_written_is_read_back() -> None:
    value = Whole("w", (Part("p", 2),), {"a": [1, None]}, {"b": ""}, Part("m"), 0, "b", Colour.BLUE, "x", on=True)
    assert build(Whole, document(value), closed=True) == value
    assert build(Whole, {"name": "w", "main": None}, closed=True) == Whole("w")


@pytest.mark.parametrize(
    ("tree", "faults"),
    [
        ([], [("", "must be an object, not a list")]),
        ({}, [("", 'has no field "name"')]),
        ({"name": None}, [("/name", "must be a string, not null")]),
        ({"name": "w", "on": 1}, [("/on", "must be true or false, not an integer")]),
        ({"name": "w", "exitCode": True}, [("/exitCode", "must be an integer, not true or false")]),
        ({"name": "w", "mode": []}, [("/mode", "must be one of a, b, not a list")]),
        ({"name": "w", "colour": "green"}, [("/colour", 'must be one of red, blue, not "green"')]),
        ({"name": "w", "parts": [{"partName": "p"}, 1.5]}, [("/parts/1", "must be an object, not a number")]),
        (
            {"name": 1, "env": {"A": 1}},
            [("/name", "must be a string, not an integer"), ("/env/A", "must be a string, not an integer")],
        ),
    ],
)
def test_every_fault_has_its_place(tree: object, faults: list[tuple[str, str]]) -> None:
    with pytest.raises(ShapeError) as caught:
        build(Whole, tree, closed=True)
    assert [(fault.pointer, fault.message) for fault in caught.value.faults] == faults


def test_unknown_fields_are_faults_only_of_a_closed_class() -> None:
    tree = {"name": "w", "parts": [{"partName": "p", "sise": 1}]}
    assert build(Whole, tree, closed=False) == Whole("w", (Part("p"),))
    with pytest.raises(ShapeError) as caught:
        build(Whole, tree, closed=True)
    assert (caught.value.faults[0].unknown, caught.value.faults[0].known) == ("sise", ("partName", "size"))
