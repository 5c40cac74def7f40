"""`orun debug`: what each stage produced, as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

import click

from orun_core.cli.request import compile_options, request_from
from orun_core.spec.amount import amount

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orun_core.host import Host
    from orun_core.spec.stages import Compiled

STAGES = ("load", "normalize", "expand", "bind", "resolve", "materialize")


@click.command("debug")
@click.option("--stage", type=click.Choice(STAGES), default=None, help="Show the whole value of one stage.")
@compile_options
@click.pass_obj
def command(host: Host, /, stage: str | None, **options: Any) -> None:
    """Show what each compiler stage produced."""
    compiled = host.compile(request_from(host, options))
    host.report(compiled.warnings)
    binding = compiled.resolution.binding
    project = binding.expansion.project
    values: Mapping[str, Any] = {
        "load": project.loaded,
        "normalize": project,
        "expand": binding.expansion,
        "bind": binding,
        "resolve": compiled.resolution,
        "materialize": compiled.plan,
    }
    if stage:
        click.echo(json.dumps(_tree(values[stage], top=True), indent=2, ensure_ascii=False, default=str))
        return
    for name, facts in _counts(compiled).items():
        click.echo(f"{name:<12} {', '.join(facts)}")


def _counts(compiled: Compiled) -> dict[str, tuple[str, ...]]:
    """What each stage gave, in numbers."""
    resolution = compiled.resolution
    binding, project = resolution.binding, resolution.project
    loaded, expansion = project.loaded, binding.expansion
    return {
        "load": (
            amount(len(loaded.inputs), "file"),
            amount(len(loaded.components), "component"),
            amount(len(loaded.packages), "package"),
            amount(len(loaded.presets), "preset"),
        ),
        "normalize": (
            amount(len(project.components), "component"),
            amount(len(project.compositions), "type"),
            f"trigger {project.trigger.name}",
        ),
        "expand": (
            f"{amount(len(expansion.instances), 'instance')} in {', '.join(expansion.environments) or 'no environment'}",
        ),
        "bind": (amount(len(binding.jobs), "job"), amount(sum(len(job.steps) for job in binding.jobs), "step")),
        "resolve": (
            amount(sum(len(job.dependencies) for job in resolution.jobs), "edge"),
            f"{len(resolution.pruned)} pruned",
        ),
        "materialize": (amount(len(compiled.plan.jobs), "job"), compiled.plan.metadata.checksum),
    }


def _tree(value: Any, *, top: bool = False) -> Any:
    """A stage's value as JSON; what an earlier stage decided is named, not repeated."""
    if hasattr(value, "model_dump"):
        return value.model_dump(by_alias=True, exclude_defaults=True)
    if is_dataclass(value) and not isinstance(value, type):
        if not top and type(value).__name__ in (
            "LoadedProject",
            "NormalizedProject",
            "Expansion",
            "Binding",
            "LoadedComposition",
        ):
            return f"<{type(value).__name__}>"
        return {field.name: _tree(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict):
        return {str(key): _tree(item) for key, item in value.items()}
    if isinstance(value, set | frozenset):
        return [_tree(item) for item in sorted(value)]
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_tree(item) for item in value]
    return value
