"""How the classes of the contract look in JSON: the names of their fields, and what pydantic is told about them."""

from __future__ import annotations

from functools import cache
from typing import Any


@cache
def json_name(name: str) -> str:
    """The name of a field in JSON: `depends_on` → `dependsOn`, `working_directory` → `working-directory`."""
    if name == "working_directory":
        return "working-directory"
    head, *tail = name.rstrip("_").split("_")
    return head + "".join(word.capitalize() for word in tail)


SCHEMA_CONFIG: dict[str, Any] = {"use_attribute_docstrings": True, "alias_generator": json_name, "extra": "forbid"}
"""`__pydantic_config__` of the classes whose JSON Schema pydantic writes."""
