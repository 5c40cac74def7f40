from __future__ import annotations

from orun_core.plugins.watch import tell
from orun_core.spec.errors import Severity

pytest_plugins = ("plugin_shelf",)


def test_observers_are_told_in_name_order_and_a_failing_one_is_a_warning(shelf, capsys):
    shelf.put("c", "@hookimpl\ndef orun_stage_finished(stage): print('c', stage)\n")
    shelf.put("b", "@hookimpl\ndef orun_stage_finished(result): raise KeyError('b')\n")
    shelf.put("a", "@hookimpl\ndef orun_stage_finished(stage, result): print('a', stage, result)\n")
    warnings = tell(shelf.registry(), "orun_stage_finished", stage="bind", result=7)
    assert capsys.readouterr().out == "a bind 7\nc bind\n"
    assert [(w.severity, w.plugin, w.message) for w in warnings] == [
        (Severity.WARNING, "b", "plugin 'b' failed in orun_stage_finished: KeyError: 'b'")
    ]


def test_an_observer_that_returns_something_is_warned_about(shelf):
    shelf.put("a", "@hookimpl\ndef orun_stage_finished(): return 'edited'\n")
    assert [w.message for w in tell(shelf.registry(), "orun_stage_finished", stage="bind", result=1)] == [
        "plugin 'a' failed in orun_stage_finished: expected None, got str"
    ]


def test_a_refusal_by_an_observer_is_a_warning_with_its_name(shelf):
    shelf.put(
        "a",
        """
        from orun_core.spec.errors import CompileError, Diagnostic
        @hookimpl
        def orun_stage_finished():
            raise CompileError(Diagnostic("a/no", "no"))
        """,
    )
    assert [
        (w.code, w.severity, w.plugin) for w in tell(shelf.registry(), "orun_stage_finished", stage="", result=0)
    ] == [("a/no", Severity.WARNING, "a")]
