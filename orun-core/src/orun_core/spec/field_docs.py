"""The docstrings below the fields of a class, read from its source when a JSON Schema asks for them.

Reading them when the class is made, as `use_attribute_docstrings` does, costs every command what only `orun schema` needs.
"""

from __future__ import annotations

import ast
import inspect
from itertools import pairwise
from textwrap import dedent
from typing import cast


def field_docs(cls: type) -> dict[str, str]:
    """Field → docstring, of a class and its bases, in one line each paragraph as written."""
    found: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        if base.__module__.partition(".")[0] == cls.__module__.partition(".")[0]:
            found.update(_own(base))
    return found


def _own(cls: type) -> dict[str, str]:
    tree = ast.parse(dedent(inspect.getsource(cls)))
    body = cast("ast.ClassDef", tree.body[0]).body
    return {
        field.target.id: inspect.cleandoc(text.value.value)
        for field, text in pairwise(body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }
