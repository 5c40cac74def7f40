"""Values as Go prints them: `%v` and the other verbs of `printf`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from math import copysign, isfinite, isnan
from typing import Any, Final

from orun_core.compiler.template_lexer import Fault
from orun_core.spec.frozen import frozen

_WIDEST: Final = 1_000_000
_DIRECTIVE: Final = re.compile(
    r"%(?P<flags>[-+# 0]*)(?P<width>\d+|\*)?(?:\.(?P<precision>\d+|\*)?)?(?P<verb>.)?", re.DOTALL
)
_NAMED_ESCAPES: Final = {7: "\\a", 8: "\\b", 12: "\\f", 10: "\\n", 13: "\\r", 9: "\\t", 11: "\\v", 92: "\\\\"}


def go_value(value: Any) -> str:
    """A value as Go's `%v` prints it."""
    if isinstance(value, str):
        return value
    if value is None:
        return "<nil>"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _shortest(value)
    if isinstance(value, Mapping):
        return "map[" + " ".join(f"{go_value(k)}:{go_value(value[k])}" for k in sorted(value)) + "]"
    if isinstance(value, Sequence):
        return "[" + " ".join(map(go_value, value)) + "]"
    return str(value)


def go_type(value: Any) -> str:
    """The name Go gives the type of a decoded value."""
    if value is None:
        return "<nil>"
    if isinstance(value, bool):
        return "bool"
    names = {str: "string", int: "int", float: "float64"}
    for python, name in names.items():
        if isinstance(value, python):
            return name
    return "map[string]interface {}" if isinstance(value, Mapping) else "[]interface {}"


def quoted(text: str) -> str:
    """A string literal of Go."""
    return '"' + "".join('\\"' if c == '"' else _escaped(c) for c in text) + '"'


def sprint(values: Sequence[Any]) -> str:
    """Operands one after the other, with a space between two of which neither is a string."""
    parts: list[str] = []
    for index, value in enumerate(values):
        if index and not isinstance(value, str) and not isinstance(values[index - 1], str):
            parts.append(" ")
        parts.append(go_value(value))
    return "".join(parts)


def sprintf(layout: str, values: Sequence[Any]) -> str:
    """Go's `printf` to a string; a wrong verb or argument count shows in the text as Go shows it (`%!d(string=x)`)."""
    rest = list(values)
    text = _DIRECTIVE.sub(lambda match: _directive(match, rest), layout)
    if rest:
        text += "%!(EXTRA " + ", ".join(_typed(value) for value in rest) + ")"
    return text


@frozen
class _Spec:
    flags: str
    width: int
    precision: int | None
    verb: str

    def pad(self, text: str, sign_aware: bool = False) -> str:
        if "-" in self.flags:
            return text.ljust(self.width)
        if "0" not in self.flags:
            return text.rjust(self.width)
        if sign_aware and text[:1] in ("+", "-", " "):
            return text[0] + text[1:].rjust(self.width - 1, "0")
        return text.rjust(self.width, "0")


def _directive(match: re.Match[str], rest: list[Any]) -> str:
    verb = match["verb"]
    if verb is None:
        return "%!(NOVERB)"
    if verb == "[":
        raise Fault("argument indexes such as %[1]d are not supported")
    if verb == "v" and "#" in match["flags"]:
        raise Fault("%#v is not supported; use %q or %v")
    width, precision = _star(match["width"], rest), _star(match["precision"], rest)
    if max(width or 0, precision or 0) > _WIDEST:
        raise Fault(f"width or precision above {_WIDEST}")
    if verb == "%":
        return "%"
    if not rest:
        return f"%!{verb}(MISSING)"
    if "." in match.group()[:-1] and precision is None:
        precision = 0
    flags = match["flags"].replace("+", "") if verb == "v" else match["flags"]
    return _formatted(_Spec(flags, width or 0, precision, verb), rest.pop(0))


def _star(text: str | None, rest: list[Any]) -> int | None:
    if text != "*":
        return int(text) if text else None
    if rest and type(rest[0]) is int and rest[0] >= 0:
        return int(rest.pop(0))
    raise Fault("* needs a whole number among the arguments")


