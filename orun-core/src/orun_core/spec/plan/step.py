"""The commands of a job, in the order in which they run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any, Literal

from orun_core.spec.frozen import frozen
from orun_core.spec.json_form import SCHEMA_CONFIG


@frozen
class Step:
    """One command of a job."""

    __pydantic_config__ = SCHEMA_CONFIG

    id: str
    """Name of the step, or `step-N` (N counts from 1) when it has none."""
    phase: Literal["pre", "main", "post"]
    """`pre` and `main` stop at the first failure; `post` always runs."""
    name: str = ""
    """Name as authored."""
    order: int = 0
    """Rank inside the phase; ties keep the authored order."""
    run: str = ""
    """Script for `shell`. Exactly one of `run` and `use` is set, or neither."""
    use: str = ""
    """Reference of a GitHub action."""
    with_: Mapping[str, Any] = field(default_factory=dict)
    """Inputs of the action."""
    env: Mapping[str, Any] = field(default_factory=dict)
    """Environment of this step only; wins over the job's."""
    shell: str = ""
    """Shell of `run`: `bash`, `sh`, `python`, `pwsh` or a template with `{0}` for the script's path."""
    working_directory: str = ""
    """Folder relative to the job's `path`."""
    timeout: str = ""
    """Go duration such as `90s` or `1h30m`."""
    retry: int = 0
    """Further attempts after a failure."""
    resume: bool = False
    """The step may continue where an earlier attempt stopped."""
    on_failure: str = ""
    """`continue` makes a failure of this step an allowed one; anything else stops the job."""
