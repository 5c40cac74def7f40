"""The template engine: what it adds to Go's, what it refuses, where errors point, and its limits."""

from __future__ import annotations

from itertools import pairwise
from types import MappingProxyType
from typing import Any

import pytest
from orun_core.compiler.template import TemplateError, compile_template

DOT: dict[str, Any] = {
    "parameters": {"region": "eu-west-1", "null": None, "list": [1, "a"], "a-b": "hyphen", "port": 8080},
    "env": {"MODE": "fast"},
    "orun": {"component": {"name": "api"}},
}


def render(text: str, dot: Any = DOT) -> tuple[str, list[tuple[str, int]]]:
    missing: list[tuple[str, int]] = []
    rendered = compile_template(text).render(dot, lambda name, line: missing.append((name, line)))
    return rendered, missing


def error(text: str) -> TemplateError:
    with pytest.raises(TemplateError) as caught:
        render(text)
    return caught.value


def test_text_without_actions_is_static_and_returned_as_it_is() -> None:
    text = "echo ${HOME} {not} ${{ steps.build.outputs.image }}"
    template = compile_template(text)
    assert template.body is None
    assert render(text) == (text, [])


def test_a_text_is_compiled_once() -> None:
    assert compile_template("x {{ .parameters.region }}") is compile_template("x {{ .parameters.region }}")
    assert compile_template("x {{ .parameters.region }}").body is not None


@pytest.mark.parametrize(
    ("text", "rendered", "missing"),
    [
        ("{{ .parameters.nope }}|", "|", [(".parameters.nope", 1)]),
        ("a\n{{ .parameters.null }}b\n{{ .nope.deeper }}", "a\nb\n", [(".parameters.null", 2), (".nope.deeper", 3)]),
        ("{{ $x := .nope }}\n{{ $x }}", "\n", [("$x", 2)]),
        ("{{ or .nope .parameters.null }}", "", [("or .nope .parameters.null", 1)]),
        ('{{ index .parameters "nope" }}', "", [('index .parameters "nope"', 1)]),
        ("{{ if .nope }}a{{ else }}b{{ end }}{{ with .nope }}c{{ end }}", "b", []),
        ("{{ range .nope }}a{{ else }}b{{ end }}", "b", []),
        ('{{ .nope | default "y" }}', "y", []),
    ],
)
def test_a_missing_key_is_falsy_and_renders_empty_with_a_report(
    text: str, rendered: str, missing: list[tuple[str, int]]
) -> None:
    assert render(text) == (rendered, missing)


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ('{{ .parameters.region | default "us" }}', "eu-west-1"),
        ("{{ default 1 0 }}", "1"),
        ('{{ .parameters.region | quote }} {{ quote "a\\"b" 1 nil }}', '"eu-west-1" "a\\"b" "1"'),
        ("v: ${{ steps.build-1.outputs.tag_2 }} {{ .parameters.port }}", "v: ${{ steps.build-1.outputs.tag_2 }} 8080"),
        ("${{steps.a.outputs.b}}{{ .env.MODE }}", "${{steps.a.outputs.b}}fast"),
        ("${{ .parameters.port }}", "$8080"),
        ("{{`${{ github.sha }}`}}", "${{ github.sha }}"),
        ('${{"{{"}} github.sha }}', "${{ github.sha }}"),
        ('{{ index .parameters "a-b" }}', "hyphen"),
        ("{{ .parameters.port }}}", "8080}"),
    ],
)
def test_what_is_added_to_go(text: str, rendered: str) -> None:
    assert render(text) == (rendered, [])


def test_any_mapping_and_sequence_is_data() -> None:
    dot = {"parameters": MappingProxyType({"b": (1, None), "a": {}})}
    assert (
        render("{{ .parameters }} {{ range .parameters.b }}<{{ . }}>{{ end }}", dot)[0]
        == "map[a:map[] b:[1 <nil>]] <1><>"
    )


