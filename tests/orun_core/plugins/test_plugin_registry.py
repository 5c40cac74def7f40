from __future__ import annotations

import sys

import pytest
from orun_core.spec.errors import PluginError

pytest_plugins = ("plugin_shelf",)

BACKENDS = "@hookimpl\ndef orun_backends(): return (BackendEntry({name!r}, 'Runs.', create=None, aliases={aliases}),)\n"
BROKEN = "import no_such_module_anywhere"


def backend(name, *aliases):
    return BACKENDS.format(name=name, aliases=aliases)


def test_offers_are_sorted_by_name_whoever_makes_them(shelf):
    shelf.put("a", backend("zebra"))
    shelf.put("z", backend("ant", "bug"))
    registry = shelf.registry()
    assert [(o.name, o.plugin, o.aliases) for o in registry.offers("orun_backends")] == [
        ("ant", "z", ("bug",)),
        ("zebra", "a", ()),
    ]
    plugin, entry = registry.find("orun_backends", "bug")
    assert (plugin.name, entry.name) == ("z", "ant")


def test_an_unknown_name_lists_the_nearest_and_who_could_not_be_asked(shelf):
    shelf.put("ok", backend("docker"))
    shelf.put("sick", BROKEN)
    shelf.put("old", group="orun.v0")
    with pytest.raises(PluginError) as caught:
        shelf.registry().find("orun_backends", "dokcer")
    [problem] = caught.value.diagnostics
    assert problem.code == "plugin/unknown-name"
    assert problem.message.splitlines() == [
        "no backend named 'dokcer'",
        "orun-old 1.0: built for orun.v0; this is orun.v1",
        "orun-sick 1.0: plugin 'sick' failed in import: ModuleNotFoundError: No module named 'no_such_module_anywhere'",
    ]
    assert problem.hint == 'did you mean "docker"?'


def test_a_name_offered_twice_is_an_error_that_names_both_distributions(shelf):
    shelf.put("a", backend("docker"))
    shelf.put("b", backend("box", "docker"))
    assert [(d.code, d.message) for d in shelf.registry().clashes()] == [
        ("plugin/duplicate-name", "backend 'docker' is offered by orun-a 1.0 and orun-b 1.0")
    ]


def test_a_name_offered_twice_is_found_for_nobody_and_others_are(shelf):
    shelf.put("a", backend("docker"))
    shelf.put("b", backend("box", "docker"))
    registry = shelf.registry()
    with pytest.raises(PluginError, match=r"backend 'docker' is offered by orun-a 1\.0 and orun-b 1\.0"):
        registry.find("orun_backends", "docker")
    assert registry.find("orun_backends", "box")[0].name == "b"


def test_a_plugin_name_taken_twice_is_an_error_too(shelf):
    shelf.put("a", backend("one"), distribution="orun-first")
    shelf.put("a", backend("two"), distribution="orun-second")
    registry = shelf.registry()
    assert [d.message for d in registry.clashes()] == ["plugin 'a' is offered by orun-first 1.0 and orun-second 1.0"]
    assert registry.offers("orun_backends") == ()
    assert [registry.error(plugin) for plugin in registry.plugins] == ["another plugin is called 'a', too"] * 2


def test_the_same_name_for_different_things_is_no_clash(shelf):
    shelf.put("a", backend("docker"))
    shelf.put("b", "@hookimpl\ndef orun_exporters(): return (ExporterEntry('docker', 'Compose file.', None),)\n")
    assert shelf.registry().clashes() == ()


def test_a_stage_is_found_by_plugin_name_only_where_it_is_implemented(shelf):
    shelf.put("a", "@hookimpl\ndef orun_bind(expansion): return 'bound'\n")
    shelf.put("b", backend("b"))
    registry = shelf.registry()
    assert registry.stage("bind", "a")(expansion=None) == "bound"
    with pytest.raises(PluginError) as caught:
        registry.stage("bind", "b")
    [problem] = caught.value.diagnostics
    assert (problem.message, problem.hint) == ("no plugin for stage bind named 'b'", "known: a")


def test_observers_come_in_name_order(shelf):
    for name in ("c", "a", "b"):
        shelf.put(name, "@hookimpl\ndef orun_stage_finished(): ...\n")
    assert [o.plugin.name for o in shelf.registry().observers("orun_stage_finished")] == ["a", "b", "c"]


def test_an_offer_that_is_gone_is_an_error_with_a_name(shelf, tmp_path):
    shelf.put("a", "@hookimpl\ndef orun_backends(): return OFFERS\nOFFERS = (BackendEntry('docker', 'Runs.', None),)\n")
    registry = shelf.registry()
    assert registry.find("orun_backends", "docker")[1].name == "docker"
    sys.modules["shelf_a_x.plugin"].OFFERS = ()
    with pytest.raises(PluginError, match="plugin 'a' failed in orun_backends: it no longer offers 'docker'"):
        registry.find("orun_backends", "docker")


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ("5", "TypeError: 'int' object is not callable"),
        ("lambda: 1 / 0", "ZeroDivisionError: division by zero"),
        ("lambda: dict", "expected a pydantic model, got type"),
        ("lambda: None", "expected a pydantic model, got NoneType"),
    ],
)
@pytest.mark.parametrize(("hook", "entry"), [("orun_backends", "BackendEntry"), ("orun_policies", "PolicyEntry")])
def test_options_that_are_no_model_name_the_plugin(shelf, hook, entry, options, why):
    shelf.put("acme", f"@hookimpl\ndef {hook}(): return ({entry}('box', 'It.', None, options={options}),)\n")
    _, found = shelf.registry().find(hook, "box")
    with pytest.raises(PluginError) as caught:
        found.options()
    [problem] = caught.value.diagnostics
    assert (problem.plugin, problem.message) == ("acme", f"plugin 'acme' failed in options of 'box': {why}")
