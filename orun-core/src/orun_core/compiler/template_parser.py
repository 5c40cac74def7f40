"""Tokens to a program: bodies, blocks and actions of Go's text/template."""

from __future__ import annotations

from bisect import bisect_left

from orun_core.compiler import template_program as program
from orun_core.compiler.template_lexer import Fault, Kind, Token
from orun_core.compiler.template_pipeline import PipelineParser, similar
from orun_core.compiler.template_program import Body, Expression, Signal, Step


def parse(text: str) -> Body:
    """The body of a template. Raises `Fault` at the first error."""
    parser = _TemplateParser(text)
    main = Body()
    parser.template(main, closed=False)
    for name, at in parser.called:
        if name not in parser.bodies:
            raise Fault(f'template "{name}" not defined', at, similar(name, parser.bodies))
    return main


class _TemplateParser(PipelineParser):
    """Recursive descent; every rule returns a closure."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.lines = [at for at, character in enumerate(text) if character == "\n"]
        self.bodies: dict[str, Body] = {}
        self.called: list[tuple[str, int]] = []
        self.loops = 0

    def template(self, body: Body, *, closed: bool) -> None:
        """The steps of a template body, to `{{ end }}` if closed, else to the end of the text."""
        outer = self.scope, self.current, self.nesting, self.loops
        self.scope, self.current, self.nesting, self.loops = [("$", 0)], body, 0, 0
        steps, ending = self.steps(top=not closed)
        if closed:
            self.expect_end(ending)
        elif ending is not None:
            raise Fault(f"unexpected {{{{{ending.text}}}}}", ending.at)
        body.steps = steps
        self.scope, self.current, self.nesting, self.loops = outer

    def steps(self, *, top: bool = False) -> tuple[Step, Token | None]:
        """Steps up to `else` or `end`, and that keyword; None at the end of the text."""
        steps: list[Step] = []
        while self.next < len(self.tokens):
            token = self.take()
            if token.kind is Kind.TEXT:
                steps.append(program.text(token.text))
            elif token.kind is Kind.KEYWORD and token.text in ("else", "end"):
                return program.block(steps), token
            elif token.kind is Kind.KEYWORD and token.text == "define" and top:
                name = self.name_after(token)
                self.close("define")
                self.define(name)
            else:
                steps.append(self.action(token))
        return program.block(steps), None

    def define(self, name: Token) -> None:
        """The body of `define` or `block`, after its opening action."""
        title = str(name.value)
        if title in self.bodies:
            raise Fault(f'multiple definition of template "{title}"', name.at)
        self.bodies[title] = body = Body()
        self.template(body, closed=True)

    def name_after(self, keyword: Token) -> Token:
        token = self.take()
        if token.kind is not Kind.STRING:
            raise self.unexpected(token, f"{keyword.text} clause")
        return token

    def action(self, token: Token) -> Step:
        """One action; its first token is already taken."""
        if token.kind is Kind.KEYWORD:
            return self.keyword(token)
        self.next -= 1
        expression, slots, _ = self.pipeline("command")
        source = self.text[token.at : self.close("command").at].strip()
        if slots:
            return program.evaluate(expression)
        return program.action(expression, source, bisect_left(self.lines, token.at) + 1)

    def keyword(self, token: Token) -> Step:
        match token.text:
            case "if" | "with":
                return self.choice(token)
            case "range":
                return self.range(token)
            case "template" | "block":
                return self.call_template(token)
            case "break" | "continue":
                self.close(token.text)
                if not self.loops:
                    raise Fault(f"{{{{{token.text}}}}} outside {{{{range}}}}", token.at)
                return program.signal(Signal.BREAK if token.text == "break" else Signal.CONTINUE)
            case _:
                raise self.unexpected(token, "command")

    def choice(self, keyword: Token) -> Step:
        branches: list[tuple[Expression, Step, bool]] = []
        with self.inner_scope(keyword):
            while True:
                condition, _, _ = self.pipeline(keyword.text)
                self.close(keyword.text)
                body, ending = self.branch()
                branches.append((condition, body, keyword.text == "with"))
                if ending is None or ending.text == "end" or self.peek().text != keyword.text:
                    break
                self.take()
            return program.choice(branches, self.otherwise(ending))

    def range(self, keyword: Token) -> Step:
        with self.inner_scope(keyword):
            source, slots, at = self.pipeline("range")
            self.close("range")
            self.loops += 1
            body, ending = self.branch()
            self.loops -= 1
            return program.loop(source, slots, body, self.otherwise(ending), at)

    def branch(self) -> tuple[Step, Token | None]:
        with self.inner_scope(None):
            return self.steps()

    def otherwise(self, ending: Token | None) -> Step | None:
        """The `else` body, if the block has one, and the closing `{{ end }}`."""
        body = None
        if ending is not None and ending.text == "else":
            self.close("else")
            body, ending = self.branch()
        self.expect_end(ending)
        return body

    def expect_end(self, ending: Token | None) -> None:
        if ending is None:
            raise Fault("unexpected end of the template: an {{end}} is missing", len(self.text))
        if ending.text != "end":
            raise Fault("expected end; found {{else}}", ending.at)
        self.close("end")

    def call_template(self, keyword: Token) -> Step:
        name = self.name_after(keyword)
        argument = None
        if keyword.text == "block" or self.peek().kind is not Kind.CLOSE:
            argument, _, _ = self.pipeline(f"{keyword.text} clause")
        self.close(keyword.text)
        title, nesting = str(name.value), self.nesting
        if keyword.text == "block":
            self.define(name)
        self.called.append((title, name.at))
        return program.invoke(self.bodies, title, argument, keyword.at, nesting)
