"""Everything that orun says about problems, and the status it exits with. The only writer of stderr."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass, field, replace
from typing import IO, TYPE_CHECKING, Any, Final
from urllib.parse import quote

from orun_core.spec.amount import amount
from orun_core.spec.errors import Diagnostic, Severity
from orun_core.spec.workflow_text import without_commands

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

MARKS: Final[Mapping[Severity, tuple[str, int]]] = {
    Severity.ERROR: ("✕", 31),
    Severity.WARNING: ("⚠", 33),
    Severity.NOTE: ("·", 36),
}
"""Severity → mark and its ANSI colour."""
MANY_PLACES: Final = 3
"""Places up to which the same words are said of each one; of more, they are said once and as many places are named."""
_UNSEEN: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Characters that mean something to a terminal: a message may quote what a stranger wrote, who must not write to it."""


@dataclass(slots=True)
class Reporter:
    """Prints diagnostics as they come (`format` text), or keeps them for a document on stdout at the end (json, sarif).

    `result`: what a command found, printed as `result` of the JSON document. `debug`: show tracebacks. `beside`: a second line for each
    problem, in the words of whoever reads the output. `named`: how a file is called where they read it.
    """

    format: str = "text"
    color: bool = False
    debug: bool = False
    result: Mapping[str, Any] | None = None
    beside: Callable[[Diagnostic], str] | None = None
    named: Callable[[str], str] = str
    kept: dict[Diagnostic, None] = field(default_factory=dict)

    def __call__(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Report problems in the order of files; one that was reported already is not said again."""
        found = dict.fromkeys(problem for problem in diagnostics if problem not in self.kept)
        ordered = sorted(found, key=Diagnostic.sort_key)
        self.kept.update(dict.fromkeys(ordered))
        if self.format == "text":
            for same in _alike(ordered):
                self.say(text(*map(self._placed, same), color=self.color))
                if self.beside is not None:
                    print("\n".join(map(self.beside, same)), file=sys.stderr, flush=True)

    def say(self, line: str) -> None:
        """Print a line for people: progress, a hint, a summary; in a step of GitHub Actions no line of it is a command."""
        print(line if self.beside is None else without_commands(line), file=sys.stderr, flush=True)

    def finish(self) -> None:
        """Write the document of a machine format; nothing in text form."""
        if self.format == "json":
            found = {} if self.result is None else {"result": self.result}
            write(sys.stdout, {**found, **to_json(map(self._placed, self.kept))})
        elif self.format == "sarif":
            write(sys.stdout, to_sarif(map(self._placed, self.kept)))

    def _placed(self, diagnostic: Diagnostic) -> Diagnostic:
        """The problem with its files as they are called here."""
        where = diagnostic.where and replace(diagnostic.where, file=self.named(diagnostic.where.file))
        related = (
            replace(each, where=replace(each.where, file=self.named(each.where.file))) for each in diagnostic.related
        )
        return replace(diagnostic, where=where, related=tuple(related))


def _alike(ordered: Iterable[Diagnostic]) -> list[list[Diagnostic]]:
    """Problems that differ in their place only, together when there are many; in the order of files."""
    groups: dict[Diagnostic, list[Diagnostic]] = {}
    for diagnostic in ordered:
        groups.setdefault(replace(diagnostic, where=None), []).append(diagnostic)
    few = [[diagnostic] for same in groups.values() if len(same) <= MANY_PLACES for diagnostic in same]
    many = [same for same in groups.values() if len(same) > MANY_PLACES]
    return sorted([*few, *many], key=lambda same: same[0].sort_key())


def text(diagnostic: Diagnostic, *same: Diagnostic, color: bool = False) -> str:
    """A diagnostic for people: what, where and its code, then what explains and what mends it.

    `same`: the same problem in other places, of which some are named.
    """
    mark, shade = MARKS[diagnostic.severity]
    lines = [f" {diagnostic.message}".replace("\n", "\n  ")]
    place = f"{diagnostic.where}  " if diagnostic.where else ""
    lines.append(f"  {place}[{diagnostic.code}]")
    named = same[: MANY_PLACES - 1]
    lines += [f"  {other.where}" for other in named]
    if len(same) > len(named):
        lines.append(f"  and {amount(len(same) - len(named), 'more place')}")
    lines += [f"  {related.where}: {related.message}" for related in diagnostic.related]
    if diagnostic.hint:
        lines.append(f"  hint: {diagnostic.hint}")
    if diagnostic.plugin:
        lines.append(f"  plugin: {diagnostic.plugin}")
    words = visible("\n".join(lines))
    return f"\x1b[{shade}m{mark}\x1b[0m{words}" if color else mark + words


def to_json(diagnostics: Iterable[Diagnostic]) -> Mapping[str, Any]:
    """Diagnostics as a JSON document: `{"diagnostics": […]}`, empty fields left out."""
    return {"diagnostics": [_tree(diagnostic) for diagnostic in diagnostics]}


def to_sarif(diagnostics: Iterable[Diagnostic]) -> Mapping[str, Any]:
    """Diagnostics as a SARIF 2.1.0 log with one run."""
    from orun_core.spec.codes import CODES

    found = tuple(diagnostics)
    rules = [
        {"id": code, "shortDescription": {"text": CODES.get(code, code)}} for code in sorted({d.code for d in found})
    ]
    run = {"tool": {"driver": {"name": "orun", "rules": rules}}, "results": [_result(problem) for problem in found]}
    return {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}


def visible(text: str) -> str:
    """The text with an escape in place of each character that means something to a terminal."""
    return _UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def write(stream: IO[str], tree: Mapping[str, Any]) -> None:
    """Write a JSON document for machines."""
    stream.write(json.dumps(tree, indent=2, ensure_ascii=False) + "\n")


def _tree(diagnostic: Diagnostic) -> dict[str, Any]:
    tree: dict[str, Any] = {
        "code": diagnostic.code,
        "severity": diagnostic.severity.value,
        "message": diagnostic.message,
        "where": _place(diagnostic.where) if diagnostic.where else None,
        "hint": diagnostic.hint,
        "related": [{"message": other.message, "where": _place(other.where)} for other in diagnostic.related],
        "plugin": diagnostic.plugin,
    }
    return {key: value for key, value in tree.items() if value}


def _place(where: Any) -> dict[str, Any]:
    place = {"file": where.file, "line": where.line, "column": where.column, "pointer": where.pointer}
    return {key: value for key, value in place.items() if value}


def _result(diagnostic: Diagnostic) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": diagnostic.code,
        "level": diagnostic.severity.value,
        "message": {"text": f"{diagnostic.message}\n{diagnostic.hint}".strip()},
    }
    if diagnostic.where:
        result["locations"] = [_physical(diagnostic.where)]
    if diagnostic.related:
        result["relatedLocations"] = [
            {**_physical(other.where), "message": {"text": other.message}} for other in diagnostic.related
        ]
    return result


def _physical(where: Any) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": quote(where.file)}}
    if where.line:
        place["region"] = {"startLine": where.line, "startColumn": where.column or 1}
    return {"physicalLocation": place}
