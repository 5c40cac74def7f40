"""Generated templates render as the independent engine `gotpl` renders them.

`gotpl` is lenient where Go is not (a field of a string or of null), calls comparing null with a value an error, and
writes `<no value>`, and mixes up variables that shadow one another: generated templates keep to where it agrees with Go.
"""

from __future__ import annotations

from typing import Any

import gotpl
from hypothesis import given, settings
from hypothesis import strategies as st
from orun_core.compiler.template import compile_template

DOT: dict[str, Any] = {
    "parameters": {
        "name": "api <web> & 'co'",
        "empty": "",
        "port": 8080,
        "zero": 0,
        "ratio": 0.5,
        "big": 12345678.0,
        "on": True,
        "off": False,
        "list": [3, "x", None, 1.5, [True]],
        "none": [],
        "map": {"b": 1, "a": "z", "c": {"d": None}},
    },
    "env": {"MODE": "fast", "EMPTY": ""},
}
PLACES = [*(f".parameters.{key}" for key in DOT["parameters"]), ".env", ".env.MODE", ".nope", ".parameters.nope.x"]
LITERALS = ['"s"', "`r\n`", "7", "-1.5", "1e6", "true", "'a'"]
PLAIN_VERBS = ["%v", "%d", "%s", "%q", "%t", "%%"]
FORMATTED = ["$.parameters.name", "$.parameters.port", "7", "true", "2.25"]
PADDED = [
    '(printf "%06d|%-6d|%+d|%x" 42 $.parameters.port 7 255)',
    '(printf "%8.3f|%-8.1f|%+.2e" $.parameters.ratio 2.25 12345.678)',
    '(printf "%8s|%-20s|%.3s|%x" "abc" $.parameters.name "abcdef" "abc")',
    '(printf "%6v|%-6v|" true 7)',
]


def _in_root(place: str) -> str:
    return f"${place}"


operands = st.sampled_from([*map(_in_root, PLACES), *LITERALS])
present = st.sampled_from([_in_root(place) for place in PLACES if "nope" not in place])
expressions = st.recursive(
    operands,
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(["and", "or"]), inner, inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        inner.map(lambda e: f"(not {e})"),
        st.tuples(st.sampled_from(["print", "println"]), present, present).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        st.tuples(st.sampled_from(["html", "js", "urlquery", "print"]), present).map(lambda t: f"({t[1]} | {t[0]})"),
        st.tuples(st.sampled_from(PLAIN_VERBS), st.sampled_from(FORMATTED)).map(lambda t: f'(printf "{t[0]}" {t[1]})'),
        st.sampled_from(PADDED),
        st.tuples(st.sampled_from(["eq", "ne", "lt", "le", "gt", "ge"]), st.integers(-3, 3), st.integers(-3, 3)).map(
            lambda t: f"({t[0]} {t[1]} {t[2]})"
        ),
        st.sampled_from(["(len $.parameters.list)", '(index $.parameters.map "a")', '(slice "abcdef" 1 3)']),
    ),
    max_leaves=4,
)
left = st.sampled_from(["{{", "{{ ", "{{- "])
right = st.sampled_from(["}}", " }}", " -}}"])
text = st.sampled_from(["", " ", "a", " b\n", "\n\n c ", "}", "$", "${X} ", "é"])
tag = st.tuples(left, right)


def wrap(inner: str, marks: tuple[str, str]) -> str:
    return f"{marks[0]}{inner}{marks[1]}"


actions = st.tuples(expressions, tag).map(lambda t: wrap(*t))
templates = st.recursive(
    st.one_of(text, actions, tag.map(lambda t: wrap("$x", t)), st.just("{{/* c */}}"), st.just("{{- /* c */ -}}")),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(expressions, inner, inner, tag, tag, tag).map(
            lambda t: wrap(f"if {t[0]}", t[3]) + t[1] + wrap("else", t[4]) + t[2] + wrap("end", t[5])
        ),
        st.tuples(expressions, expressions, inner, inner, tag).map(
            lambda t: wrap(f"if {t[0]}", t[4]) + t[2] + f"{{{{else if {t[1]}}}}}" + t[3] + "{{end}}"
        ),
        st.tuples(expressions, inner, inner, tag).map(
            lambda t: wrap(f"with $y := {t[0]}", t[3]) + t[1] + "{{else}}" + t[2] + "{{end}}"
        ),
        st.tuples(
            st.sampled_from(["$.parameters.list", "$.parameters.map", "$.env", "$.parameters.none"]), inner, tag
        ).map(lambda t: wrap(f"range $k, $y := {t[0]}", t[2]) + "{{$k}}" + t[1] + "{{else}}none{{end}}"),
        st.tuples(st.integers(0, 3), inner, expressions).map(
            lambda t: f"{{{{range $z := {t[0]}}}}}{{{{if {t[2]}}}}}{{{{continue}}}}{{{{end}}}}{t[1]}{{{{end}}}}"
        ),
        st.tuples(inner, expressions).map(lambda t: f"{{{{$x = {t[1]}}}}}{t[0]}"),
    ),
    max_leaves=8,
)


@settings(max_examples=400, deadline=None)
@given(templates)
def test_a_generated_template_renders_as_the_oracle_renders_it(template: str) -> None:
    source = '{{$x := "start"}}' + template
    expected = gotpl.render(source, DOT)
    missing: list[str] = []
    rendered = compile_template(source).render(DOT, lambda name, _line: missing.append(name))
    assert rendered == expected.replace("<no value>", "")
    assert len(missing) == expected.count("<no value>")
