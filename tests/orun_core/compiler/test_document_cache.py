"""Documents by file and content: what is kept reads as what was parsed, and a damaged cache is an empty one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from orun_core.compiler.document_cache import DocumentCache, ReadComponent
from orun_core.spec.components import ComponentSummary
from orun_core.spec.documents import Component, DependsOn

if TYPE_CHECKING:
    from pathlib import Path

FILE = "apps/api/component.yaml"
TEXT = b"""\
kind: Component
metadata: {name: api}
spec:
  type: svc
  domain: core
  env: {VERSION: 1.50}
  parameters: {n: 1, x: 1.5, big: 123456789012345678901234567890, flag: true, none: null, list: [1, [a]], path: ./there}
  subscribe: {environments: [dev, {name: prod, profile: p}]}
  dependsOn: [{component: db, input: true}, {component: web, include: always}]
  change: {watches: [env]}
"""
SUMMARY = ComponentSummary(
    FILE,
    "api",
    "svc",
    "core",
    enabled=True,
    paths=["apps/api", "./there"],
    environments=["dev", "prod"],
    depends_on=["db", "web"],
    inputs=["db"],
    includes=["web"],
    watches=["env"],
    references=False,
)
MISSPELT = b"kind: Component\nmetadata: {name: api}\nspec: {typ: svc}\n"


def read(folder: Path, data: bytes = TEXT, file: str = FILE) -> tuple[ReadComponent, Component]:
    cache = DocumentCache(folder)
    found = cache.component(data, file)
    cache.save([file])
    return found, found.component or cache.kept(file)


def kept(folder: Path) -> Path:
    (file,) = folder.iterdir()
    return file


def test_a_kept_component_is_the_parsed_one(tmp_path: Path) -> None:
    first, parsed = read(tmp_path)
    again, component = read(tmp_path)
    assert (first.component, again.component) == (parsed, None)
    assert again.summary == first.summary == SUMMARY
    assert again.digest == first.digest
    assert component == parsed
    assert component.env == {"VERSION": "1.50"}
    assert component.parameters["list"] == [1, ["a"]]
    assert component.depends_on[0] == DependsOn(component="db", input=True)


def test_a_kept_intent_is_the_parsed_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = DocumentCache(tmp_path)
    first = cache.intent(b"metadata: {name: shop}\n", "intent.yaml")
    cache.save(["intent.yaml"])
    monkeypatch.setattr("orun_core.compiler.decode.decode_tree", None)
    assert DocumentCache(tmp_path).intent(b"metadata: {name: shop}\n", "intent.yaml") == first


def test_a_file_that_changed_is_read_again(tmp_path: Path) -> None:
    read(tmp_path)
    found, component = read(tmp_path, TEXT.replace(b"svc", b"job"))
    assert (found.component, component.type, found.summary.type) == (component, "job", "job")
    assert read(tmp_path, TEXT.replace(b"svc", b"job"))[0].component is None


def test_a_document_with_warnings_is_read_again(tmp_path: Path) -> None:
    assert len(read(tmp_path, MISSPELT)[0].warnings) == 1
    assert len(read(tmp_path, MISSPELT)[0].warnings) == 1


def test_one_new_document_among_many_is_not_worth_writing_all(tmp_path: Path) -> None:
    files = [f"apps/{number}/component.yaml" for number in range(300)]
    cache = DocumentCache(tmp_path)
    for file in files:
        cache.component(TEXT, file)
    cache.save(files)
    before = kept(tmp_path).read_bytes()
    cache = DocumentCache(tmp_path)
    changed = [cache.component(TEXT + b"#\n" if file == files[7] else TEXT, file) for file in files]
    cache.save(files)
    assert [found.component is None for found in changed].count(False) == 1
    assert kept(tmp_path).read_bytes() == before


@pytest.mark.parametrize("damage", [b"", b"\xff\n\x00", b'{"stamp": 1}'])
def test_a_foreign_cache_is_an_empty_one(tmp_path: Path, damage: bytes) -> None:
    _, parsed = read(tmp_path)
    kept(tmp_path).write_bytes(damage)
    found, component = read(tmp_path)
    assert found.component == component == parsed


@pytest.mark.parametrize("cut", [slice(None, -9), slice(None, 200)])
def test_a_torn_cache_is_an_empty_one(tmp_path: Path, cut: slice) -> None:
    _, parsed = read(tmp_path)
    kept(tmp_path).write_bytes(kept(tmp_path).read_bytes()[cut])
    assert read(tmp_path)[0].component == parsed
    assert read(tmp_path)[0].component is None


def test_a_moved_component_has_its_new_path(tmp_path: Path) -> None:
    for file, path in (("apps/api/component.yaml", "apps/api"), ("apps/web/component.yaml", "apps/web")):
        first, parsed = read(tmp_path, file=file)
        again, component = read(tmp_path, file=file)
        assert (first.summary.name, first.summary.paths[0]) == ("api", path)
        assert (again.summary, component) == (first.summary, parsed)


def test_without_a_folder_nothing_is_kept() -> None:
    cache = DocumentCache(None)
    cache.component(TEXT, FILE)
    cache.save([FILE])
    assert DocumentCache(None).component(TEXT, FILE).component is not None
