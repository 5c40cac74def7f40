"""How a script becomes a command line: the shells of `shell:`, and their defaults."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from orun_core.spec.errors import Diagnostic, RunError
from orun_core.spec.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Callable

_TEMPLATES = {
    "bash": "bash --noprofile --norc -eo pipefail {0}",
    "sh": "sh -e {0}",
    "python": "python {0}",
    "python3": "python3 {0}",
    "pwsh": "pwsh -NoLogo -NoProfile -NonInteractive -File {0}",
}
_SUFFIXES = {"python": ".py", "python3": ".py", "pwsh": ".ps1"}
_PWSH_PREAMBLE = "$ErrorActionPreference = 'stop'\n"
_PWSH_ENDING = "\nif ((Test-Path -LiteralPath variable:\\LASTEXITCODE)) { exit $LASTEXITCODE }\n"


@frozen
class Shell:
    """A shell chosen for one step."""

    name: str
    template: str

    @property
    def suffix(self) -> str:
        """File name suffix of scripts."""
        return _SUFFIXES.get(self.name, ".sh")

    def script(self, text: str) -> bytes:
        """Content of the script file."""
        if self.name == "pwsh":
            text = _PWSH_PREAMBLE + text + _PWSH_ENDING
        return text.encode("utf-8", "surrogateescape") + b"\n"

    def argv(self, script: str) -> tuple[str, ...]:
        """Command line that runs the script at this path."""
        return tuple(word.replace("{0}", script) for word in shlex.split(self.template))


def choose(shell: str, has: Callable[[str], bool]) -> Shell:
    """The shell of a step: bash where it exists, else sh, when the step names none. Raises `RunError` for an unknown one."""
    if not shell:
        shell = "bash" if has("bash") else "sh"
    if shell == "python" and not has("python") and has("python3"):
        shell = "python3"
    if "{0}" in shell:
        try:
            words = shlex.split(shell)
        except ValueError as error:
            raise RunError(Diagnostic("run/unknown-shell", f"shell template {shell!r}: {error}")) from error
        return Shell(words[0].rpartition("/")[2], shell)
    if shell not in _TEMPLATES:
        hint = f"use {', '.join(sorted(_TEMPLATES))}, or a template with {{0}} for the script's path"
        raise RunError(Diagnostic("run/unknown-shell", f"unknown shell {shell!r}", hint=hint))
    if not has(shell):
        raise RunError(Diagnostic("run/unknown-shell", f"shell {shell!r} is not installed where the step runs"))
    return Shell(shell, _TEMPLATES[shell])
