"""Fields of a plugin's options model on the command line: a flag for each, and the check of what was given."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, get_origin

import click

from orun_core.spec.errors import Diagnostic, UsageError
from orun_core.spec.json_text import loads

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel
    from pydantic.fields import FieldInfo

_GIVEN: Final = "orun.model_options"
_LISTS: Final = (tuple, list, set, frozenset)


class ModelOption(click.Option):
    """A field of an options model as an option; what is given for it waits in the context."""

    def __init__(self, name: str, field: FieldInfo) -> None:
        self.field = name
        kind: Any = field.annotation
        flag = flag_of(name)
        form: dict[str, Any] = {"multiple": get_origin(kind) in _LISTS}
        if kind is bool:
            flag, form = f"{flag}/--no-{flag[2:]}", {"default": None}
        elif isinstance(kind, type) and issubclass(kind, Enum):
            form = {"type": click.Choice([member.value for member in kind])}
        said = field.description or ""
        super().__init__([flag, f"of_model_{name}"], help=said, expose_value=False, callback=_keep, **form)


def given(ctx: click.Context) -> Mapping[str, object]:
    """What the command line has for fields of a model, by their names; asked once."""
    values: Mapping[str, object] = ctx.meta.pop(_GIVEN, {})
    return values


def validated(model: type[BaseModel], values: Mapping[str, object], code: str) -> BaseModel:
    """The model with these values; raises `UsageError` of this code with everything that is wrong."""
    from pydantic import ValidationError

    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise UsageError(
            Diagnostic(code, f"{'.'.join(map(str, wrong['loc']))}: {wrong['msg']}") for wrong in error.errors()
        ) from error


def typed(field: FieldInfo, value: object) -> object:
    """What the model is given for a word: JSON where that is not a text's own business, else the text."""
    kind: Any = field.annotation
    if not isinstance(value, str) or (isinstance(kind, type) and issubclass(kind, str | Path | Enum)):
        return value
    try:
        return loads(value)
    except ValueError:
        return value


def flag_of(name: str) -> str:
    """The option for a field."""
    return f"--{name.replace('_', '-')}"


def _keep(ctx: click.Context, flag: click.Parameter, value: Any) -> None:
    if value not in (None, ()) and isinstance(flag, ModelOption):
        ctx.meta.setdefault(_GIVEN, {})[flag.field] = value
