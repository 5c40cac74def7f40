"""Reading and writing YAML."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from orun_core.compiler.yaml_source import dump, locate, parse
from orun_core.spec.errors import CompileError

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text(st.characters(codec="utf-8"), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(codec="utf-8"), min_size=1, max_size=8), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(["on", "yes", "012", "1.50", "<<", "~", "null", "a b", "ü", "#x"]), VALUES))
def test_what_is_dumped_reads_back_the_same(tree: dict[str, object]) -> None:
    tree.pop("<<", None)
    assert parse(dump(tree).encode(), "x.yaml") == (tree or {})


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", "on"), ("yes", "yes"), ("no", "no"), ("012", "012"), ("2024-01-01", "2024-01-01"), ("1:20", "1:20"),
        ("true", True), ("False", False), ("~", None), ("", None), ("0", 0), ("-7", -7), ("0x1F", 31), ("0o17", 15),
        ("0b11", 3), ("1_000", 1000), ("1.5", 1.5), (".5", 0.5), ("1e3", 1000.0),
        ("18446744073709551615", 2**64 - 1), ("18446744073709551616", float(2**64)), ("'1'", "1"), ("!!str 1", "1"), ("!!int '3'", 3),
        ("1.2.3", "1.2.3"), ("+", "+"), ("-", [None]), ("1e", "1e"), ("0x", "0x"), ("1_", 1),
    ],
)  # fmt: skip
def test_core_scalars(text: str, value: object) -> None:
    found = parse(f"k: {text}\n".encode() if text != "-" else b"k:\n  -\n", "x.yaml")
    assert found == {"k": value}
    assert type(found["k"]) is type(value)


@pytest.mark.parametrize(
    ("data", "code", "place"),
    [
        (b"a: [1\n", "load/yaml-syntax", "x.yaml:2:1"),
        (b"a: 1\nb: 2\na: 3\n", "load/duplicate-key", "x.yaml:3:1"),
        (b"a: 1\nb: \xff\n", "load/encoding", "x.yaml:2:4"),
        (b"a: &a {b: *a}\n", "load/alias-bomb", "x.yaml:1:4"),
        (b"{[a]: 1}\n", "load/wrong-type", "x.yaml:1:2"),
        (b"a: .inf\n", "load/not-finite", "x.yaml:1:4"),
        (b"a: 1\nb: \x07\n", "load/yaml-syntax", "x.yaml:2:4"),
    ],
)
def test_what_is_refused(data: bytes, code: str, place: str) -> None:
    with pytest.raises(CompileError) as caught:
        parse(data, "x.yaml")
    assert [(d.code, str(d.where)) for d in caught.value.diagnostics] == [(code, place)]


def test_an_alias_bomb_is_refused_before_it_grows() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 9)]
    with pytest.raises(CompileError) as caught:
        parse("\n".join(lines).encode(), "x.yaml")
    assert [d.code for d in caught.value.diagnostics] == ["load/alias-bomb"]


def test_merge_keys_and_the_first_document() -> None:
    assert parse(b"base: &b {x: 1, y: 2}\nuse: {<<: *b, y: 3}\n---\nsecond: 1\n", "x.yaml") == {
        "base": {"x": 1, "y": 2},
        "use": {"x": 1, "y": 3},
    }


def test_locating_a_pointer() -> None:
    data = b"a:\n  - b: 1\n    c/d: 2\n"
    assert str(locate(data, "x", "/a/0/c~1d")) == "x:3:5"
    assert str(locate(data, "x", "/a/0/missing/deep")) == "x:2:5"
    assert str(locate(b"", "x", "/a")) == "x:1:1"
