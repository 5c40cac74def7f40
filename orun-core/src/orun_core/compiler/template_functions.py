"""The functions a template may call: Go's own set and the additions `default` and `quote`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote_plus

from orun_core.compiler.template_format import go_type, go_value, quoted, sprint, sprintf
from orun_core.compiler.template_lexer import Fault
from orun_core.spec.frozen import frozen

_JS_ESCAPES: Final = {
    "\\": "\\\\",
    "'": "\\'",
    '"': '\\"',
    "<": "\\u003C",
    ">": "\\u003E",
    "&": "\\u0026",
    "=": "\\u003D",
}


@frozen
class Function:
    """A function and how many arguments it takes; `most` None is any number."""

    call: Callable[..., Any]
    least: int
    most: int | None

    def refusal(self, name: str, count: int) -> str:
        """Why `count` arguments are wrong, or an empty text."""
        if self.least <= count and (self.most is None or count <= self.most):
            return ""
        want = f"{self.least}" if self.most == self.least else f"at least {self.least}"
        if self.most is not None and count > self.most:
            want = f"{self.most}"
        return f"wrong number of args for {name}: want {want} got {count}"


def truth(value: Any) -> bool:
    """Whether a condition holds: false, zero, null, missing and everything empty do not."""
    return bool(value)


def equal(first: Any, *others: Any) -> bool:
    """Whether the first equals any of the others; values of different basic types are an error, null is not."""
    return any(_equal(first, other) for other in others)


def _equal(first: Any, second: Any) -> bool:
    if first is None or second is None:
        return first is second
    kind, other = go_type(first), go_type(second)
    if kind != other:
        raise Fault(f"incompatible types for comparison: {kind} and {other}")
    if kind.startswith(("[]", "map")):
        raise Fault(f"non-comparable type {kind}")
    return bool(first == second)


def _ordered(holds: Callable[[Any, Any], bool]) -> Function:
    def compare(first: Any, second: Any) -> bool:
        kinds = go_type(first), go_type(second)
        for kind in kinds:
            if kind not in ("string", "int", "float64"):
                raise Fault(f"invalid type for comparison: {kind}")
        if kinds[0] != kinds[1]:
            raise Fault(f"incompatible types for comparison: {kinds[0]} and {kinds[1]}")
        return holds(first, second)

    return Function(compare, 2, 2)


def length(item: Any) -> int:
    """Number of bytes of a string, of items of a list, of keys of a map."""
    if isinstance(item, str):
        return len(item.encode())
    if isinstance(item, Mapping | Sequence):
        return len(item)
    raise Fault("the argument is a missing or null value" if item is None else f"no length in type {go_type(item)}")


def index(item: Any, *keys: Any) -> Any:
    """The value inside nested maps and lists; a key that a map does not have gives null."""
    for key in keys:
        item = _item(item, key)
    return item


def _item(item: Any, key: Any) -> Any:
    if item is None:
        raise Fault(
            "the first argument is a missing or null value",
            hint="test it first: {{ if .x }}…{{ end }} or {{ with .x }}…{{ end }}",
        )
    if isinstance(item, Mapping):
        if not isinstance(key, str):
            raise Fault(f"value has type {go_type(key)}; should be string")
        return item.get(key)
    if not isinstance(item, str | Sequence):
        raise Fault(f"can't index item of type {go_type(item)}")
    within = item.encode() if isinstance(item, str) else item
    return within[_position(key, len(within) - 1)]


def _position(key: Any, last: int) -> int:
    if type(key) is not int:
        raise Fault(f"cannot index slice/array with type {go_type(key)}")
    if not 0 <= key <= last:
        raise Fault(f"index out of range: {key}")
    return key


def part(item: Any, *bounds: Any) -> Any:
    """`slice x 1 2` is x[1:2]; of a string the bytes are counted."""
    if not isinstance(item, str | Sequence):
        raise Fault(
            "the first argument is a missing or null value"
            if item is None
            else f"can't slice item of type {go_type(item)}"
        )
    whole: Any = item.encode() if isinstance(item, str) else item
    ends = [_position(bound, len(whole)) for bound in bounds]
    if ends != sorted(ends):
        raise Fault(f"invalid slice index: {' > '.join(map(str, ends))}")
    if len(ends) == 3 and isinstance(item, str):
        raise Fault("cannot 3-index slice a string")
    piece = whole[slice(*ends[:2])] if len(ends) != 1 else whole[ends[0] :]
    return piece.decode(errors="replace") if isinstance(item, str) else piece


def printf(layout: Any, *values: Any) -> str:
    """Go's `printf`, to a string."""
    if not isinstance(layout, str):
        raise Fault(f"expected a format string; found {go_value(layout)}")
    return sprintf(layout, values)


def _escaped_html(*values: Any) -> str:
    import html

    escaped = html.escape(sprint(values), quote=False)
    return escaped.replace('"', "&#34;").replace("'", "&#39;").replace("\0", "\ufffd")


def _escaped_js(*values: Any) -> str:
    return "".join(_js_character(c) for c in sprint(values))


def _js_character(character: str) -> str:
    if character in _JS_ESCAPES:
        return _JS_ESCAPES[character]
    code = ord(character)
    if code < 0x20 or not (character.isprintable() or code < 0x80):
        return f"\\u{code:04X}"
    return character


def _fallback(fallback: Any, value: Any) -> Any:
    return value if truth(value) else fallback


def _quote(*values: Any) -> str:
    return " ".join(quoted(go_value(value)) for value in values if value is not None)


FUNCTIONS: Final[Mapping[str, Function]] = {
    "default": Function(_fallback, 2, 2),
    "eq": Function(equal, 2, None),
    "ge": _ordered(lambda a, b: a >= b),
    "gt": _ordered(lambda a, b: a > b),
    "html": Function(_escaped_html, 0, None),
    "index": Function(index, 1, None),
    "js": Function(_escaped_js, 0, None),
    "le": _ordered(lambda a, b: a <= b),
    "len": Function(length, 1, 1),
    "lt": _ordered(lambda a, b: a < b),
    "ne": Function(lambda a, b: not _equal(a, b), 2, 2),
    "not": Function(lambda value: not truth(value), 1, 1),
    "print": Function(lambda *values: sprint(values), 0, None),
    "printf": Function(printf, 1, None),
    "println": Function(lambda *values: " ".join(map(go_value, values)) + "\n", 0, None),
    "quote": Function(_quote, 0, None),
    "slice": Function(part, 1, 4),
    "urlquery": Function(lambda *values: quote_plus(sprint(values)), 0, None),
}
SHORT_CIRCUIT: Final[Mapping[str, bool]] = {"and": False, "or": True}
"""Functions that stop at the first argument of this truth; their arguments are evaluated one by one."""
