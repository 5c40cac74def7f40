"""Errors of the YAML parser as diagnostics: in plain words, at their place, with what helps."""

from __future__ import annotations

from typing import Final

from orun_core.spec.errors import Diagnostic, Location, Related

HINTS: Final = {
    "mapping values are not allowed": 'check the indentation, or quote the text: ": " separates a key from its value',
    "while scanning an alias": 'put a text that starts with * in quotes: "*"',
    "did not find expected key": "the keys of one mapping start in the same column",
    "did not find expected '-' indicator": "the items of one list start in the same column",
    "did not find expected ',' or": "close the bracket, or put the text in quotes",
    "found unexpected end of stream": "close the quote",
    "found a tab character": "indent with spaces",
    "found unknown escape character": "use single quotes, in which a backslash stands for itself",
}
"""What helps against syntax errors, by words of the parser."""


def syntax_error(error: Exception, file: str, text: str) -> Diagnostic:
    """The diagnostic (`load/yaml-syntax`) for an error that PyYAML raised while it read `text`."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    where = Location(file, mark.line + 1, mark.column + 1) if mark else _position(text, error, file)
    parts = (getattr(error, "context", None), getattr(error, "problem", None) or getattr(error, "reason", None))
    said = ": ".join(filter(None, parts)) or str(error)
    if "cannot start any token" in said:
        return _bad_start(_character(text, where), where)
    hint = next((hint for words, hint in HINTS.items() if words in said), "")
    return Diagnostic("load/yaml-syntax", f"not valid YAML: {said}", where, hint, related=_opened(error, file))


def _opened(error: Exception, file: str) -> tuple[Related, ...]:
    """Where the bracket or quote stands that an error is within: often far above."""
    mark = getattr(error, "context_mark", None)
    within = getattr(error, "context", None) or ""
    if mark is None or not any(word in within for word in ("flow", "quoted")):
        return ()
    return (Related("opened here", Location(file, mark.line + 1, mark.column + 1)),)


def _character(text: str, where: Location) -> str:
    lines = text.splitlines()
    line = lines[where.line - 1] if where.line <= len(lines) else ""
    return line[where.column - 1 : where.column]


def _bad_start(character: str, where: Location) -> Diagnostic:
    if character == "\t":
        return Diagnostic("load/yaml-syntax", "not valid YAML: a tab indents this line", where, "indent with spaces")
    text = f"not valid YAML: a text that is not quoted cannot start with {character}"
    return Diagnostic("load/yaml-syntax", text, where, "put it in quotes")


def _position(text: str, error: Exception, file: str) -> Location:
    """The place of a character that the reader refused."""
    before = text[: getattr(error, "position", 0)]
    return Location(file, before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)
