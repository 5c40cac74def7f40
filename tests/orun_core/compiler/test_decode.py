"""Reading documents through their models."""

from __future__ import annotations

from textwrap import dedent

import pytest
from orun_core.compiler.decode import decode
from orun_core.spec.documents import Component, ComponentFile, Intent, JobTemplate, JobTemplateFile
from orun_core.spec.errors import CompileError


def problems(text: str) -> list[str]:
    with pytest.raises(CompileError) as caught:
        decode(text.encode(), "x.yaml", Intent)
    return [f"{d.where} {d.message}" for d in caught.value.diagnostics]


def test_every_wrong_shape_of_a_file_is_reported_at_once() -> None:
    text = "env: [1]\nenvironments: {dev: 3}\ncomponents: [{name: a, subscribe: [dev], dependsOn: [b], enabled: maybe}]\nextends: x\n"
    assert problems(text) == [
        "x.yaml:1:6 expected a mapping, got a list",
        "x.yaml:2:21 expected a mapping, got `3`",
        "x.yaml:3:35 expected a mapping, got a list",
        "x.yaml:3:54 expected a mapping, got `b`",
        "x.yaml:3:67 expected true or false, got `maybe`",
        "x.yaml:4:10 expected a list, got `x`",
    ]


@pytest.mark.parametrize(
    ("text", "hints"),
    [
        ("env: [A=1]", ["write `key: value` lines without dashes"]),
        ("components: {a: {type: svc}}", ['start each item with "- "']),
        ("components: [{dependsOn: [db], subscribe: [dev]}]", ["write component: db", 'put the list below "environments"']),
        ("components: [{dependsOn: ['a b'], subscribe: dev}]", ["", "write environments: [dev]"]),
        ("automation: {triggerBindings: {t: {on: push}}}", ["write event: push"]),
        ("environments: {dev: {activation: main, promotion: {dependsOn: [stage]}}}", ["write triggerRefs: [main]", "write environment: stage"]),
        ("discovery: {roots: apps}", ["write a list: [apps]"]),
        ("discovery: {roots: ./apps}", [""]),
    ],
)  # fmt: skip
def test_how_to_write_what_has_the_wrong_shape(text: str, hints: list[str]) -> None:
    with pytest.raises(CompileError) as caught:
        decode(text.encode(), "x.yaml", Intent)
    assert [(d.code, d.hint) for d in caught.value.diagnostics] == [("load/wrong-type", hint) for hint in hints]


def test_text_keeps_its_source_and_numbers_are_numbers_where_they_may_be() -> None:
    component, _ = decode(
        b"env: {A: 1.50, B: yes, C: ~}\nparameters: {a: 1.50, b: yes, c: ~}\nname: 007\n", "x", Component
    )
    assert component.env == {"A": "1.50", "B": "yes", "C": ""}
    assert component.parameters == {"a": 1.5, "b": "yes", "c": None}
    assert component.name == "007"


@pytest.mark.parametrize(
    ("text", "warnings"),
    [
        ("enviroments: {}\n", [('unknown field "enviroments"', 'did you mean "environments"?')]),
        ("Environments: {}\n", [('unknown field "Environments"', 'did you mean "environments"?')]),
        ("defaults: {}\nx-mine: 1\nsomethingElse: 2\n", []),
    ],
)
def test_only_near_misses_are_warned_about(text: str, warnings: list[tuple[str, str]]) -> None:
    _, found = decode(text.encode(), "x", Intent)
    assert [(d.message, d.hint) for d in found] == warnings


@pytest.mark.parametrize(
    ("more", "where"),
    [
        ("---\nname: b\n", "x:2:1"),
        ("--- {name: b}\n", "x:2:1"),
        ("...\n---\n# b\nname: [\n", "x:3:1"),
        ("description: |\n  ---\n  name: b\n", ""),
        ("---\n# the end\n\n", ""),
        ("---\n...\n---\n", ""),
    ],
)
def test_a_document_that_is_not_read_is_warned_about(more: str, where: str) -> None:
    component, found = decode(f"name: a\n{more}".encode(), "x", Component)
    assert component.name == "a"
    assert [(d.code, str(d.where)) for d in found] == ([("load/more-documents", where)] if where else [])


def test_fields_that_stand_beside_their_section() -> None:
    text = b"kind: Component\nname: a\ntype: svc\nparameters: {}\nowner: me\nspec: {domain: x}\nother: 1\n"
    _, found = decode(text, "x", ComponentFile)
    assert [(d.message, d.hint) for d in found] == [
        ('unknown field "name"', 'it belongs below "metadata"'),
        ('unknown field "type"', 'it belongs below "spec"'),
        ('unknown field "parameters"', 'it belongs below "spec"'),
        ('unknown field "owner"', 'it belongs below "metadata"'),
    ]


def test_a_field_that_the_original_ignores_may_have_any_shape() -> None:
    job, warnings = decode(
        b"runsOn: x\noutputs: {url: a}\nservices: [db]\nconcurrency: {group: [a]}\n", "x.yaml", JobTemplate
    )
    assert (job.runs_on, job.outputs, job.services, job.concurrency) == ("x", (), {}, None)
    assert [str(d.where) for d in warnings] == ["x.yaml:2:10", "x.yaml:3:11", "x.yaml:4:22"]


def test_a_scalar_may_stand_for_a_mapping_with_one_field() -> None:
    component, _ = decode(b"subscribe: {environments: [dev, 1, {name: prod, profile: p}]}\n", "x", Component)
    assert [(s.name, s.profile) for s in component.subscribe.environments] == [("dev", ""), ("1", ""), ("prod", "p")]


def test_an_empty_file_is_an_empty_document() -> None:
    for text in (b"", b"~\n", b"# nothing\n"):
        assert decode(text, "x", Intent) == (Intent(), ())


def test_nothing_stands_for_an_empty_mapping_or_list_also_below_names() -> None:
    text = """\
        environments:
          dev: {parameterDefaults: {svc: , "*": ~}, activation: {triggerRefs: }}
          prod:
        groups: {g: {parameterDefaults: {svc: null}}}
        """
    found, warnings = decode(dedent(text).encode(), "intent.yaml", Intent)
    assert found.environments["dev"].parameter_defaults == {"svc": {}, "*": {}}
    assert found.environments["prod"].parameter_defaults == {}
    assert found.groups["g"].parameter_defaults == {"svc": {}}
    assert warnings == ()


def test_a_number_in_quotes_is_called_a_text() -> None:
    with pytest.raises(CompileError) as caught:
        decode(b"spec: {retries: '2', steps: 3}", "job.yaml", JobTemplateFile)
    assert [d.message for d in caught.value.diagnostics] == [
        'expected a whole number, got the text "2"',
        "expected a list, got `3`",
    ]


@pytest.mark.parametrize("written", [".nan", ".inf", "-.inf", "'2'", "1e400", "[]", "true"])
def test_a_whole_number_is_finite(written: str) -> None:
    with pytest.raises(CompileError) as caught:
        decode(f"spec: {{retries: {written}}}".encode(), "job.yaml", JobTemplateFile)
    assert [(d.code, str(d.where)) for d in caught.value.diagnostics] == [("load/wrong-type", "job.yaml:1:17")]
