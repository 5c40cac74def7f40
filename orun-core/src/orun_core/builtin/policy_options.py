"""What may be written as the value of core's named policies."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, RootModel, model_validator

from orun_core.spec.duration import seconds


class Options(BaseModel):
    """Base: unknown keys are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


_WORDS: Final = {**dict.fromkeys(("true", "yes", "on"), True), **dict.fromkeys(("false", "no", "off"), False)}


def _words(value: Any) -> Any:
    return _WORDS.get(value.strip().lower(), value) if isinstance(value, str) else value


Flag = Annotated[bool, BeforeValidator(_words)]
Text = Annotated[str, BeforeValidator(lambda value: str(value) if isinstance(value, int | float) else value)]


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from error
    return value


def _duration(value: str) -> str:
    seconds(value)
    return value


class Switch(RootModel[Flag]):
    """true or false."""


class Names(RootModel[tuple[Text, ...]]):
    """a list of names; a name may end in `*`."""


class Patterns(RootModel[tuple[Annotated[str, AfterValidator(_pattern)], ...]]):
    """a list of regular expressions."""


class Timeout(RootModel[Annotated[str, AfterValidator(_duration)]]):
    """a duration such as `30m`."""


class Isolation(RootModel[Any]):
    """`none`, `auto` and false ask for nothing; anything else for a copy of the workspace."""


class Labels(RootModel[dict[str, tuple[Text, ...]]]):
    """a list of labels, or label → allowed values (none for any)."""

    @model_validator(mode="before")
    @classmethod
    def _from_list(cls, value: Any) -> Any:
        if isinstance(value, list | tuple) and all(isinstance(label, str) for label in value):
            return dict.fromkeys(value, ())
        if isinstance(value, dict):
            return {k: v or () if not isinstance(v, str) else (v,) for k, v in value.items()}
        return value


class Bound(Options):
    """What one parameter may be."""

    min: float | None = None
    max: float | None = None
    pattern: Annotated[str, AfterValidator(_pattern)] | None = None
    enum: tuple[Any, ...] | None = None


class Bounds(RootModel[dict[str, Bound]]):
    """parameter → `min`, `max`, `pattern`, `enum`."""


Pinned = Literal["images", "actions", "tools"]


class Pins(RootModel[tuple[Pinned, ...]]):
    """true for all three, or a list of images, actions, tools."""

    @model_validator(mode="before")
    @classmethod
    def _from_flag(cls, value: Any) -> Any:
        value = _words(value)
        if isinstance(value, bool):
            return ("images", "actions", "tools") if value else ()
        return value


class Approval(Options):
    """true or false, or a list of those who may approve."""

    required: bool = True
    approvers: tuple[Text, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _from_flag(cls, value: Any) -> Any:
        value = _words(value)
        if isinstance(value, list | tuple):
            return {"approvers": value}
        return value if isinstance(value, dict) else {"required": bool(value)}
