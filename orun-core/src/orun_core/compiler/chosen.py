"""Which plugin does which stage: the intent's `compiler:` block, read before anything else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orun_core.compiler import yaml_source
from orun_core.plugins.acting import RESULTS
from orun_core.spec.errors import CompileError

if TYPE_CHECKING:
    from pathlib import Path

    from orun_core.spec.errors import Location


def chosen_stages(intent: Path) -> dict[str, tuple[str, Location]]:
    """The plugins that the intent names, by stage, and where it does. An unreadable intent names none: `load` reports it."""
    try:
        data = intent.read_bytes()
    except OSError:
        return {}
    if b"compiler" not in data:
        return {}
    try:
        tree = yaml_source.parse(data, intent.name)
    except CompileError:
        return {}
    block = tree.get("compiler") if isinstance(tree, dict) else None
    names = block if isinstance(block, dict) else {}
    return {
        stage: (str(names[stage]), yaml_source.locate(data, intent.name, f"/compiler/{stage}"))
        for stage in RESULTS
        if names.get(stage)
    }
