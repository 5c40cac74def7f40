from __future__ import annotations

from dataclasses import replace

import pytest
from orun_core.plugins.discover import Installed
from orun_core.plugins.invoke import Implementation, blame, entries, nothing, one
from orun_core.spec.entries import BackendEntry, PolicyEntry
from orun_core.spec.errors import CompileError, Diagnostic, PluginError, RunError
from orun_core.spec.stages import Verdict

pytest_plugins = ("plugin_shelf",)

ACME = Installed("acme", "orun-acme", "1.0", "acme.plugin", "orun.v1", "")
POLICY = PolicyEntry("p", "A policy.", check=lambda value, job, resolution: ())


def implementation(function, *takes):
    return Implementation(ACME, "orun_thing", function, takes)


def problem(call, *arguments, **named):
    with pytest.raises(PluginError) as caught:
        call(*arguments, **named)
    [found] = caught.value.diagnostics
    assert found.plugin == "acme"
    assert "orun-acme 1.0" in found.hint
    return found.code, found.message


def test_one_passes_what_the_implementation_takes():
    verdict = Verdict()
    assert one(implementation(lambda second: second, "second"), Verdict, first=1, second=verdict) is verdict


@pytest.mark.parametrize(("result", "got"), [(None, "NoneType"), ("x", "str"), ((i for i in ()), "generator")])
def test_one_refuses_the_wrong_type(result, got):
    assert problem(one, implementation(lambda: result), Verdict) == (
        "plugin/wrong-result",
        f"plugin 'acme' failed in orun_thing: expected Verdict, got {got}",
    )


def test_entries_takes_a_concrete_tuple():
    assert entries(implementation(lambda: (POLICY,)), PolicyEntry) == (POLICY,)
    assert entries(implementation(lambda: ()), PolicyEntry) == ()


@pytest.mark.parametrize(
    ("result", "got"), [(None, "NoneType"), ([POLICY], "list"), ((i for i in ()), "generator"), ((POLICY, 1), "int")]
)
def test_entries_refuses_anything_else(result, got):
    assert problem(entries, implementation(lambda: result), PolicyEntry) == (
        "plugin/wrong-result",
        f"plugin 'acme' failed in orun_thing: expected tuple of PolicyEntry, got {got}",
    )


@pytest.mark.parametrize("text", [5, None, "", "a\nb", "\x1b[2J"])
@pytest.mark.parametrize("field", ["name", "summary"])
def test_names_and_summaries_are_lines_of_text(field, text):
    wrong = replace(POLICY, **{field: text})
    assert problem(entries, implementation(lambda: (POLICY, wrong)), PolicyEntry) == (
        "plugin/wrong-result",
        f"plugin 'acme' failed in orun_thing: a name or summary is {text!r}, which is no line of text",
    )


@pytest.mark.parametrize("aliases", ["abc", 5, None, ["a"]])
def test_aliases_are_a_tuple(aliases):
    entry = BackendEntry("b", "A backend.", create=lambda host, options: None, aliases=aliases)
    assert problem(entries, implementation(lambda: (entry,)), BackendEntry) == (
        "plugin/wrong-result",
        f"plugin 'acme' failed in orun_thing: expected aliases in a tuple, got {type(aliases).__name__}",
    )


def test_what_an_offer_prints_is_no_data(capsys):
    entries(implementation(lambda: print("hello") or ()), PolicyEntry)
    assert capsys.readouterr() == ("", "hello\n")


def test_leaving_the_process_is_a_failure_and_ctrl_c_is_not():
    with pytest.raises(PluginError), blame(ACME, "thing"):
        raise SystemExit(3)
    with pytest.raises(KeyboardInterrupt), blame(ACME, "thing"):
        raise KeyboardInterrupt


def test_nothing_means_none():
    nothing(implementation(lambda: None))
    assert problem(nothing, implementation(lambda: 1))[0] == "plugin/wrong-result"


def test_a_crash_carries_the_name_and_the_cause():
    def crash():
        raise KeyError("region")

    assert problem(one, implementation(crash), Verdict) == (
        "plugin/failed",
        "plugin 'acme' failed in orun_thing: KeyError: 'region'",
    )
    with pytest.raises(PluginError) as caught:
        implementation(crash)()
    assert isinstance(caught.value.__cause__, KeyError)


def test_an_error_for_the_user_stays_itself_and_is_attributed():
    def refuse():
        raise CompileError(Diagnostic("acme/no", "not like this"))

    with pytest.raises(CompileError) as caught:
        implementation(refuse)()
    assert [(d.code, d.plugin) for d in caught.value.diagnostics] == [("acme/no", "acme")]
    assert caught.value.__notes__ == ["raised by plugin 'acme' (orun-acme 1.0) in orun_thing"]


def test_an_interruption_is_nobodys_fault():
    def interrupt():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        implementation(interrupt)()


def test_what_is_let_through_passes_untouched():
    error = ValueError("mine")
    with pytest.raises(ValueError, match="mine") as caught, blame(ACME, "doing", through=(ValueError,)):
        raise error
    assert caught.value is error


def test_what_the_machine_refuses_core_is_no_bug_of_a_plugin(tmp_path):
    core = replace(ACME, name="core", distribution="orun-core")
    with pytest.raises(RunError) as caught, blame(core, "doing"):
        (tmp_path / "nowhere").read_bytes()
    [found] = caught.value.diagnostics
    assert (found.code, found.message) == ("usage/system", f"{tmp_path}/nowhere: No such file or directory")


@pytest.mark.parametrize("says", [lambda self: 1 / 0, lambda self: 5])
def test_an_error_that_cannot_say_what_it_is(says):
    error = type("Odd", (Exception,), {"__str__": says})
    with pytest.raises(PluginError) as caught, blame(ACME, "doing"):
        raise error
    assert caught.value.diagnostics[0].message == "plugin 'acme' failed in doing: Odd"
