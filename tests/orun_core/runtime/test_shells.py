"""Shells of steps: which one runs a script, and how."""

from __future__ import annotations

import shutil

import pytest
from orun_backend_shell.backend import ShellBackend
from orun_core.runtime.shells import choose
from orun_core.spec.errors import RunError
from orun_core.spec.run import Status
from orun_core.testing.plans import job, step
from orun_core.testing.trial import Trial
from parts import missing


@pytest.mark.parametrize(
    ("shell", "installed", "argv"),
    [
        ("", "bash sh", "bash --noprofile --norc -eo pipefail /s"),
        ("", "sh", "sh -e /s"),
        ("sh", "bash sh", "sh -e /s"),
        ("python", "python python3", "python /s"),
        ("python", "python3", "python3 /s"),
        ("pwsh", "pwsh", "pwsh -NoLogo -NoProfile -NonInteractive -File /s"),
        ("node --trace {0}", "", "node --trace /s"),
    ],
)
def test_command_lines(shell, installed, argv):
    assert list(choose(shell, installed.split().__contains__).argv("/s")) == argv.split()


@pytest.mark.parametrize("shell", ["fish", "pwsh", "sh '{0}"])
def test_refused(shell):
    with pytest.raises(RunError) as raised:
        choose(shell, lambda _: False)
    assert raised.value.diagnostics[0].code == "run/unknown-shell"


def test_a_powershell_script_stops_at_errors_and_ends_with_the_status_of_its_last_program():
    script = choose("pwsh", lambda _: True).script("Write-Output hi").decode().splitlines()
    assert (script[0], script[1]) == ("$ErrorActionPreference = 'stop'", "Write-Output hi")
    assert script[2] == "if ((Test-Path -LiteralPath variable:\\LASTEXITCODE)) { exit $LASTEXITCODE }"


def test_powershell(tmp_path):
    if not shutil.which("pwsh"):
        missing("pwsh", "PowerShell is not installed")
    trial = Trial(ShellBackend(), tmp_path)
    ran = trial(job("web.dev.deploy", step("Write-Output (1 + 1)", id="say", shell="pwsh")))
    assert (ran.job.status, ran.log("say")) == (Status.SUCCEEDED, "2\n")
