"""`orun compositions`: the composition types, what they accept and what they run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from orun_core.cli.compositions_lock import COMMANDS
from orun_core.spec.amount import amount
from orun_core.spec.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orun_core.host import Host
    from orun_core.spec.stages import LoadedComposition, NormalizedProject, Package


class TypeOrCommand(click.Group):
    """A group whose subcommand `list` may be left out: `orun compositions --long`, `orun compositions terraform`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click's, with `list` put before an option of `list`."""
        if args and args[0] in {name for parameter in list_types.params for name in parameter.opts}:
            args = ["list", *args]
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click's, with `list` put before a type."""
        if args and args[0] not in self.commands:
            args = ["list", *args]
        return super().resolve_command(ctx, args)


@click.group("compositions", cls=TypeOrCommand, invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """List composition types; lock, pull and update their packages."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_types)


@command.command("list")
@click.argument("type_", metavar="[TYPE]", required=False)
@click.option("-l", "--long", is_flag=True, help="Show everything about each type.")
@click.option("-e", "--expand-jobs", is_flag=True, help="Show the default job's inputs and steps.")
@click.pass_obj
def list_types(host: Host, type_: str | None = None, long: bool = False, expand_jobs: bool = False) -> None:
    """List the composition types, or show one."""
    from orun_core.spec.stages import Request

    project = host.compile(Request()).resolution.project
    found = project.compositions
    packages = {package.request.name: package for package in project.loaded.packages}
    if type_ is not None and type_ not in found:
        from orun_core.cli.names import unknown

        raise UsageError(unknown("composition", type_, list(found)))
    if type_ is None and not long:
        click.echo("\n".join(_list(project, packages)))
        return
    shown = [found[type_]] if type_ is not None else list(found.values())
    click.echo("\n\n".join("\n".join(_details(c, packages[c.source], expand=expand_jobs)) for c in shown))


def _list(project: NormalizedProject, packages: dict[str, Package]) -> Iterator[str]:
    for name, package in packages.items():
        where = package.request.ref or package.request.path
        yield f"{name} ({package.request.kind})  {where}"
        yield f"  {package.stack}  {package.digest}"
        types = [type_ for type_, composition in project.compositions.items() if composition.source == name]
        for index, type_ in enumerate(types):
            jobs = ", ".join(project.compositions[type_].jobs)
            yield f"  {'└─' if index == len(types) - 1 else '├─'} {type_}  ({jobs})"
    yield "\nSee `orun compositions TYPE` for one of them."


def _details(composition: LoadedComposition, package: Package, *, expand: bool) -> Iterator[str]:
    yield composition.type
    if composition.description:
        yield f"  {composition.description}"
    yield f"  source: {package.request.name} ({package.request.kind}) {package.request.ref or package.request.path}"
    yield f"  registry: {composition.registry}"
    yield f"  file: {composition.origin.file}"
    yield f"  digest: {package.digest}"
    if composition.profiles:
        names = (f"{name} (default)" if name == composition.default_profile else name for name in composition.profiles)
        yield f"  profiles: {', '.join(names)}"
    for name, job in composition.jobs.items():
        mark = "★" if name == composition.default_job else "·"
        facts = [
            amount(len(job.value.steps), "step"),
            job.value.timeout,
            job.value.runs_on,
            job.value.labels.get("scope", ""),
        ]
        yield f"  {mark} {name}  {' · '.join(filter(None, facts))}"
        if job.value.description:
            yield f"      {job.value.description}"
    if expand:
        yield from _expanded(composition)


def _expanded(composition: LoadedComposition) -> Iterator[str]:
    properties = composition.schema.get("properties") or {}
    section = properties.get("parameters") or properties.get("inputs") or {}
    required = section.get("required") or ()
    yield "  inputs:"
    for name, field in sorted((section.get("properties") or {}).items()):
        description = field.get("description", "") if isinstance(field, dict) else ""
        yield f"    {name}{' (required)' if name in required else ''}{' — ' + description if description else ''}"
    yield f"  steps of {composition.default_job}:"
    for index, step in enumerate(composition.jobs[composition.default_job].value.steps, 1):
        yield f"    {index}. {step.name or step.id}"
        yield from (f"       {line}" for line in (step.run or f"uses {step.use}").rstrip("\n").split("\n"))


for sub in COMMANDS:
    command.add_command(sub)
