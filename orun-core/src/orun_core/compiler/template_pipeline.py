"""Tokens to expressions: pipelines, commands, operands and variables of a template."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from orun_core.compiler import template_program as program
from orun_core.compiler.template_functions import FUNCTIONS, SHORT_CIRCUIT
from orun_core.compiler.template_lexer import Fault, Kind, Token, tokens
from orun_core.compiler.template_program import MAX_DEPTH, Body, Expression
from orun_core.spec.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_LITERALS: Final = frozenset({Kind.CONSTANT, Kind.STRING, Kind.NIL, Kind.DOT})
_ENDS: Final = frozenset({Kind.CLOSE, Kind.CLOSE_PAREN, Kind.PIPE})


def similar(name: str, known: Iterable[str]) -> str:
    """A hint with the known name most like this one, or an empty text."""
    found = nearest(name, known)
    return f"did you mean {found}?" if found else ""


NAMES: Final = ("env", "orun", "parameters")
"""What stands in the context of a step's template."""


class PipelineParser:
    """The cursor over the tokens of a template, the variables in scope, and the rules for pipelines."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokens(text)
        self.next = 0
        self.scope: list[tuple[str, int]] = []
        self.current = Body()
        self.nesting = 0

    def pipeline(self, context: str) -> tuple[Expression, list[int], int]:
        """`$x := a | b c`: the value, the slots that take it, and where it starts."""
        names, declares = self.targets(context)
        start = self.peek()
        expression = self.command(None, start, context)
        stage = 1
        while self.peek().kind is Kind.PIPE:
            pipe, stage = self.take(), stage + 1
            self.limit(stage, pipe.at)
            if self.peek().kind in _LITERALS:
                raise Fault(f"non executable command in pipeline stage {stage}", self.peek().at)
            expression = self.command(expression, pipe, context)
        slots = [self.declare(name) if declares else self.slot(name) for name in names]
        if slots:
            expression = program.assign(expression, slots)
        return expression, slots, start.at

    def targets(self, context: str) -> tuple[list[Token], bool]:
        """The variables before `:=` or `=`, and whether they are new."""
        names: list[Token] = []
        before = self.next
        while self.peek().kind is Kind.VARIABLE:
            names.append(self.take())
            sign = self.peek().kind
            if sign in (Kind.DECLARE, Kind.ASSIGN):
                self.take()
                return names, sign is Kind.DECLARE
            if sign is not Kind.COMMA:
                break
            if context != "range" or len(names) == 2:
                raise Fault(f"too many declarations in {context}", self.peek().at)
            self.take()
        self.next = before
        return [], False

    def command(self, piped: Expression | None, before: Token, context: str) -> Expression:
        """A function call, or a single operand."""
        token = self.peek()
        if token.kind in _ENDS:
            raise Fault(f"missing value for {context}", before.at)
        if token.kind is Kind.NIL:
            raise Fault("nil is not a command", token.at)
        if token.kind is Kind.NAME:
            name = self.function_name()
            return self.call(name, self.arguments(), piped)
        expression = self.operand()
        if self.arguments() or piped:
            raise Fault(f"can't give argument to non-function {token.text}", token.at)
        return expression

    def function_name(self) -> Token:
        token = self.take()
        if token.text not in FUNCTIONS and token.text not in SHORT_CIRCUIT:
            hint = similar(token.text, [*FUNCTIONS, *SHORT_CIRCUIT])
            if token.text in NAMES:
                hint = f"a name starts with a dot: .{token.text}"
            raise Fault(f'function "{token.text}" not defined', token.at, hint)
        return token

    def arguments(self) -> list[Expression]:
        found = []
        while self.peek().kind not in _ENDS:
            if not self.peek().spaced:
                raise self.unexpected(self.peek(), "operand")
            found.append(self.operand())
        return found

    def operand(self) -> Expression:
        token = self.function_name() if self.peek().kind is Kind.NAME else self.take()
        match token.kind:
            case Kind.CONSTANT | Kind.STRING | Kind.NIL:
                base = program.constant(token.value)
            case Kind.DOT:
                base = program.dot_value
            case Kind.NAME:
                base = self.call(token, [], None)
            case Kind.VARIABLE:
                base = program.variable(self.slot(token))
            case Kind.OPEN_PAREN:
                base = self.parenthesized(token)
            case Kind.FIELD:
                return program.fields([token.text[1:], *self.chain()], token.at)
            case _:
                raise self.unexpected(token, "operand")
        names = self.chain()
        if names and token.kind in _LITERALS:
            raise Fault(f"unexpected . after term {token.text!r}", token.at)
        return program.fields(names, token.at, base) if names else base

    def chain(self) -> list[str]:
        names = []
        while self.peek().kind is Kind.FIELD and not self.peek().spaced:
            names.append(self.take().text[1:])
        return names

    def parenthesized(self, opening: Token) -> Expression:
        self.nesting += 1
        self.limit(0, opening.at)
        expression, _, _ = self.pipeline("parenthesized pipeline")
        self.nesting -= 1
        if self.take().kind is not Kind.CLOSE_PAREN:
            raise Fault("unclosed left paren", opening.at)
        return expression

    def call(self, name: Token, arguments: list[Expression], piped: Expression | None) -> Expression:
        if piped is not None:
            arguments = [*arguments, piped]
        if name.text in SHORT_CIRCUIT:
            if not arguments:
                raise Fault(f"wrong number of args for {name.text}: want at least 1 got 0", name.at)
            return program.first_of(SHORT_CIRCUIT[name.text], arguments)
        return program.call(name.text, FUNCTIONS[name.text], arguments, name.at)

    def declare(self, name: Token) -> int:
        slot = self.current.variables
        self.current.variables += 1
        self.scope.append((name.text, slot))
        return slot

    def slot(self, name: Token) -> int:
        for known, slot in reversed(self.scope):
            if known == name.text:
                return slot
        hint = similar(name.text, [known for known, _ in self.scope[1:]])
        raise Fault(f'undefined variable "{name.text}"', name.at, hint)

    @contextmanager
    def inner_scope(self, keyword: Token | None) -> Iterator[None]:
        """Variables declared inside are gone outside; a block with a keyword is one level deeper."""
        self.nesting += keyword is not None
        if keyword is not None:
            self.limit(0, keyword.at)
        known = len(self.scope)
        yield
        del self.scope[known:]
        self.nesting -= keyword is not None

    def limit(self, extra: int, at: int) -> None:
        if self.nesting + extra > MAX_DEPTH:
            raise Fault(f"nested more than {MAX_DEPTH} deep", at)

    def peek(self) -> Token:
        return self.tokens[self.next]

    def take(self) -> Token:
        token = self.tokens[self.next]
        self.next += 1
        return token

    def close(self, context: str) -> Token:
        token = self.take()
        if token.kind is not Kind.CLOSE:
            raise self.unexpected(token, context)
        return token

    def unexpected(self, token: Token, context: str) -> Fault:
        what = f"<{token.text}>" if token.kind is Kind.KEYWORD else repr(token.text)
        return Fault(f"unexpected {what} in {context}", token.at)
