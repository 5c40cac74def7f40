from __future__ import annotations

import sys

import pytest

pytest_plugins = ("plugin_shelf",)

SOURCE = "@hookimpl\ndef orun_exporters(): return (ExporterEntry('dot', 'A picture.', None),)\n"
IMPORTED = "shelf_a_x.plugin"


def names(registry):
    return [offer.name for offer in registry.offers("orun_exporters")]


def test_a_second_process_imports_nothing(shelf, tmp_path):
    shelf.put("a", SOURCE)
    cache = tmp_path / "cache" / "index.json"
    assert names(shelf.registry(cache)) == ["dot"]
    del sys.modules[IMPORTED]
    again = shelf.registry(cache)
    assert names(again) == ["dot"]
    assert again.index.hooks == {"a": ("orun_exporters",)}
    assert IMPORTED not in sys.modules
    assert [file.name for file in cache.parent.iterdir()] == ["index.json"]


def test_looking_a_name_up_imports_its_plugin_alone(shelf, tmp_path):
    shelf.put("a", SOURCE)
    shelf.put("b", "@hookimpl\ndef orun_policies(): return ()\n")
    cache = tmp_path / "index.json"
    names(shelf.registry(cache))
    for module in (IMPORTED, "shelf_b_x.plugin"):
        del sys.modules[module]
    shelf.registry(cache).find("orun_exporters", "dot")
    assert IMPORTED in sys.modules
    assert "shelf_b_x.plugin" not in sys.modules


def test_another_set_of_plugins_is_asked_again(shelf, tmp_path):
    shelf.put("a", SOURCE)
    cache = tmp_path / "index.json"
    names(shelf.registry(cache))
    shelf.put("b", SOURCE.replace("dot", "svg"))
    assert names(shelf.registry(cache)) == ["dot", "svg"]


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"null", b'{"plugins": 1}', b"\xff\xfe", b'{"plugins": []}'])
def test_a_damaged_cache_is_ignored_and_mended(shelf, tmp_path, damage):
    shelf.put("a", SOURCE)
    cache = tmp_path / "index.json"
    names(shelf.registry(cache))
    good = cache.read_bytes()
    cache.write_bytes(damage)
    assert names(shelf.registry(cache)) == ["dot"]
    assert cache.read_bytes() == good


def test_damage_inside_a_matching_cache_is_ignored_too(shelf, tmp_path):
    shelf.put("a", SOURCE)
    cache = tmp_path / "index.json"
    names(shelf.registry(cache))
    cache.write_bytes(cache.read_bytes().replace(b'"aliases"', b'"aliasez"'))
    assert names(shelf.registry(cache)) == ["dot"]


def test_a_broken_plugin_is_never_remembered(shelf, tmp_path):
    shelf.put("a", "import no_such_module_anywhere")
    cache = tmp_path / "index.json"
    assert "no_such_module_anywhere" in shelf.registry(cache).index.errors["a"]
    assert not cache.exists()


def test_an_offer_of_the_wrong_type_makes_the_plugin_unusable(shelf):
    shelf.put("a", "@hookimpl\ndef orun_exporters(): yield ExporterEntry('dot', 'A picture.', None)\n")
    registry = shelf.registry()
    assert names(registry) == []
    assert registry.error(registry.plugins[0]) == (
        "plugin 'a' failed in orun_exporters: expected tuple of ExporterEntry, got generator"
    )


def test_a_cache_that_cannot_be_written_is_no_problem(shelf, tmp_path):
    shelf.put("a", SOURCE)
    (tmp_path / "file").touch()
    assert names(shelf.registry(tmp_path / "file" / "index.json")) == ["dot"]