@pytest.mark.parametrize(
    ("text", "line", "column", "message", "hint"),
    [
        ("a\n {{ github.sha }}", 2, 5, 'function "github" not defined', ""),
        ("a {{ quot .x }}", 1, 6, 'function "quot" not defined', "did you mean quote?"),
        ("{{ env.HOME }}", 1, 4, 'function "env" not defined', "a name starts with a dot: .env"),
        (
            "{{ .parameters.a-b }}",
            1,
            17,
            "bad character U+002D '-'",
            'write index .parameters "a-b" for a key with a hyphen',
        ),
        ("x\n{{ if .a }}\ny", 3, 2, "unexpected end of the template: an {{end}} is missing", ""),
        ("{{ .parameters.region.x }}", 1, 4, "can't evaluate field x in type string", ""),
        ("{{ .parameters.list.x }}", 1, 4, "can't evaluate field x in type []interface {}", ""),
        (
            "{{ .parameters.null.x }}",
            1,
            4,
            "can't evaluate field x of a null value",
            "test it first: {{ with … }}{{ .x }}{{ end }}",
        ),
        ("{{ index .parameters.list 5 }}", 1, 4, "index: index out of range: 5", ""),
        (
            '{{ template "gret" }}{{ define "greet" }}{{ end }}',
            1,
            13,
            'template "gret" not defined',
            "did you mean greet?",
        ),
        ("{{ $count := 1 }}{{ $cont }}", 1, 21, 'undefined variable "$cont"', "did you mean $count?"),
        ("{{ len .parameters.port }}", 1, 4, "len: no length in type int", ""),
        ("{{ len 1 2 }}", 1, 4, "wrong number of args for len: want 1 got 2", ""),
        ("{{ .env.MODE 1 }}", 1, 4, "can't give argument to non-function .env", ""),
        ("{{ end }}", 1, 4, "unexpected {{end}}", ""),
        ("{{ /* c */ }}", 1, 4, "unexpected '/' in action", ""),
        ('{{ "a }}', 1, 4, "unterminated quoted string", ""),
    ],
)
def test_an_error_points_at_its_place(text: str, line: int, column: int, message: str, hint: str) -> None:
    found = error(text)
    assert (found.line, found.column, found.message, found.hint) == (line, column, message, hint)


@pytest.mark.parametrize("text", ["${{ github.sha }}", "${{ !cancelled() }}", "${{ secrets.TOKEN || 'x' }}"])
def test_an_expression_of_github_gets_a_hint(text: str) -> None:
    assert error(text).hint == 'an expression for GitHub must be quoted: ${{"{{"}} … }} or {{`${{ … }}`}}'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{{ range 1000000000 }}{{ end }}", "more than 1000000 steps"),
        (
            '{{ define "x" }}{{ template "x" }}{{ end }}{{ template "x" }}',
            "templates call each other more than 100 deep",
        ),
        ('{{ $x := "aaaa" }}{{ range 100 }}{{ $x = print $x $x }}{{ end }}', "the result is longer than 4194304"),
        ('{{ range 1000 }}{{ printf "%10000d" . }}{{ end }}', "the output is longer than 4194304"),
        ("{{ " + "(" * 200 + "1" + ")" * 200 + " }}", "nested more than 100 deep"),
        ("{{ if 1 }}" * 200 + "{{ end }}" * 200, "nested more than 100 deep"),
        ("{{ 1" + " | print" * 200 + " }}", "nested more than 100 deep"),
        ('{{ printf "%99999999d" 1 }}', "width or precision above 1000000"),
    ],
)
def test_a_hostile_template_is_stopped(text: str, message: str) -> None:
    assert message in error(text).message


def test_doubling_calls_are_stopped() -> None:
    names = [f"t{n}" for n in range(60)]
    calls = "".join(
        f'{{{{ define "{a}" }}}}{{{{ template "{b}" }}}}{{{{ template "{b}" }}}}{{{{ end }}}}'
        for a, b in pairwise(names)
    )
    found = error(calls + '{{ define "t59" }}{{ end }}{{ template "t0" }}')
    assert "more than 1000000 steps" in found.message


def test_long_else_chains_are_not_deep() -> None:
    assert render("{{ if 0 }}" + "{{ else if 0 }}" * 2000 + "{{ else }}z{{ end }}") == ("z", [])
