"""What is wrong with a project, and what looks wrong, gathered so that all of it is told at once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from orun_core.compiler.sites import caution, problem
from orun_core.spec.errors import Location, Related

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from orun_core.spec.errors import Diagnostic
    from orun_core.spec.stages import Origin

_RENAME = "choose a name without that prefix"


@dataclass(slots=True)
class Findings:
    """`intent` is where the intent stands; `origins` says by JSON pointer what of the merged one stands elsewhere, in presets."""

    intent: Origin
    origins: Mapping[str, Origin]
    problems: list[Diagnostic] = field(default_factory=list)
    warnings: list[Diagnostic] = field(default_factory=list)

    @property
    def number(self) -> int:
        """How many there are."""
        return len(self.problems) + len(self.warnings)

    def at(self, *keys: str | int) -> Origin:
        """Where a value of the merged intent stands."""
        return self.intent.at(*keys).among(self.origins)

    def wrong(self, code: str, message: str, origin: Origin, hint: str = "", related: Origin | None = None) -> None:
        """An error; `related`: where the other one stands that it clashes with."""
        found = problem(code, message, origin, hint)
        if related:
            first = Related("first defined here", Location(related.file, pointer=related.pointer))
            found = replace(found, related=(first,))
        self.problems.append(found)

    def doubtful(self, code: str, message: str, origin: Origin, hint: str = "") -> None:
        """A warning."""
        self.warnings.append(caution(code, message, origin, hint))

    def reserved_env(self, env: Iterable[str], origin: Origin, *inside: str | int) -> None:
        """Variables that only orun may set, and those that a run refuses besides; `inside` leads from `origin` to them."""
        for key in _reserved(env):
            text = f'env key "{key}" uses the reserved prefix ORUN_'
            at = origin.at(*inside, key).among(self.origins)
            self.wrong("normalize/reserved-env", text, at, _RENAME)
        for key in sorted(name for name in env if name.startswith("GITHUB_")):
            text = f'env key "{key}" uses the prefix GITHUB_; a run will refuse it'
            self.doubtful("normalize/reserved-env", text, origin.at(*inside, key).among(self.origins), _RENAME)

    def reserved_secrets(self, secrets: Iterable[str], origin: Origin, *inside: str) -> None:
        """The same for variables of secrets, which the original lets pass."""
        for key in _reserved(secrets):
            text = f'secret "{key}" uses the reserved prefix ORUN_; orun\'s own value wins'
            self.doubtful("normalize/reserved-env", text, origin.at(*inside, key), _RENAME)


def _reserved(names: Iterable[str]) -> list[str]:
    return sorted(name for name in names if name[:5].upper() == "ORUN_") if names else []
