"""Plugins loaded, validated and asked for their implementations. The only file that touches pluggy."""

from __future__ import annotations

import os
import sys
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from orun_core.plugins.invoke import Implementation, blame, broken
from orun_core.spec import API_VERSION
from orun_core.spec.errors import Diagnostic, PluginError

if TYPE_CHECKING:
    from types import ModuleType

    import pluggy

    from orun_core.plugins.discover import Installed


@dataclass(slots=True)
class Manager:
    """The usable plugins by name; each is imported when it is first asked for."""

    plugins: dict[str, Installed]
    _loaded: dict[str, dict[str, Implementation]] = field(default_factory=dict)
    _failures: dict[str, PluginError] = field(default_factory=dict)

    def implementations(self, plugin: str) -> dict[str, Implementation]:
        """Hook → implementation of one plugin. Raises `PluginError` when it cannot be loaded."""
        if plugin in self._failures:
            raise self._failures[plugin]
        if plugin not in self._loaded:
            try:
                self._loaded[plugin] = load(self.plugins[plugin])
            except PluginError as error:
                self._failures[plugin] = error
                raise
        return self._loaded[plugin]


def load(plugin: Installed) -> dict[str, Implementation]:
    """Import a plugin and validate it, alone, against the hook specifications.

    Raises `PluginError`: `plugin/import-failed`, `plugin/bad-hook` (a parameter the hook does not have),
    `plugin/unknown-hook`, `plugin/ordering` (a wrapper, `tryfirst` or `trylast`).
    """
    import pluggy

    from orun_core.spec import hooks

    module = _import(plugin)
    manager = pluggy.PluginManager("orun")
    manager.add_hookspecs(hooks)
    try:
        with blame(plugin, "import", "plugin/import-failed", through=(pluggy.PluginValidationError,)):
            manager.register(module, plugin.name)
    except pluggy.PluginValidationError as error:
        raise _refused(plugin, "plugin/bad-hook", " ".join(str(error).split())) from error
    try:
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        raise _refused(plugin, "plugin/unknown-hook", f"it implements {_unknown(manager, module)}") from error
    return {
        caller.name: _implementation(plugin, caller.name, implementation)
        for caller in manager.get_hookcallers(module) or ()
        for implementation in caller.get_hookimpls()
    }


def _import(plugin: Installed) -> ModuleType:
    """The plugin's module. What it prints goes to stderr; it may not leave the working folder."""
    here = _folder()
    with blame(plugin, "import", "plugin/import-failed"), redirect_stdout(sys.stderr):
        module = import_module(plugin.module)
    if here and _folder() != here:
        os.chdir(here)
        raise broken(plugin, "import", "it changes the working folder", "plugin/import-failed")
    return module


def _folder() -> Path | None:
    """The working folder; None when it was removed."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        return None


def _unknown(manager: pluggy.PluginManager, module: ModuleType) -> str:
    names = sorted(caller.name for caller in manager.get_hookcallers(module) or () if not caller.has_spec())
    version = ".".join(map(str, API_VERSION))
    return f"{', '.join(names)}, which plugin API {version} does not have"


def _implementation(plugin: Installed, hook: str, impl: pluggy.HookImpl) -> Implementation:
    for option in ("wrapper", "hookwrapper", "tryfirst", "trylast"):
        if getattr(impl, option):
            raise _refused(
                plugin, "plugin/ordering", f"its {hook} asks for {option}; the order of plugins means nothing"
            )
    return Implementation(plugin, hook, impl.function, tuple(impl.argnames))


def _refused(plugin: Installed, code: str, why: str) -> PluginError:
    message = f"plugin '{plugin.name}' ({plugin}) cannot be used: {why}"
    return PluginError(
        Diagnostic(code, message, hint=f"`orun --no-plugin {plugin.name} …` goes on without it", plugin=plugin.name)
    )
