"""A compile that remembers an earlier one says what a compile without memory says, and checks only what it must."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from compiling import Project, composition
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from orun_core.plan.canonical import canonical
from orun_core.spec.errors import OrunError

if TYPE_CHECKING:
    from pathlib import Path

INTENT = """\
metadata: {name: shop}
discovery: {roots: [apps]}
environments: {dev: {}, prod: {}}
automation: {triggerBindings: {main: {on: {provider: github, event: push}, activate: {environments: [prod]}}}}
components: [{name: inline, type: svc, subscribe: {environments: [dev]}}]
"""


def component(name: str, more: str = "", environments: str = "[dev, {name: prod, profile: fast}]") -> str:
    return (
        f"kind: Component\nmetadata: {{name: {name}}}\nspec:\n  type: svc\n"
        f"  subscribe: {{environments: {environments}}}\n  parameters: {{image: {name}}}\n{more}"
    )


def svc(image: str) -> str:
    schema = f"{{type: object, properties: {{parameters: {{properties: {{image: {{type: {image}}}}}}}}}}}"
    profiles = "defaultProfile: fast\nprofiles: [{name: fast}]"
    return composition(more=profiles).replace("{type: object}", schema)


API, WEB, DB = (f"apps/{name}/component.yaml" for name in ("api", "web", "db"))
STACK = "stack/compositions/svc/composition.yaml"
FILES = {
    "intent.yaml": INTENT,
    STACK: svc("string"),
    API: component("api", "  dependsOn: [{component: db}]\n"),
    WEB: component("web", "  dependsOn: [{component: api}]\n"),
    DB: component("db"),
}
RULE = "[{name: prod, profile: fast, profileRules: [{profile: fast, when: {triggerRef: main}}]}]"
EDITS = {
    "nothing": {},
    "a component that depends on nobody": {WEB: component("web", "  dependsOn: [{component: nobody}]\n")},
    "one that must have nobody": {WEB: component("web", "  dependsOn: [{component: nobody, include: always}]\n")},
    "a parameter of another type": {DB: component("db").replace("image: db", "image: 7")},
    "a type that nobody exports": {API: component("api").replace("type: svc", "type: job")},
    "a rule about a trigger": {DB: component("db", environments=RULE)},
    "a misspelt field": {DB: component("db", "  lables: {a: b}\n")},
    "a name that others depend on": {DB: component("database")},
    "a name that is taken": {DB: component("api")},
    "a component that is disabled": {DB: component("db", "  enabled: false\n")},
    "a reserved variable": {API: component("api", "  env: {ORUN_X: '1'}\n")},
    "one environment less": {"intent.yaml": INTENT.replace("dev: {}, ", "")},
    "one trigger less": {"intent.yaml": INTENT.replace("{main: {on", "{other: {on")},
    "a wrong inline component": {"intent.yaml": INTENT.replace("[dev]}}]", "[nowhere]}}]")},
    "another intent that says the same": {"intent.yaml": INTENT + "# words\n"},
    "a stricter schema": {STACK: svc("integer")},
}


def outcome(project: Project, memory: Path | None, files: dict[str, str]) -> object:
    """The plan and the warnings, or everything that is wrong."""
    project.memory = memory
    intent = files["intent.yaml"]
    try:
        compiled = project.compile(intent, {name: text for name, text in files.items() if name != "intent.yaml"})
    except OrunError as error:
        return [str(diagnostic) for diagnostic in error.diagnostics]
    return canonical(compiled.document), [str(warning) for warning in compiled.warnings]


def cleared(project: Project, memory: Path, files: dict[str, str]) -> frozenset[str]:
    """The files that were not checked again."""
    project.memory = memory
    rest = {name: text for name, text in files.items() if name != "intent.yaml"}
    return project.compile(files["intent.yaml"], rest).resolution.project.loaded.cleared


@pytest.mark.parametrize("edit", EDITS.values(), ids=list(EDITS))
def test_after_an_edit_a_compile_with_memory_says_what_one_without_says(tmp_path: Path, edit: dict[str, str]) -> None:
    project, memory = Project(tmp_path / "root"), tmp_path / "memory"
    for files in (FILES, FILES | edit, FILES | edit, FILES):
        assert outcome(project, memory, files) == outcome(project, None, files)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.sampled_from(list(EDITS.values())), max_size=3), max_size=5))
def test_after_any_edits_too(tmp_path_factory: pytest.TempPathFactory, steps: list[list[dict[str, str]]]) -> None:
    root = tmp_path_factory.mktemp("any")
    project, memory = Project(root / "root"), root / "memory"
    for edits in steps:
        files = dict(FILES)
        for edit in edits:
            files |= edit
        assert outcome(project, memory, files) == outcome(project, None, files)


def test_only_what_changed_is_checked_again(tmp_path: Path) -> None:
    project, memory = Project(tmp_path / "root"), tmp_path / "memory"
    assert cleared(project, memory, FILES) == set()
    assert cleared(project, memory, FILES) == {API, WEB, DB}
    assert cleared(project, memory, FILES | {DB: component("db", "  labels: {a: b}\n")}) == {API, WEB}
    assert cleared(project, memory, FILES | {DB: component("db", "  labels: {a: b}\n")}) == {API, WEB, DB}


@pytest.mark.parametrize(
    "edit", ["a component that is disabled", "one environment less", "another intent that says the same"]
)
def test_what_all_are_judged_by_clears_nobody_when_it_changes(tmp_path: Path, edit: str) -> None:
    project, memory = Project(tmp_path / "root"), tmp_path / "memory"
    cleared(project, memory, FILES)
    assert cleared(project, memory, FILES | EDITS[edit]) == set()


def test_a_doubtful_component_is_never_cleared(tmp_path: Path) -> None:
    project, memory = Project(tmp_path / "root"), tmp_path / "memory"
    files = FILES | EDITS["a component that depends on nobody"]
    cleared(project, memory, files)
    assert cleared(project, memory, files) == {API, DB}


@pytest.mark.parametrize("damage", ["", "{", "[]", "[" * 100_000, '{"basis": 1}', '{"basis": 1, "files": 3}'], ids=len)
def test_a_damaged_memory_clears_nobody(tmp_path: Path, damage: str) -> None:
    project, memory = Project(tmp_path / "root"), tmp_path / "memory"
    cleared(project, memory, FILES)
    (memory / "cleared.json").write_text(damage)
    assert cleared(project, memory, FILES) == set()
    assert cleared(project, memory, FILES) == {API, WEB, DB}
