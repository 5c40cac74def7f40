"""The base of all documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler

from orun_core.spec.json_form import json_name


class Document(BaseModel):
    """Base of all models: immutable, camelCase in files, unknown keys ignored (near misses are warned about).

    Defaults that are models are constructed without validation: validating them here would build their validators at import.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        populate_by_name=True,
        alias_generator=json_name,
        defer_build=True,
    )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """The model's schema, with the docstrings of its fields as descriptions."""
        from orun_core.spec.field_docs import field_docs

        tree = handler(schema)
        properties = handler.resolve_ref_schema(tree)["properties"]
        for name, text in field_docs(cls).items():
            if name in cls.model_fields:
                properties[cls.model_fields[name].alias or name]["description"] = text
        return tree

    scalar_field: ClassVar[str] = ""
    """A scalar in place of the mapping sets this field."""
    main_field: ClassVar[str] = ""
    """The field, as written, that whoever writes a text or a list in place of the mapping means: the hint names it."""
    ignored_keys: ClassVar[frozenset[str]] = frozenset()
    """Known keys without effect: never mistaken for a misspelling."""
    retired_keys: ClassVar[Mapping[str, str]] = {}
    """Keys of an older orun that have no effect any more → what to write instead."""
    lenient_keys: ClassVar[frozenset[str]] = frozenset()
    """Keys that the original ignores: a value of another shape than ours is a warning and counts as absent."""


class Metadata(Document):
    """Who a document is. `name` is required in components, compositions and packages."""

    lenient_keys = frozenset(("title", "version", "owner", "labels", "annotations", "tags"))

    name: str = ""
    """Name of the document: of the platform in an intent, of the component in its file, of the type in a composition, of
    the package in a stack.
    """
    title: str = ""
    """No effect: for people."""
    description: str = ""
    """One sentence. The intent's is carried into the plan, a stack's into its registry; elsewhere it is for people."""
    namespace: str = ""
    """Carried into the plan of an intent; no effect elsewhere."""
    version: str = ""
    """Version of a stack, its default tag when it is published; no effect elsewhere."""
    owner: str = ""
    """No effect: who answers for a component is `spec.owner`."""
    labels: dict[str, Any] = Field(default_factory=dict)
    """No effect: labels of a component are `spec.labels`."""
    annotations: dict[str, Any] = Field(default_factory=dict)
    """No effect: for people and other tools."""
    tags: tuple[Any, ...] = ()
    """No effect: for people and other tools."""
