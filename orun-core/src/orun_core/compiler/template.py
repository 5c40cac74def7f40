"""Templates of steps: the subset of Go's text/template that compositions use, compiled once per text.

`docs/templates.md` describes the language and where it differs from Go on purpose.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from orun_core.compiler.template_lexer import Fault, has_actions
from orun_core.compiler.template_parser import parse
from orun_core.compiler.template_program import Body, Output
from orun_core.spec.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_GITHUB_HINT: Final = 'an expression for GitHub must be quoted: ${{"{{"}} … }} or {{`${{ … }}`}}'


class TemplateError(Exception):
    """A template that does not parse or cannot be rendered. `line` and `column` count from 1 inside its text."""

    def __init__(self, message: str, line: int, column: int, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column
        self.hint = hint


@frozen
class Template:
    """A compiled template. `body`: None for a text without actions, which is its own rendering."""

    text: str
    body: Body | None

    def render(self, dot: Mapping[str, Any], missing: Callable[[str, int], None]) -> str:
        """The text with every action evaluated against `dot`.

        `missing(name, line)` is called for each action whose value is missing or null; it renders empty.
        Raises `TemplateError`.
        """
        if self.body is None:
            return self.text
        output = Output(missing)
        try:
            self.body.run(output, dot)
        except Fault as fault:
            raise _located(self.text, fault) from None
        return "".join(output.pieces)


@lru_cache(maxsize=8192)
def compile_template(text: str) -> Template:
    """The compiled template of a text. Raises `TemplateError` at its first error."""
    if not has_actions(text):
        return Template(text, None)
    try:
        return Template(text, parse(text))
    except Fault as fault:
        opening = text.rfind("{{", 0, (fault.at or 0) + 2)
        if text[:opening].endswith("$"):
            fault.hint = _GITHUB_HINT
        raise _located(text, fault) from None


def _located(text: str, fault: Fault) -> TemplateError:
    at = fault.at or 0
    line = text.count("\n", 0, at) + 1
    return TemplateError(fault.message, line, at - text.rfind("\n", 0, at), fault.hint)
