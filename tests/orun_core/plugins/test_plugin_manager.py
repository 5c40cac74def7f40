from __future__ import annotations

from pathlib import Path

import pytest
from orun_core.plugins.manager import load
from orun_core.spec.errors import PluginError

pytest_plugins = ("plugin_shelf",)


def refusal(shelf, source):
    shelf.put("acme", source)
    with pytest.raises(PluginError) as caught:
        load(shelf.installed()[0])
    [problem] = caught.value.diagnostics
    assert problem.plugin == "acme"
    return problem


def test_implementations_are_found_by_hook_and_take_what_they_name(shelf):
    shelf.put("acme", "@hookimpl\ndef orun_load(request): return request\n@hookimpl\ndef orun_policies(): return ()\n")
    found = load(shelf.installed()[0])
    assert sorted(found) == ["orun_load", "orun_policies"]
    assert found["orun_load"].takes == ("request",)
    assert found["orun_load"](workspace=1, request=2) == 2


def test_a_module_that_does_not_import(shelf):
    problem = refusal(shelf, "import no_such_module_anywhere")
    assert problem.code == "plugin/import-failed"
    assert (
        "plugin 'acme' failed in import: ModuleNotFoundError: No module named 'no_such_module_anywhere'"
        in problem.message
    )
    assert "--no-plugin acme" in problem.hint


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("import sys; sys.exit(3)", "SystemExit: 3"),
        ("raise BaseException('no')", "BaseException: no"),
        ("raise GeneratorExit('no')", "GeneratorExit: no"),
        (
            "import sys\nclass Odd:\n  def __getattribute__(self, name): 1 / 0\nsys.modules[__name__] = Odd()",
            "ZeroDivisionError: division by zero",
        ),
        ("import os; os.chdir('/')", "it changes the working folder"),
    ],
)
def test_a_module_that_does_more_than_it_may(shelf, source, why):
    here = Path.cwd()
    problem = refusal(shelf, source)
    assert (problem.code, problem.message) == ("plugin/import-failed", f"plugin 'acme' failed in import: {why}")
    assert Path.cwd() == here


def test_what_a_module_prints_is_no_data(shelf, capsys):
    shelf.put("acme", "print('hello')\n")
    load(shelf.installed()[0])
    assert capsys.readouterr() == ("", "hello\n")


def test_an_unknown_hook_names_the_hook_and_the_versions(shelf):
    problem = refusal(shelf, "@hookimpl\ndef orun_bnid(expansion): ...\n@hookimpl\ndef orun_also(): ...\n")
    assert problem.code == "plugin/unknown-hook"
    assert problem.message == (
        "plugin 'acme' (orun-acme 1.0) cannot be used: "
        "it implements orun_also, orun_bnid, which plugin API 1.0 does not have"
    )


def test_a_parameter_that_the_hook_does_not_have(shelf):
    problem = refusal(shelf, "@hookimpl\ndef orun_bind(expansion, color): ...\n")
    assert problem.code == "plugin/bad-hook"
    assert "{'color'} are declared in the hookimpl but can not be found in the hookspec" in problem.message


@pytest.mark.parametrize("option", ["tryfirst", "trylast", "wrapper", "hookwrapper"])
def test_orderings_and_wrappers_are_refused(shelf, option):
    problem = refusal(shelf, f"@hookimpl({option}=True)\ndef orun_bind(expansion):\n    yield\n")
    assert problem.code == "plugin/ordering"
    assert f"its orun_bind asks for {option}" in problem.message
