"""The shell backend: every step is a process group of this machine."""

from __future__ import annotations

import errno
import os
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

from orun_core.spec.backend import Capabilities
from orun_core.spec.errors import Diagnostic, RunError
from orun_core.spec.local_process import LocalProcess

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from orun_core.spec.backend import JobContext, StepCommand
    from orun_core.spec.plan import Job


class ShellBackend:
    """Runs one command at a time, directly on the host."""

    capabilities = Capabilities()

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], str] = {}

    def open(self, job: Job, context: JobContext) -> ShellSession:  # noqa: ARG002 - nothing depends on the job
        """A session that only remembers its processes."""
        path = context.environment.get("PATH", os.defpath)
        return ShellSession(path, self._found)


def _remedy(error: OSError, command: StepCommand) -> str:
    if error.errno == errno.E2BIG:
        large = max(command.environment, key=lambda name: len(command.environment[name]))
        return f"{large} is its largest variable, with {len(command.environment[large])} characters: write it to a file"
    if error.errno == errno.ENOENT:
        return f"it is looked for in {command.environment.get('PATH', os.defpath)}"
    return ""


class ShellSession:
    """The processes of one job. `found` remembers, per search path, where programs are."""

    def __init__(self, path: str, found: dict[tuple[str, str], str]) -> None:
        self._path = path
        self._found = found
        self._processes: list[LocalProcess] = []
        self.environment: Mapping[str, str] = {}

    def locate(self, path: Path) -> str:
        """Host paths are what the steps see."""
        return str(path)

    def has(self, program: str) -> bool:
        """Found on the job's PATH."""
        return bool(self._find(program, self._path))

    def _find(self, program: str, path: str) -> str:
        """Where a program is, empty when it is nowhere: looked for once in a run, not by every process that starts."""
        key = (program, path)
        if key not in self._found:
            self._found[key] = shutil.which(program, path=path) or ""
        return self._found[key]

    def start(self, command: StepCommand) -> LocalProcess:
        """Start a process group; raises `RunError` when the program cannot be executed."""
        program, *arguments = command.argv
        found = self._find(program, command.environment.get("PATH", os.defpath))
        try:
            process = LocalProcess(replace(command, argv=(found if found.startswith("/") else program, *arguments)))
        except OSError as error:
            message = f"cannot start {command.argv[0]}: {error.strerror or error}"
            raise RunError(Diagnostic("shell/cannot-start", message, hint=_remedy(error, command))) from error
        self._processes.append(process)
        return process

    def close(self) -> None:
        """End what steps left running in the background."""
        for process in self._processes:
            process.close()
