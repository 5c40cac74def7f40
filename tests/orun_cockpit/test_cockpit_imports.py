"""Commands that show things start fast: nothing heavy is imported on their way."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {"pydantic", "yaml", "rich", "textual", "networkx", "jsonschema_rs", "docker", "requests", "oras"}


@pytest.mark.parametrize(
    "modules",
    [
        "orun_cockpit.plugin",
        "orun_cockpit.commands.status, orun_cockpit.frame, orun_cockpit.tables, orun_cockpit.watch, orun_cockpit.document",
        "orun_cockpit.commands.logs, orun_cockpit.log_frame, orun_cockpit.stream",
        "orun_cockpit.commands.get, orun_cockpit.commands.describe, orun_cockpit.pages, orun_cockpit.catalogue",
        "orun_cockpit.commands.report, orun_cockpit.report",
        "orun_cockpit.display",
    ],
)
def test_nothing_heavy_is_imported(modules):
    code = f"import sys, {modules}; print(*sorted({{name.partition('.')[0] for name in sys.modules}}))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not HEAVY & set(loaded)


def test_the_plugin_offers_its_names():
    from orun_cockpit.plugin import orun_surfaces

    entries = orun_surfaces()
    assert [entry.name for entry in entries if entry.load] == ["status", "logs", "get", "describe", "report", "tui"]
    assert [entry.name for entry in entries if entry.display] == ["live"]
    for entry in entries:
        if entry.load and entry.name != "tui":
            assert entry.load().name == entry.name
