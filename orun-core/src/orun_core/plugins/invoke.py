"""Calls into plugins: one implementation at a time, its result checked, its name on whatever it raises."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from orun_core.plugins.discover import CORE
from orun_core.spec.errors import Diagnostic, OrunError, PluginError, RunError
from orun_core.spec.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Callable

    from orun_core.plugins.discover import Installed


@frozen
class Implementation:
    """One plugin's function for one hook. `takes`: the parameters of the hook that it wants, by name."""

    plugin: Installed
    hook: str
    function: Callable[..., object]
    takes: tuple[str, ...]

    def __call__(self, **arguments: object) -> object:
        """What the plugin returns, unchecked; raises `PluginError` when it breaks."""
        with blame(self.plugin, self.hook):
            return self.function(*(arguments[name] for name in self.takes))


class blame:  # noqa: N801 - a context manager, read as a verb; a generator would cost more, and each step passes a dozen
    """Name the plugin in whatever it raises, also when it tries to leave the process.

    An `OrunError` is its own message; `through` and Ctrl-C pass untouched. What the machine refuses core is nobody's bug
    (`RunError`, `usage/system`).
    """

    __slots__ = ("_code", "_doing", "_plugin", "_through")

    def __init__(
        self, plugin: Installed, doing: str, code: str = "plugin/failed", through: tuple[type[BaseException], ...] = ()
    ) -> None:
        self._plugin = plugin
        self._doing = doing
        self._code = code
        self._through: tuple[type[BaseException], ...] = (KeyboardInterrupt, *through)

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is None or isinstance(error, self._through):
            return
        plugin = self._plugin
        if isinstance(error, OrunError):
            if plugin.distribution != CORE:
                found = error.diagnostics
                error.diagnostics = tuple(replace(one, plugin=one.plugin or plugin.name) for one in found)
            error.add_note(f"raised by plugin '{plugin.name}' ({plugin}) in {self._doing}")
            return
        if isinstance(error, OSError) and plugin.distribution == CORE:
            raise RunError(system_problem(error)) from error
        problem = broken(plugin, self._doing, _words(error), self._code)
        if isinstance(error, OSError):
            hint = "this machine or a server refused it; --debug shows where"
            problem.diagnostics = tuple(replace(found, hint=hint) for found in problem.diagnostics)
        raise problem from error


def _words(error: BaseException) -> str:
    """What an error says; its class alone when saying it is a bug of its own."""
    kind = type(error).__name__
    try:
        return f"{kind}: {error}"
    except Exception:  # noqa: BLE001 - it is the plugin's, as the error is
        return kind


def system_problem(error: OSError) -> Diagnostic:
    """The diagnostic of what this machine refused, with the file when it is known."""
    what = ": ".join(str(part) for part in (error.filename, error.strerror or error) if part)
    return Diagnostic("usage/system", what, hint="this machine refused it; --debug shows where")


def broken(plugin: Installed, doing: str, what: str, code: str = "plugin/failed") -> PluginError:
    """The error that says which plugin broke where."""
    message = f"plugin '{plugin.name}' failed in {doing}: {what}"
    hint = f"this is a bug of {plugin}; --debug shows its traceback"
    if plugin.distribution != CORE:
        hint += f", `orun --no-plugin {plugin.name} …` goes on without it"
    return PluginError(Diagnostic(code, message, hint=hint, plugin=plugin.name))


def one(implementation: Implementation, expected: type[Any], **arguments: object) -> Any:
    """The value of a verb; raises `PluginError` (`plugin/wrong-result`) unless it is of the expected class."""
    result = implementation(**arguments)
    if not isinstance(result, expected):
        raise _unexpected(implementation, expected.__name__, result)
    return result


def entries(implementation: Implementation, expected: type[Any]) -> tuple[Any, ...]:
    """The entries of a plural noun; raises `PluginError` (`plugin/wrong-result`) unless a tuple of `expected`.

    What the plugin prints goes to stderr.
    """
    with redirect_stdout(sys.stderr):
        result = implementation()
    if not isinstance(result, tuple):
        raise _unexpected(implementation, f"tuple of {expected.__name__}", result)
    for item in result:
        if not isinstance(item, expected):
            raise _unexpected(implementation, f"tuple of {expected.__name__}", item)
        aliases = getattr(item, "aliases", ())
        if not isinstance(aliases, tuple):
            raise _unexpected(implementation, "aliases in a tuple", aliases)
        wrong = [text for text in (item.name, item.summary, *aliases) if not _is_line(text)]
        if wrong:
            what = f"a name or summary is {wrong[0]!r}, which is no line of text"
            raise broken(implementation.plugin, implementation.hook, what, "plugin/wrong-result")
    return result


def _is_line(text: object) -> bool:
    return isinstance(text, str) and text != "" and text.isprintable()


def nothing(implementation: Implementation, **arguments: object) -> None:
    """Tell an observer; raises `PluginError` (`plugin/wrong-result`) when it returns anything."""
    result = implementation(**arguments)
    if result is not None:
        raise _unexpected(implementation, "None", result)


def _unexpected(implementation: Implementation, expected: str, result: object) -> PluginError:
    what = f"expected {expected}, got {type(result).__name__}"
    return broken(implementation.plugin, implementation.hook, what, "plugin/wrong-result")
