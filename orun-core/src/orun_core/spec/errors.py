"""What can go wrong, and the exit code that says so.

Everything a user can meet is an ``OrunError`` with diagnostics; anything else that escapes is a bug of orun or, when a
plugin's name is on it, of that plugin.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, ClassVar

from orun_core.spec.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable


class ExitCode(IntEnum):
    """Exit status of the ``orun`` command."""

    OK = 0
    FAILED = 1
    USAGE = 2
    COMPILE = 3
    POLICY = 4
    PLAN = 5
    PLUGIN = 6
    EMPTY = 7
    INTERRUPTED = 130
    TERMINATED = 143


class Severity(StrEnum):
    """How much a diagnostic matters; ``--strict`` turns warnings into errors."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place in a file the user wrote.

    ``file`` is relative to the intent's folder, with ``/``. ``line`` and ``column`` count from 1; 0 means not computed.
    ``pointer`` is the JSON pointer (RFC 6901) of the value inside the file's document.
    """

    file: str
    line: int = 0
    column: int = 0
    pointer: str = ""

    def __str__(self) -> str:
        return ":".join([self.file, *(str(n) for n in (self.line, self.column) if n)])


@frozen
class Related:
    """A second place that explains a diagnostic: the first definition of a duplicate, the next edge of a cycle."""

    message: str
    where: Location


@frozen
class Diagnostic:
    """One problem: what is wrong, where, and what to do about it.

    ``code`` is a key of ``orun_core.spec.codes.CODES`` or, for a plugin, ``<plugin>/<word>``.
    """

    code: str
    message: str
    where: Location | None = None
    hint: str = ""
    severity: Severity = Severity.ERROR
    related: tuple[Related, ...] = ()
    plugin: str = ""

    def warning(self) -> Diagnostic:
        """The same problem, as one that does not stop the command."""
        return replace(self, severity=Severity.WARNING)

    def sort_key(self) -> tuple[str, int, int, str, str, str]:
        """Order of reports: by file, line, column, then code and text."""
        where = self.where or Location("")
        return (where.file, where.line, where.column, where.pointer, self.code, self.message)


class OrunError(Exception):
    """An error for the user, with the exit code of its kind and one diagnostic per problem."""

    exit_code: ClassVar[ExitCode] = ExitCode.FAILED

    def __init__(self, diagnostics: Iterable[Diagnostic] | Diagnostic) -> None:
        self.diagnostics: tuple[Diagnostic, ...] = (
            (diagnostics,) if isinstance(diagnostics, Diagnostic) else tuple(diagnostics)
        )
        super().__init__("; ".join(d.message for d in self.diagnostics))


class UsageError(OrunError):
    """The command line was wrong."""

    exit_code = ExitCode.USAGE


class CompileError(OrunError):
    """The project is wrong."""

    exit_code = ExitCode.COMPILE


class PolicyError(OrunError):
    """The project is right and not allowed."""

    exit_code = ExitCode.POLICY


class PlanError(OrunError):
    """The plan file is unreadable, tampered with, or of another version."""

    exit_code = ExitCode.PLAN


class PluginError(OrunError):
    """A plugin is missing, clashes with another, is built for another API, or broke."""

    exit_code = ExitCode.PLUGIN


class RunError(OrunError):
    """A run could not start, or a job of it failed."""

    exit_code = ExitCode.FAILED


class EmptySelectionError(OrunError):
    """Nothing was selected and the caller asked that this be an error (``--fail-on-empty``)."""

    exit_code = ExitCode.EMPTY
