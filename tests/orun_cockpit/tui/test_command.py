"""`orun tui` as a command: it needs a terminal, and nothing of Textual is imported before it is called."""

from __future__ import annotations

import subprocess
import sys

import pytest
from click.testing import CliRunner
from orun_cockpit.tui.command import command
from orun_core.spec.errors import UsageError


def test_a_pipe_is_refused():
    refused = CliRunner().invoke(command, [], obj=None).exception
    assert isinstance(refused, UsageError)
    assert refused.diagnostics[0].code == "cockpit/no-terminal"


@pytest.mark.parametrize("heavy", ["textual", "rich", "pydantic"])
def test_the_command_is_imported_lightly(heavy):
    code = f"import sys, orun_cockpit.tui.command; sys.exit({heavy!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_orun_on_a_pipe_prints_help():
    shown = subprocess.run([sys.executable, "-m", "orun_core.cli.main"], capture_output=True, text=True, check=False)
    assert shown.stdout.startswith("Usage: orun")
