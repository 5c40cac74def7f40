"""What pluggy really does: the facts that the plugin host is built around. When one changes, the host may become simpler."""

from __future__ import annotations

from types import SimpleNamespace

import pluggy
import pytest

spec = pluggy.HookspecMarker("facts")
impl = pluggy.HookimplMarker("facts")


class Specs:
    @spec(firstresult=True)
    def first(self, value):
        """One result."""

    @spec
    def every(self, value):
        """All results."""


def manager(**plugins):
    found = pluggy.PluginManager("facts")
    found.add_hookspecs(Specs)
    for name, hooks in plugins.items():
        found.register(SimpleNamespace(**{hook: impl(function) for hook, function in hooks.items()}), name)
    return found


def test_the_last_registered_plugin_wins():
    early, late = {"first": lambda value: "early"}, {"first": lambda value: "late"}
    assert manager(early=early, late=late).hook.first(value=1) == "late"
    assert manager(late=late, early=early).hook.first(value=1) == "early"


def test_an_exception_does_not_say_whose_it_is():
    def crash(value):
        raise KeyError("region")

    with pytest.raises(KeyError) as caught:
        manager(acme={"every": crash}).hook.every(value=1)
    assert "acme" not in repr(caught.value)
    assert (caught.value.__cause__, getattr(caught.value, "__notes__", [])) == (None, [])


def test_a_keyword_only_parameter_cannot_be_passed():
    def hook(*, value):
        return value

    with pytest.raises(TypeError):
        manager(acme={"every": hook}).hook.every(value=1)


def test_an_unknown_hook_is_silent_until_pending_hooks_are_checked():
    found = manager(acme={"evrey": lambda value: 1})
    assert found.hook.every(value=1) == []
    with pytest.raises(pluggy.PluginValidationError, match="unknown hook 'evrey'"):
        found.check_pending()


def test_a_missing_argument_is_only_a_warning():
    with pytest.warns(UserWarning, match="found in this hook call"):
        manager(acme={"every": lambda: 1}).hook.every()


def test_a_generator_fails_after_the_call_returned():
    def hook(value):
        yield 1
        raise KeyError(value)

    [result] = manager(acme={"every": hook}).hook.every(value="late")
    with pytest.raises(KeyError):
        list(result)


def test_a_refused_plugin_is_not_half_registered():
    found = manager()
    with pytest.raises(pluggy.PluginValidationError):
        found.register(SimpleNamespace(every=impl(lambda value, color: 1)), "acme")
    assert found.get_plugin("acme") is None


def test_a_wrapper_may_replace_a_result():
    def wrapper(value):
        yield
        return "replaced"

    found = manager(acme={"first": lambda value: "mine"})
    found.register(SimpleNamespace(first=impl(wrapper, wrapper=True)), "wrapper")
    assert found.hook.first(value=1) == "replaced"


def test_implementations_say_their_name_function_and_arguments():
    [found] = manager(acme={"every": lambda value: value + 1}).hook.every.get_hookimpls()
    assert (found.plugin_name, tuple(found.argnames), found.function(1)) == ("acme", ("value",), 2)
