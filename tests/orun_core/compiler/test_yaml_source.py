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
        ("1.2.3", "1.2.3"), ("+", "+"), ("-", [None]), ("1e", "1e"), ("0x", "0x"), ("1_", 1), ("0x_", "0x_"), ("0x_f", 15),
        ("-0b1", -1), ("1e400", "1e400"), ("-1e400", "-1e400"), ("9" * 30, float("9" * 30)), ("9" * 400, "9" * 400),
        ("9" * 5000, "9" * 5000), ("0x" + "f" * 17, "0x" + "f" * 17), ("0x" + "f" * 5000, "0x" + "f" * 5000),
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
        (b"a: " + b"[" * 150 + b"]" * 150, "load/too-deep", "x.yaml:1:103"),
        (b"a:\n" + b"- " * 600 + b"x", "load/too-deep", "x.yaml:2:199"),
        (b"a: &a " + b"[" * 150 + b"]" * 150 + b"\nb: *a", "load/too-deep", "x.yaml:1:107"),
    ],
)
def test_what_is_refused(data: bytes, code: str, place: str) -> None:
    with pytest.raises(CompileError) as caught:
        parse(data, "x.yaml")
    assert [(d.code, str(d.where)) for d in caught.value.diagnostics] == [(code, place)]


@pytest.mark.parametrize("opening", [b"[", b"{", b"- ", b"? "])
def test_nesting_that_would_leave_the_stack_of_the_reader(opening: bytes) -> None:
    with pytest.raises(CompileError) as caught:
        parse(b"a:\n" + opening * 200_000, "x.yaml")
    assert [d.code for d in caught.value.diagnostics] == ["load/too-deep"]


def test_many_brackets_and_long_lines_are_no_nesting() -> None:
    assert (
        len(parse(b"a: [" + b"[], " * 2000 + b"]\nb: {c: " + b"x" * 2000 + b"}\n---\n" + b"[" * 500, "x.yaml")["a"])
        == 2000
    )


@pytest.mark.parametrize(
    ("text", "said", "hint"),
    [
        ("a:\n\tb: 1", "a tab indents this line", "spaces"),
        ("a: @scope/pkg", "a text that is not quoted cannot start with @", "quotes"),
        ("a: `date`", "a text that is not quoted cannot start with `", "quotes"),
        ("a: *", "while scanning an alias", '"*"'),
        ("a: b: c", "mapping values are not allowed", "indentation"),
        ("a:\n  b: 1\n c: 2", "did not find expected key", "same column"),
        ("a: [1\nb: 2", "did not find expected ',' or ']'", "bracket"),
        ("a: 'b", "found unexpected end of stream", "close the quote"),
        ('a: "\\d"', "found unknown escape character", "single quotes"),
        ("a: x\n\tb", "found a tab character", "spaces"),
        ("a: {{ .component }}", "a key must be a scalar", "{{ in quotes"),
    ],
)
def test_what_helps_against_a_syntax_error(text: str, said: str, hint: str) -> None:
    with pytest.raises(CompileError) as caught:
        parse(text.encode(), "x.yaml")
    (found,) = caught.value.diagnostics
    assert said in found.message
    assert hint in found.hint


@pytest.mark.parametrize(
    ("text", "opened"),
    [("a: 1\nb: [x,\nc: 2\nd: 3", "x.yaml:2:4"), ("a: {b: 1\nc: 2", "x.yaml:1:4"), ("a:\n  - 'b\nc: 1", "x.yaml:2:5"), ("a: b: c", "")],
)  # fmt: skip
def test_where_the_bracket_or_quote_stands_that_is_not_closed(text: str, opened: str) -> None:
    with pytest.raises(CompileError) as caught:
        parse(text.encode(), "x.yaml")
    (found,) = caught.value.diagnostics
    assert [(r.message, str(r.where)) for r in found.related] == ([("opened here", opened)] if opened else [])


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