def _formatted(spec: _Spec, value: Any) -> str:
    if spec.verb == "T":
        return spec.pad(go_type(value))
    if isinstance(value, str):
        return _string(spec, value)
    if isinstance(value, bool):
        return spec.pad(go_value(value)) if spec.verb in "vt" else _wrong(spec, value)
    if isinstance(value, int):
        return _integer(spec, value)
    if isinstance(value, float):
        return _float(spec, value)
    if value is None:
        return spec.pad("<nil>") if spec.verb == "v" else f"%!{spec.verb}(<nil>)"
    if isinstance(value, Mapping):
        return "map[" + " ".join(f"{_formatted(spec, k)}:{_nested(spec, value[k])}" for k in sorted(value)) + "]"
    return "[" + " ".join(_nested(spec, item) for item in value) + "]"


def _nested(spec: _Spec, value: Any) -> str:
    return "<nil>" if value is None else _formatted(spec, value)


def _string(spec: _Spec, value: str) -> str:
    if spec.verb not in "vsqxX":
        return _wrong(spec, value)
    if spec.precision is not None and spec.verb in "vsq":
        value = value[: spec.precision]
    if spec.verb == "q":
        value = f"`{value}`" if "#" in spec.flags and "`" not in value and value.isprintable() else quoted(value)
    elif spec.verb in "xX":
        octets = value.encode()[: spec.precision]
        value = octets.hex(" ") if " " in spec.flags else octets.hex()
        value = ("0x" if "#" in spec.flags else "") + value
        value = value.upper() if spec.verb == "X" else value
    return spec.pad(value)


def _integer(spec: _Spec, value: int) -> str:
    bases = {"v": "d", "d": "d", "x": "x", "X": "X", "o": "o", "b": "b"}
    if spec.verb in bases:
        digits = format(abs(value), bases[spec.verb]).rjust(spec.precision or 0, "0")
        prefix = {"x": "0x", "X": "0X", "o": "0", "b": "0b"}.get(spec.verb, "") if "#" in spec.flags else ""
        sign = "-" if value < 0 else "+" if "+" in spec.flags else " " if " " in spec.flags else ""
        return spec.pad(sign + prefix + digits, sign_aware=True)
    if spec.verb in "cqU" and 0 <= value <= 0x10FFFF and not 0xD800 <= value < 0xE000:
        if spec.verb == "U":
            return spec.pad(f"U+{value:04X}")
        character = chr(value)
        return spec.pad(
            character if spec.verb == "c" else "'" + ("\\'" if character == "'" else _escaped(character)) + "'"
        )
    return _wrong(spec, value)


def _float(spec: _Spec, value: float) -> str:
    if spec.verb not in "vfFeEgG":
        return _wrong(spec, value)
    if not isfinite(value):
        return _Spec(spec.flags.replace("0", ""), spec.width, None, "v").pad(_shortest(value))
    if spec.verb in "vgG" and spec.precision is None:
        text = _shortest(abs(value))
    else:
        text = format(abs(value), f".{6 if spec.precision is None else spec.precision}{spec.verb.replace('v', 'g')}")
    sign = "-" if copysign(1, value) < 0 else "+" if "+" in spec.flags else " " if " " in spec.flags else ""
    return spec.pad(sign + (text.upper() if spec.verb in "EG" else text), sign_aware=True)


def _shortest(value: float) -> str:
    if not isfinite(value):
        return "NaN" if isnan(value) else "+Inf" if value > 0 else "-Inf"
    if value == 0 or 1e-4 <= abs(value) < 1e6:
        return repr(value).removesuffix(".0")
    sign, digits, exponent = Decimal(repr(value)).as_tuple()
    scale = len(digits) - 1 + int(exponent)
    first, rest = str(digits[0]), "".join(map(str, digits[1:])).rstrip("0")
    return f"{'-' * sign}{first}{'.' * bool(rest)}{rest}e{scale:+03d}"


def _wrong(spec: _Spec, value: Any) -> str:
    return f"%!{spec.verb}({go_type(value)}={_formatted(_Spec(spec.flags, spec.width, spec.precision, 'v'), value)})"


def _typed(value: Any) -> str:
    return "<nil>" if value is None else f"{go_type(value)}={go_value(value)}"


def _escaped(character: str) -> str:
    code = ord(character)
    if code in _NAMED_ESCAPES:
        return _NAMED_ESCAPES[code]
    if character.isprintable():
        return character
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
