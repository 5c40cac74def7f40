"""What a template becomes: closures over a frame.

An `Expression` gives a value; a `Step` writes output and may leave the loop it is in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, Final, Literal

from orun_core.compiler.template_format import go_type, go_value
from orun_core.compiler.template_lexer import Fault

if TYPE_CHECKING:
    from orun_core.compiler.template_functions import Function

MAX_OUTPUT: Final = 4 * 1024 * 1024
MAX_STEPS: Final = 1_000_000
MAX_DEPTH: Final = 100


class _Missing(Enum):
    MISSING = auto()

    def __bool__(self) -> Literal[False]:
        return False


MISSING: Final = _Missing.MISSING
"""The value of a key that is not there: falsy, null as an argument, empty with a warning as output."""


class Signal(Enum):
    """How a step leaves the loop it is in."""

    BREAK = auto()
    CONTINUE = auto()


class Output:
    """Text written so far by one rendering, within the limits on its size and on the steps it took."""

    __slots__ = ("missing", "pieces", "size", "steps")

    def __init__(self, missing: Callable[[str, int], None]) -> None:
        self.missing = missing
        self.pieces: list[str] = []
        self.size = 0
        self.steps = 0

    def write(self, text: str) -> None:
        """Append text."""
        self.size += len(text)
        if self.size > MAX_OUTPUT:
            raise Fault(f"the output is longer than {MAX_OUTPUT} characters")
        self.pieces.append(text)


class Frame:
    """One execution of one template body. `variables[0]` is `$`; `depth` counts nested template calls and blocks."""

    __slots__ = ("depth", "output", "variables")

    def __init__(self, output: Output, variables: list[Any], depth: int) -> None:
        self.output = output
        self.variables = variables
        self.depth = depth


Expression = Callable[[Frame, Any], Any]
Step = Callable[[Frame, Any], "Signal | None"]


@dataclass(slots=True)
class Body:
    """A named template: its steps, and how many variables it declares. The parser fills it in."""

    steps: Step | None = None
    variables: int = 1

    def run(self, output: Output, dot: Any, depth: int = 0) -> None:
        """Execute it with a fresh set of variables. Raises `Fault`."""
        if self.steps is not None:
            self.steps(Frame(output, [dot] + [None] * (self.variables - 1), depth), dot)


def constant(value: Any) -> Expression:
    """A literal."""
    return lambda _frame, _dot: value


def dot_value(_frame: Frame, dot: Any) -> Any:
    """`.`"""
    return dot


def variable(slot: int) -> Expression:
    """`$x`"""
    return lambda frame, _dot: frame.variables[slot]


def fields(names: Sequence[str], at: int, base: Expression | None = None) -> Expression:
    """`.a.b`, or `(…).a.b` and `$x.a.b` with a base."""

    def get(frame: Frame, dot: Any) -> Any:
        value = dot if base is None else base(frame, dot)
        for name in names:
            value = value.get(name, MISSING) if type(value) is dict else _descend(value, name, at)
        return value

    return get


def _descend(value: Any, name: str, at: int) -> Any:
    if value is MISSING:
        return MISSING
    if isinstance(value, Mapping):
        return value.get(name, MISSING)
    if value is None:
        raise Fault(
            f"can't evaluate field {name} of a null value",
            at,
            f"test it first: {{{{ with … }}}}{{{{ .{name} }}}}{{{{ end }}}}",
        )
    raise Fault(f"can't evaluate field {name} in type {go_type(value)}", at)


def call(name: str, function: Function, arguments: Sequence[Expression], at: int) -> Expression:
    """A function call."""
    refusal = function.refusal(name, len(arguments))
    if refusal:
        raise Fault(refusal, at)
    invoke = function.call

    def value(frame: Frame, dot: Any) -> Any:
        values = [None if (v := argument(frame, dot)) is MISSING else v for argument in arguments]
        try:
            result = invoke(*values)
        except Fault as fault:
            raise Fault(f"{name}: {fault.message}", at, fault.hint) from None
        if type(result) is str and len(result) > MAX_OUTPUT:
            raise Fault(f"{name}: the result is longer than {MAX_OUTPUT} characters", at)
        return result

    return value


def first_of(truth: bool, arguments: Sequence[Expression]) -> Expression:
    """`or` (truth) and `and` (not truth): the first argument of that truth, else the last one."""
    *early, last = arguments

    def value(frame: Frame, dot: Any) -> Any:
        for argument in early:
            if bool(found := argument(frame, dot)) is truth:
                return found
        return last(frame, dot)

    return value


def text(content: str) -> Step:
    """Literal text."""

    def write(frame: Frame, _dot: Any) -> None:
        frame.output.write(content)

    return write


def action(expression: Expression, name: str, line: int) -> Step:
    """`{{ … }}`: the value as text; a missing or null one is reported and renders empty."""

    def write(frame: Frame, dot: Any) -> None:
        value = expression(frame, dot)
        if type(value) is str:
            frame.output.write(value)
        elif value is None or value is MISSING:
            frame.output.missing(name, line)
        else:
            frame.output.write(go_value(value))

    return write


def assign(expression: Expression, slots: Sequence[int]) -> Expression:
    """`$x := …` and `$x = …`: the value, stored in every slot."""

    def value(frame: Frame, dot: Any) -> Any:
        result = expression(frame, dot)
        for slot in slots:
            frame.variables[slot] = result
        return result

    return value


def evaluate(expression: Expression) -> Step:
    """An assignment on its own: no output."""

    def run(frame: Frame, dot: Any) -> None:
        expression(frame, dot)

    return run


def signal(which: Signal) -> Step:
    """`{{ break }}` or `{{ continue }}`."""
    return lambda _frame, _dot: which


def block(steps: Sequence[Step]) -> Step:
    """Steps one after the other, until one leaves the loop."""
    weight = len(steps) + 1

    def run(frame: Frame, dot: Any) -> Signal | None:
        output = frame.output
        output.steps += weight
        if output.steps > MAX_STEPS:
            raise Fault(f"more than {MAX_STEPS} steps: the loops never end or are far too long")
        for step in steps:
            left = step(frame, dot)
            if left is not None:
                return left
        return None

    return run


def choice(branches: Sequence[tuple[Expression, Step, bool]], otherwise: Step | None) -> Step:
    """`if` and `with` chains: the body of the first true condition; `with` (third item) makes its value the dot."""

    def run(frame: Frame, dot: Any) -> Signal | None:
        for condition, body, rebinds in branches:
            value = condition(frame, dot)
            if value:
                return body(frame, value if rebinds else dot)
        return otherwise(frame, dot) if otherwise else None

    return run


def loop(source: Expression, slots: Sequence[int], body: Step, otherwise: Step | None, at: int) -> Step:
    """`range`: one slot takes the element, two take index or key, then element."""
    key_slot = slots[0] if len(slots) == 2 else -1
    item_slot = slots[-1] if slots else -1

    def run(frame: Frame, dot: Any) -> Signal | None:
        items = _items(source(frame, dot), len(slots) == 2, at)
        empty = True
        for key, item in items:
            empty = False
            if key_slot >= 0:
                frame.variables[key_slot] = key
            if item_slot >= 0:
                frame.variables[item_slot] = item
            if body(frame, item) is Signal.BREAK:
                break
        return otherwise(frame, dot) if empty and otherwise else None

    return run


def _items(value: Any, with_keys: bool, at: int) -> Any:
    if isinstance(value, Mapping):
        return [(key, value[key]) for key in sorted(value)]
    if value is None or value is MISSING:
        return ()
    if isinstance(value, Sequence) and not isinstance(value, str):
        return enumerate(value)
    if type(value) is not int:
        raise Fault(f"range can't iterate over {go_value(value)}", at)
    if with_keys:
        raise Fault(f"can't use {value} to iterate over more than one variable", at)
    return ((n, n) for n in range(value))


def invoke(bodies: Mapping[str, Body], name: str, argument: Expression | None, at: int, nesting: int) -> Step:
    """`{{ template "name" … }}`; `nesting` is how deep in blocks the call stands."""

    def run(frame: Frame, dot: Any) -> None:
        depth = frame.depth + nesting + 1
        if depth > MAX_DEPTH:
            raise Fault(f"templates call each other more than {MAX_DEPTH} deep", at)
        bodies[name].run(frame.output, argument(frame, dot) if argument else None, depth)

    return run
