"""`docs/plan.md` from the plan contract: `python tests/docs/plan_page.py` writes its tables anew."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from dataclasses import MISSING, Field, fields
from pathlib import Path

from orun_core.spec import plan
from orun_core.spec.json_form import json_name

PAGE = Path(__file__).parents[2] / "docs" / "plan.md"
BEGIN, END = "<!-- fields: begin -->\n", "<!-- fields: end -->"
KINDS: tuple[type, ...] = (
    plan.Plan, plan.Metadata, plan.Trigger, plan.Selection, plan.PrunedEdge, plan.Compiler, plan.PluginRef, plan.InputFile,
    plan.Execution, plan.Spec, plan.CompositionSource, plan.Job, plan.Step, plan.Dependency, plan.Gate, plan.Obligation,
    plan.Concurrency, plan.SecretRef, plan.Materialize, plan.Service, plan.Policy, plan.Waiver,
)  # fmt: skip


def page() -> str:
    """The page with its tables as the code has them."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    return before + BEGIN + "\n".join(tables()) + "\n" + END + rest.partition(END)[2]


def tables() -> Iterator[str]:
    """A heading and a table per structure."""
    for kind in KINDS:
        said = docstrings(kind)
        yield f"\n### {kind.__name__}\n\n{inspect.getdoc(kind)}\n"
        yield "| field | type | written | meaning |"
        yield "|---|---|---|---|"
        for field in fields(kind):
            written = "always" if required(field) else "when set"
            shape = shape_of(str(field.type))
            yield f"| `{json_name(field.name)}` | {shape} | {written} | {said[field.name]} |"


def required(field: Field[object]) -> bool:
    """True when the field has no default."""
    return field.default is MISSING and field.default_factory is MISSING


def docstrings(kind: type) -> dict[str, str]:
    """Field → the text below it."""
    (node,) = ast.parse(inspect.getsource(kind)).body
    assert isinstance(node, ast.ClassDef)
    found = {}
    for statement, following in zip(node.body, node.body[1:], strict=False):
        if isinstance(statement, ast.AnnAssign) and isinstance(following, ast.Expr):
            text = ast.literal_eval(following.value)
            found[ast.unparse(statement.target)] = " ".join(text.split()).replace("|", "\\|")
    return found


def shape_of(annotation: str) -> str:
    """The type in the words of JSON: `tuple[Step, ...]` → list of Step."""
    names = {"str": "text", "int": "whole number", "bool": "true or false", "Any": "any"}
    outer, _, inner = annotation.removesuffix(" | None").removesuffix("]").partition("[")
    if outer == "tuple":
        return f"list of {shape_of(inner.removesuffix(', ...'))}"
    if outer == "Mapping":
        return f"map of {shape_of(inner.partition(', ')[2])}"
    if outer == "Literal":
        return " or ".join(f"`{ast.literal_eval(value)}`" for value in inner.split(", "))
    return names.get(outer) or f"[{outer}](#{outer.lower()})"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
