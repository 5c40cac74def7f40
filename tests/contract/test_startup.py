"""A cold start imports nothing heavy: not for help, not for the version, not for completion, whoever is installed."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from orun_core.plugins.discover import installed
from orun_core.plugins.registry import Registry

HEAVY = {
    "cel", "cryptography", "docker", "jsonschema_rs", "networkx", "oras", "pluggy", "pydantic", "requests", "rich",
    "textual", "yaml", "importlib.metadata", "orun_core.builtin.plugin",
}  # fmt: skip
PROBE = """
import sys
from orun_core.cli.main import run
from orun_core.cli.report import Reporter
status = run(sys.argv[1:], Reporter())
sys.stderr.write("\\n".join(["@", *sorted(sys.modules)]))
raise SystemExit(status)
"""


def loaded(tmp_path, *arguments, **environ):
    """Exit status, output, and the modules that a cold `orun` has imported when it ends."""
    path = os.pathsep.join(filter(None, (working(tmp_path / "working"), environ.pop("PYTHONPATH", ""))))
    environ = {**os.environ, "ORUN_CACHE_DIR": str(tmp_path / "cache"), "PYTHONPATH": path, **environ}
    command = [sys.executable, "-c", PROBE, *arguments]
    done = subprocess.run(command, env=environ, cwd=tmp_path, capture_output=True, text=True, check=False)
    said, _, modules = done.stderr.rpartition("@\n")
    assert modules, done.stderr
    return done.returncode, done.stdout, said, set(modules.split("\n"))


def working(folder):
    """An import path that hides the plugins which cannot be loaded here: while there is one, no index is kept."""
    registry = Registry(installed(sys.path))
    for plugin in registry.plugins:
        if registry.error(plugin):
            (folder / f"{plugin.distribution.replace('-', '_')}-0.dist-info").mkdir(parents=True, exist_ok=True)
    return str(folder)


@pytest.fixture
def plugins(tmp_path):
    """An import path with twenty plugins whose modules do not import."""
    for number in range(20):
        info = tmp_path / "site" / f"orun_p{number}-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "entry_points.txt").write_text(f"[orun.v1]\np{number} = orun_p{number}\n")
    return str(tmp_path / "site")


def test_version_imports_nothing_and_looks_at_no_plugin(tmp_path, plugins):
    status, out, said, modules = loaded(tmp_path, "--version", PYTHONPATH=plugins)
    assert (status, said) == (0, "")
    assert out.startswith("orun 0.")
    assert modules & HEAVY == set()


def test_help_imports_no_plugin_once_the_index_is_there(tmp_path):
    first = loaded(tmp_path, "--help")
    status, out, said, modules = loaded(tmp_path, "--help")
    assert (status, out, said) == (0, first[1], "")
    assert "plan " in out
    assert modules & HEAVY == set()


def test_a_misspelt_command_is_answered_from_the_index(tmp_path):
    loaded(tmp_path, "--help")
    status, _, said, modules = loaded(tmp_path, "pluggins")
    assert status == 2
    assert 'did you mean "plugins"?' in said
    assert modules & HEAVY == set()


def test_the_help_of_a_command_imports_no_more_than_the_command(tmp_path):
    loaded(tmp_path, "--help")
    status, out, _, modules = loaded(tmp_path, "plan", "--help")
    assert (status, out.splitlines()[0]) == (0, "Usage: orun plan [OPTIONS] [COMPONENT]")
    assert modules & (HEAVY - {"pluggy", "importlib.metadata", "orun_core.builtin.plugin"}) == set()


def test_the_help_of_a_run_asks_no_backend(tmp_path):
    loaded(tmp_path, "--help")
    status, _, _, modules = loaded(tmp_path, "run", "--help")
    assert status == 0
    assert modules & (HEAVY - {"pluggy", "importlib.metadata", "orun_core.builtin.plugin"}) == set()
    assert not {name for name in modules if name.startswith("orun_backend")}


def test_every_plugin_module_of_the_product_is_light(tmp_path):
    status, out, said, modules = loaded(tmp_path, "plugins")
    assert status == 0
    assert modules & (HEAVY - {"pluggy", "importlib.metadata", "orun_core.builtin.plugin"}) == set(), said + out
