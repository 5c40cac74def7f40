"""`docs/documents.md` from the models of documents: `python tests/docs/documents_page.py` writes its tables anew."""

from __future__ import annotations

import inspect
import re
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Union, get_args, get_origin

from orun_core.spec.documents import KINDS, Document, LegacyRegistry, PolicyTrial
from orun_core.spec.field_docs import field_docs
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

PAGE = Path(__file__).parents[2] / "docs" / "documents.md"
BEGIN, END = "<!-- fields: begin -->\n", "<!-- fields: end -->"
TOP: dict[str, type[Document]] = {
    **{kind: KINDS[kind] for kind in ("Intent", "Component", "Composition", "ComponentSchema", "JobTemplate")},
    **{kind: KINDS[kind] for kind in ("ExecutionProfile", "Stack", "IntentPreset", "PolicyTest")},
    "PolicyTrial": PolicyTrial,
    "CompositionPackage": KINDS["CompositionPackage"],
    "LegacyRegistry": LegacyRegistry,
}
"""Section → document, in the order of the page."""
WORDS = {str: "text", int: "whole number", bool: "true or false", Any: "any"}


def page() -> str:
    """The page with its tables as the code has them."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    return before + BEGIN + "\n".join(sections()) + "\n" + END + rest.partition(END)[2]


def sections() -> Iterator[str]:
    """A section per document, and below it one per structure that no earlier section has."""
    shown: set[type[Document]] = {spec for model in TOP.values() if (spec := spec_of(model))}
    for kind, model in TOP.items():
        yield f"\n## {kind}\n\n{said(model)}\n"
        spec = spec_of(model)
        yield from table(model, leave_out="spec" if spec else "")
        if spec:
            yield from table(spec, prefix="spec.", head=False)
        yield from besides(spec or model)
        for structure in structures(model, shown):
            yield f"\n### {heading(structure)}\n\n{said(structure)}\n"
            yield from table(structure)
            yield from besides(structure)


def said(model: type[Document]) -> str:
    """The docstring of a model; a scalar in its place is told, too."""
    short = f" A text in its place is its `{model.scalar_field}`." if model.scalar_field else ""
    return f"{linked(' '.join((inspect.getdoc(model) or '').split()))}{short}"


def spec_of(model: type[Document]) -> type[Document] | None:
    """What stands below `spec` of a document, if anything does."""
    return next((inner(f.annotation)[0] for name, f in model.model_fields.items() if name == "spec"), None)


def structures(model: type[Document], shown: set[type[Document]]) -> Iterator[type[Document]]:
    """The models below this one, each before those below it, and once on the whole page."""
    for name, field in model.model_fields.items():
        for found in inner(field.annotation):
            if name == "spec":
                yield from structures(found, shown)
            elif found not in shown:
                shown.add(found)
                yield found
                yield from structures(found, shown)


def inner(annotation: Any) -> list[type[Document]]:
    """The models in a type."""
    if isinstance(annotation, type) and issubclass(annotation, Document):
        return [annotation]
    return [model for argument in get_args(annotation) for model in inner(argument)]


def table(model: type[Document], *, prefix: str = "", head: bool = True, leave_out: str = "") -> Iterator[str]:
    """A row per field; those of a structure that this one builds on are one row."""
    if head:
        yield "| field | type | default | meaning |"
        yield "|---|---|---|---|"
    docs = field_docs(model)
    for name, field in model.model_fields.items():
        if name != leave_out and name not in inherited(model):
            key = f"{prefix}{field.alias or name}"
            meaning = linked(" ".join(docs[name].split()).replace("|", "\\|"))
            yield f"| `{key}` | {shape(field.annotation)} | {default(field)} | {meaning} |"
    if base := based_on(model):
        yield f"| … |  |  | The fields of [{heading(base)}](#{heading(base).lower()}). |"


def linked(text: str) -> str:
    """Pages that a docstring names, as links."""
    return re.sub(r"docs/([\w-]+\.md)", r"[\1](\1)", text)


def based_on(model: type[Document]) -> type[Document] | None:
    """The structure whose fields this one has, too."""
    (base,) = model.__bases__
    return None if base is Document else base


def inherited(model: type[Document]) -> set[str]:
    """Fields that are told elsewhere."""
    base = based_on(model)
    return set(base.model_fields) if base else set()


def besides(model: type[Document]) -> Iterator[str]:
    """Keys without effect, and those that may have another form."""
    base = based_on(model)
    ignored = model.ignored_keys - (base.ignored_keys if base else frozenset())
    lenient = model.lenient_keys - (base.lenient_keys if base else frozenset())
    if ignored:
        yield f"\nAccepted without effect: {listed(ignored)}."
    if lenient:
        yield f"\nOf another type than this, {listed(lenient)} {'are' if len(lenient) > 1 else 'is'} absent, with a warning."


def listed(keys: frozenset[str]) -> str:
    """Keys in the order of the alphabet."""
    return ", ".join(f"`{key}`" for key in sorted(keys))


def shape(annotation: Any) -> str:
    """The type in the words of YAML: `tuple[Step, ...]` → list of Step."""
    if get_origin(annotation) in (Union, types.UnionType):
        (annotation,) = (argument for argument in get_args(annotation) if argument is not type(None))
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is tuple:
        return f"list of {shape(arguments[0])}"
    if origin is dict:
        return f"map of {shape(arguments[1])}"
    if annotation in WORDS:
        return WORDS[annotation]
    text = "text or " if annotation.scalar_field else ""
    return f"{text}[{heading(annotation)}](#{heading(annotation).lower()})"


def heading(model: type[Document]) -> str:
    """Where a structure is told: what stands below `spec` is told by its document."""
    return next(
        (kind for kind, document in TOP.items() if spec_of(document) is model), model.__name__.removesuffix("Document")
    )


def default(field: FieldInfo) -> str:
    """A default that says something."""
    value = field.default
    told = value is not PydanticUndefined and isinstance(value, str | int) and value != ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`" if told else ""


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
