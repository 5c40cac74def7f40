"""Template text to tokens: what stands between `{{` and `}}`, with trim markers and comments already applied."""

from __future__ import annotations

import re
from enum import StrEnum, auto
from typing import Final

from orun_core.spec.frozen import frozen

SPACE: Final = " \t\r\n"
KEYWORDS: Final = frozenset({"block", "break", "continue", "define", "else", "end", "if", "range", "template", "with"})
STEP_OUTPUT: Final = re.compile(r"\$\{\{\s*steps\.[A-Za-z0-9_.@-]+\.outputs\.[A-Za-z0-9_-]+\s*\}\}")
"""A reference to a step's output: it is resolved while the job runs, so templates leave it as it is."""


class Fault(Exception):  # noqa: N818 - the public name is TemplateError; this one has an offset instead of a line
    """Something wrong at an offset of the template text; a function that does not know its place leaves `at` out."""

    def __init__(self, message: str, at: int | None = None, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.at = at
        self.hint = hint


class Kind(StrEnum):
    """What a token is; punctuation is named by its own characters."""

    TEXT = auto()
    CLOSE = auto()
    FIELD = auto()
    VARIABLE = auto()
    NAME = auto()
    KEYWORD = auto()
    CONSTANT = auto()
    STRING = auto()
    NIL = auto()
    DOT = auto()
    DECLARE = ":="
    ASSIGN = "="
    PIPE = "|"
    COMMA = ","
    OPEN_PAREN = "("
    CLOSE_PAREN = ")"


@frozen
class Token:
    """One token. `value` is the decoded constant, `text` the source; `spaced`: white space stood before it."""

    kind: Kind
    text: str
    at: int
    spaced: bool = False
    value: str | int | float | bool | None = None


_PATTERN: Final = re.compile(
    r"""(?P<string>"(?:[^"\\\n]|\\.)*"|`[^`]*`)
      | (?P<char>'(?:[^'\\\n]|\\.)+')
      | (?P<number>[+-]?(?:0[xX][\da-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+
            |(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d[\d_]*)?)\w*)
      | (?P<field>\.[^\W\d]\w*)
      | (?P<variable>\$\w*)
      | (?P<word>[^\W\d]\w*)
      | (?P<punctuation>:=|[=|,().])""",
    re.VERBOSE,
)
_ENDS_NAME: Final = frozenset(" \t\r\n.,|:)(=}")
_ESCAPE: Final = re.compile(
    r"\\(?:([abfnrtv\\'\"])|x([\da-fA-F]{2})|([0-7]{3})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|(.?))"
)
_SIMPLE_ESCAPES: Final = {"a": 7, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11}


def has_actions(text: str) -> bool:
    """Whether the text holds anything but plain text and step output references."""
    return "{{" in text and "{{" in STEP_OUTPUT.sub("", text)


def tokens(text: str) -> list[Token]:
    """All tokens of a template; every action ends in a CLOSE token. Raises `Fault`."""
    found: list[Token] = []
    at, trim = 0, False
    while (opening := _next_action(text, at)) >= 0:
        inside = opening + 2
        trims_left = text.startswith("-", inside) and text[inside + 1 : inside + 2] in tuple(SPACE)
        _add_text(found, text[at:opening], at, trim, trims_left)
        inside += 2 * trims_left
        if text.startswith("/*", inside):
            at, trim = _comment(text, inside, opening)
        else:
            at, trim = _action(text, inside - trims_left, opening, found)
    _add_text(found, text[at:], at, trim, trim_right=False)
    return found


def _next_action(text: str, at: int) -> int:
    scanned = at
    while (opening := text.find("{{", scanned)) >= 0:
        reference = STEP_OUTPUT.match(text, opening - 1) if opening > at else None
        if reference is None:
            return opening
        scanned = reference.end()
    return -1


def _add_text(found: list[Token], text: str, at: int, trim_left: bool, trim_right: bool) -> None:
    if trim_left:
        text = text.lstrip(SPACE)
    if trim_right:
        text = text.rstrip(SPACE)
    if text:
        found.append(Token(Kind.TEXT, text, at))


def _comment(text: str, inside: int, opening: int) -> tuple[int, bool]:
    end = text.find("*/", inside + 2)
    if end < 0:
        raise Fault("unclosed comment", opening)
    if text.startswith("}}", end + 2):
        return end + 4, False
    if text[end + 2 : end + 3] in tuple(SPACE) and text.startswith("-}}", end + 3):
        return end + 6, True
    raise Fault("comment ends before closing delimiter", opening, hint="write {{/* … */}} or {{- /* … */ -}}")


def _action(text: str, at: int, opening: int, found: list[Token]) -> tuple[int, bool]:
    while True:
        start = at
        while at < len(text) and text[at] in SPACE:
            at += 1
        spaced = at > start
        if spaced and text.startswith("-}}", at):
            found.append(Token(Kind.CLOSE, "}}", at, spaced))
            return at + 3, True
        if text.startswith("}}", at):
            found.append(Token(Kind.CLOSE, "}}", at, spaced))
            return at + 2, False
        if at == len(text):
            raise Fault("unclosed action", opening)
        token = _token(text, at, spaced)
        found.append(token)
        at += len(token.text)


def _token(text: str, at: int, spaced: bool) -> Token:
    match = _PATTERN.match(text, at)
    if match is None:
        raise _unreadable(text, at)
    source, group = match.group(), match.lastgroup
    if group == "string":
        return Token(Kind.STRING, source, at, spaced, source[1:-1] if source[0] == "`" else _unquote(source, at))
    if group == "char":
        return Token(Kind.CONSTANT, source, at, spaced, _character(source, at))
    if group == "number":
        return Token(Kind.CONSTANT, source, at, spaced, _number(source, at))
    if group == "punctuation":
        return Token(Kind.DOT if source == "." else Kind(source), source, at, spaced)
    following = text[match.end() : match.end() + 1]
    if following and following not in _ENDS_NAME:
        hint = 'write index .parameters "a-b" for a key with a hyphen' if group == "field" and following == "-" else ""
        raise Fault(f"bad character U+{ord(following):04X} {following!r}", match.end(), hint)
    if group == "field":
        return Token(Kind.FIELD, source, at, spaced)
    if group == "variable":
        return Token(Kind.VARIABLE, source, at, spaced)
    return _word(source, at, spaced)


def _word(source: str, at: int, spaced: bool) -> Token:
    if source in KEYWORDS:
        return Token(Kind.KEYWORD, source, at, spaced)
    if source in ("true", "false"):
        return Token(Kind.CONSTANT, source, at, spaced, source == "true")
    return Token(Kind.NIL if source == "nil" else Kind.NAME, source, at, spaced)


def _unreadable(text: str, at: int) -> Fault:
    what = {
        '"': "unterminated quoted string",
        "`": "unterminated raw quoted string",
        "'": "unterminated character constant",
    }
    if text[at] in what:
        return Fault(what[text[at]], at)
    return Fault(f"unexpected {text[at]!r} in action", at)


def _number(source: str, at: int) -> int | float:
    sign, digits = (source[0], source[1:]) if source[0] in "+-" else ("", source)
    octal = len(digits) > 1 and digits[0] == "0" and digits.replace("_", "").isdecimal()
    try:
        number = int(sign + digits, 8) if octal else int(source, 0)
    except ValueError:
        return _float(source, at, octal)
    if not -(2**63) <= number < 2**63:
        raise Fault(f"integer overflow: {source}", at)
    return number


def _float(source: str, at: int, octal: bool) -> float:
    if not octal and set(source) & set(".eE"):
        try:
            return float(source)
        except ValueError:
            pass
    raise Fault(f"bad number syntax: {source}", at)


def _unquote(source: str, at: int) -> str:
    parts: list[bytes] = []
    last = 1
    for escape in _ESCAPE.finditer(source, 1, len(source) - 1):
        parts += source[last : escape.start()].encode(), _unescape(escape, at)
        last = escape.end()
    parts.append(source[last:-1].encode())
    return b"".join(parts).decode(errors="replace")


def _unescape(escape: re.Match[str], at: int) -> bytes:
    simple, byte, octal, short, long, unknown = escape.groups()
    if simple is not None:
        return bytes([_SIMPLE_ESCAPES.get(simple, ord(simple))])
    if unknown is not None:
        raise Fault(f"invalid escape sequence \\{unknown}", at + escape.start())
    value = int(octal, 8) if octal else int(byte or short or long, 16)
    if byte or octal:
        if value > 0xFF:
            raise Fault(f"invalid escape sequence {escape.group()}", at + escape.start())
        return bytes([value])
    if value > 0x10FFFF or 0xD800 <= value < 0xE000:
        raise Fault(f"invalid escape sequence {escape.group()}", at + escape.start())
    return chr(value).encode()


def _character(source: str, at: int) -> int:
    text = _unquote(source, at)
    if len(text) != 1:
        raise Fault(f"malformed character constant: {source}", at)
    return ord(text)
