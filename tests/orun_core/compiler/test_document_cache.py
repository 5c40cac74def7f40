"""Documents by content: what is kept reads as what was parsed, and a damaged cache is an empty one."""

from __future__ import annotations

from pathlib import Path

import pytest
from orun_core.compiler.component_file import component_tree
from orun_core.compiler.document_cache import DocumentCache
from orun_core.spec.documents import Component, ComponentFile

TEXT = b"""\
kind: Component
metadata: {name: api}
spec:
  type: svc
  env: {VERSION: 1.50}
  parameters: {n: 1, x: 1.5, big: 123456789012345678901234567890, flag: true, none: null, list: [1, [a]]}
  subscribe: {environments: [dev, {name: prod, profile: p}]}
"""
MISSPELT = b"kind: Component\nmetadata: {name: api}\nspec: {typ: svc}\n"


def read(folder: Path, data: bytes = TEXT) -> tuple[ComponentFile, int]:
    cache = DocumentCache(folder, Path("/workspace"))
    document, warnings, _ = cache.decode(data, "component.yaml", ComponentFile)
    cache.save()
    return document, len(warnings)


def kept(folder: Path) -> Path:
    (file,) = folder.iterdir()
    return file


def test_a_kept_document_is_the_parsed_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed, _ = read(tmp_path)
    monkeypatch.setattr("orun_core.compiler.decode.decode_tree", None)
    again, _ = read(tmp_path)
    assert again == parsed
    assert isinstance(again.spec, Component)
    assert again.spec.env == {"VERSION": "1.50"}
    assert again.spec.parameters["list"] == [1, ["a"]]


def test_a_document_with_warnings_is_read_again(tmp_path: Path) -> None:
    assert read(tmp_path, MISSPELT)[1] == 1
    assert read(tmp_path, MISSPELT)[1] == 1


@pytest.mark.parametrize("damage", [b"", b"\xff\n\x00", b'{"stamp": 1}'])
def test_a_foreign_cache_is_an_empty_one(tmp_path: Path, damage: bytes) -> None:
    parsed, _ = read(tmp_path)
    kept(tmp_path).write_bytes(damage)
    assert read(tmp_path)[0] == parsed


def test_a_damaged_document_is_read_again_and_kept(tmp_path: Path) -> None:
    parsed, _ = read(tmp_path)
    whole = kept(tmp_path).read_bytes()
    kept(tmp_path).write_bytes(whole[:-9])
    assert read(tmp_path)[0] == parsed


def test_a_moved_component_has_its_new_path(tmp_path: Path) -> None:
    for file, path in (("apps/api/component.yaml", "apps/api"), ("apps/web/component.yaml", "apps/web")):
        cache = DocumentCache(tmp_path, Path("/workspace"))
        first, _, digest = cache.decode(TEXT, file, Component, component_tree)
        cache.save()
        again, _, same = DocumentCache(tmp_path, Path("/workspace")).decode(TEXT, file, Component, component_tree)
        assert (first.name, first.path) == ("api", path)
        assert (again, same) == (first, digest)


def test_without_a_folder_nothing_is_kept() -> None:
    cache = DocumentCache(None, Path("/workspace"))
    cache.decode(TEXT, "component.yaml", ComponentFile)
    cache.save()
