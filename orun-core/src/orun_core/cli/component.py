"""`orun component`: the compiled components, their environments and merged parameters."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import click

from orun_core.cli.request import change_options, changes_from, compile_options, request_from
from orun_core.spec.amount import amount
from orun_core.spec.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orun_core.host import Host
    from orun_core.spec.stages import Binding, Instance


@click.command("component")
@click.argument("name", required=False)
@click.option("-l", "--long", is_flag=True, help="Show everything about each component.")
@click.option("--format", "report", type=click.Choice(["text", "json"]), default="text", help="Form of the output.")
@compile_options
@change_options
@click.pass_obj
def command(host: Host, /, name: str | None, long: bool, report: str, **options: Any) -> None:
    """List the components, or show one."""
    host.reporter.format = report
    changes = changes_from(options)
    compiled = host.compile(request_from(host, options), changes)
    host.report(compiled.warnings)
    grouped: dict[str, list[Instance]] = defaultdict(list)
    for instance in _instances(compiled.resolution.binding):
        grouped[instance.name].append(instance)
    if name is not None:
        if name not in grouped:
            from orun_core.cli.names import unknown

            raise UsageError(unknown("component", name, sorted(grouped)))
        grouped = defaultdict(list, {name: grouped[name]})
    if report == "json":
        host.reporter.result = {"components": [_tree(component, found) for component, found in sorted(grouped.items())]}
    elif long or name is not None:
        click.echo("\n\n".join("\n".join(_details(component, found)) for component, found in sorted(grouped.items())))
    else:
        click.echo("\n".join(_list(grouped)))


def _instances(binding: Binding) -> list[Instance]:
    """Every instance; as its jobs have it, with the secrets of its profile, where it has jobs."""
    bound = {(job.instance.name, job.instance.environment): job.instance for job in binding.jobs}
    return [bound.get((found.name, found.environment), found) for found in binding.expansion.instances]


def _list(grouped: dict[str, list[Instance]]) -> Iterator[str]:
    if not grouped:
        yield "No component is in any selected environment."
        return
    names = max(map(len, grouped))
    types = max(len(found[0].component.value.type) for found in grouped.values())
    yield f"{amount(len(grouped), 'component')}\n"
    for name, found in sorted(grouped.items()):
        environments = ", ".join(instance.environment for instance in found)
        yield f"  {name:<{names}}  {found[0].component.value.type:<{types}}  {environments}"


def _tree(name: str, found: list[Instance]) -> dict[str, Any]:
    value = found[0].component.value
    return {
        "name": name,
        "type": value.type,
        "domain": value.domain,
        "source": found[0].component.origin.file,
        "labels": dict(sorted(value.labels.items())),
        "dependsOn": sorted({dependency.component for dependency in value.depends_on}),
        "instances": [
            {
                "environment": instance.environment,
                "path": instance.path,
                "profile": instance.profile,
                "parameters": dict(sorted(instance.parameters.items())),
                "env": dict(sorted(instance.env.items())),
                "secretRefs": [
                    {"asEnv": secret.as_env, "ref": secret.ref, "optional": secret.optional}
                    for secret in instance.secret_refs
                ],
            }
            for instance in found
        ],
    }


def _details(name: str, found: list[Instance]) -> Iterator[str]:
    tree = _tree(name, found)
    yield name
    for key in ("type", "domain", "source"):
        if tree[key]:
            yield f"  {key}: {tree[key]}"
    if tree["dependsOn"]:
        yield f"  depends on: {', '.join(tree['dependsOn'])}"
    for instance in tree["instances"]:
        profile = f" · {instance['profile']}" if instance["profile"] else ""
        yield f"  {instance['environment']}{profile} · {instance['path']}"
        for section in ("parameters", "env"):
            for key, value in instance[section].items():
                shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
                yield f"    {section if section == 'env' else 'parameter'} {key}: {shown}"
        for secret in instance["secretRefs"]:
            yield f"    secret {secret['asEnv']}: {secret['ref']}{' (optional)' if secret['optional'] else ''}"
