"""`orun export`: a plan in a form of another system; every exporter that a plugin offers is a command below it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final

import click

from orun_core.cli.model_options import ModelOption, flag_of, given, typed, validated
from orun_core.cli.options import everywhere
from orun_core.plugins.invoke import blame, broken
from orun_core.spec.errors import Diagnostic, UsageError

if TYPE_CHECKING:
    from pydantic import BaseModel

    from orun_core.host import Host
    from orun_core.plugins.discover import Installed
    from orun_core.plugins.registry import Registry
    from orun_core.spec.entries import ExporterEntry

EXPORTERS: Final = "orun_exporters"
PLAN: Final = "PLAN is a file, a name or a checksum; the latest by default."
FORM: Final = click.Choice(["text", "json"])


class Exporters(click.Group):
    """A group whose commands are exporters by name; one is imported when it is called, or when help is asked about it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of all exporters, sorted."""
        return [offer.name for offer in _registry(ctx).offers(EXPORTERS)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command for an exporter; raises `PluginError` with the nearest name, outside of completion."""
        if cmd_name.startswith("-") or (ctx.resilient_parsing and cmd_name not in self.list_commands(ctx)):
            return None
        return everywhere(_command(*_registry(ctx).find(EXPORTERS, cmd_name)))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of exporters, from the index alone."""
        if rows := [(offer.name, offer.summary) for offer in _registry(ctx).offers(EXPORTERS)]:
            with formatter.section("Exporters"):
                formatter.write_dl(rows)


@click.group("export", cls=Exporters, invoke_without_command=True, subcommand_metavar="[EXPORTER] [ARGS]...")
@click.option("-f", "--format", "form", type=FORM, default="text", help="Form of the list of exporters.")
@click.pass_context
def command(ctx: click.Context, form: str) -> None:
    """Write a plan in a form of another system; without EXPORTER, list what there is."""
    if ctx.invoked_subcommand is not None:
        return
    offers = _registry(ctx).offers(EXPORTERS)
    if form == "json":
        rows = [{"name": offer.name, "summary": offer.summary, "plugin": offer.plugin} for offer in offers]
        click.echo(json.dumps({"exporters": rows}, indent=2, ensure_ascii=False))
        return
    wide = max((len(offer.name) for offer in offers), default=0)
    for offer in offers:
        click.echo(f"{offer.name:<{wide}}  {offer.summary}  ({offer.plugin})")


def _command(plugin: Installed, entry: ExporterEntry) -> click.Command:
    output = "The file, or the folder of several; - prints a file. The workspace without it."
    params: list[click.Parameter] = [
        click.Argument(["plan"], default="latest", metavar="[PLAN]"),
        click.Option(["-o", "--output"], default="", metavar="PATH", help=output),
        click.Option(["-f", "--format", "form"], type=FORM, default="text", help="How to say what was written."),
    ]
    doing = f"options of exporter '{entry.name}'"
    with blame(plugin, doing):
        model = entry.options() if entry.options else None
    own = {"--help", "--intent", "--config-dir", "--debug", *(flag for param in params for flag in param.opts)}
    for name, field in (model.model_fields if model else {}).items():
        if flag_of(name) in own:
            raise broken(plugin, doing, f"{flag_of(name)} is an option of orun's own", "plugin/wrong-result")
        params.append(ModelOption(name, field))
    way = f"Written by `{entry.command}`." if entry.command else PLAN
    export = partial(_export, plugin, entry, model)
    return click.Command(entry.name, params=params, callback=export, help=f"{entry.summary}.\n\n{way}")


@click.pass_context
def _export(
    ctx: click.Context,
    plugin: Installed,
    entry: ExporterEntry,
    model: type[BaseModel] | None,
    /,
    plan: str,
    output: str,
    form: str,
) -> None:
    host: Host = ctx.obj
    if entry.command:
        message = f"{entry.name} is written by a command of its own"
        raise UsageError(Diagnostic("export/own-command", message, hint=f"`{entry.command}`"))
    options = _options(model, given(ctx)) if model else {}
    chosen = host.plan(plan)
    with blame(plugin, f"exporter '{entry.name}'"):
        files = host.exporter(entry.name)(chosen, options)
    if wrong := _wrong(files):
        raise broken(plugin, f"exporter '{entry.name}'", wrong, "plugin/wrong-result")
    if output == "-":
        _print(files, entry.name)
        return
    written = {str(path): content for path, content in _places(files, output, host.root).items()}
    _write(written)
    if form == "json":
        rows = [{"path": path, "bytes": len(content)} for path, content in written.items()]
        tree = {"exporter": entry.name, "plan": chosen.metadata.checksum, "files": rows}
        click.echo(json.dumps(tree, indent=2, ensure_ascii=False))
    else:
        click.echo("\n".join(written))


def _options(model: type[BaseModel], values: Mapping[str, object]) -> Mapping[str, Any]:
    words = {name: typed(model.model_fields[name], value) for name, value in values.items()}
    return dict(validated(model, words, "export/bad-option"))


def _wrong(files: object) -> str:
    """What is wrong with what an exporter returned, or empty."""
    if not isinstance(files, Mapping):
        return f"expected a mapping of paths, got {type(files).__name__}"
    for name, content in files.items():
        if not isinstance(name, str) or not isinstance(content, bytes):
            return f"expected paths with bytes, got {name!r} with {type(content).__name__}"
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or not path.name:
            return f"{name!r} is no path inside of the workspace"
    return ""


def _print(files: Mapping[str, bytes], exporter: str) -> None:
    if len(files) != 1:
        message = f"{exporter} writes {len(files)} files, and - is one"
        raise UsageError(Diagnostic("usage/command-line", message, hint="name a folder: --output FOLDER"))
    for content in files.values():
        click.echo(content, nl=False)


def _places(files: Mapping[str, bytes], output: str, root: Path) -> dict[Path, bytes]:
    """Where each file goes: below `output`, or to it, when it is no folder and there is one file."""
    if output and len(files) == 1 and not output.endswith("/") and not Path(output).is_dir():
        return {Path(output): content for content in files.values()}
    folder = Path(output) if output else Path(os.path.relpath(root))
    return {folder / name: content for name, content in files.items()}


def _write(files: Mapping[str, bytes]) -> None:
    from orun_core.state.durable import make_folder, write_whole

    for name, content in files.items():
        make_folder(Path(name).absolute().parent)
        write_whole(Path(name), content)


def _registry(ctx: click.Context) -> Registry:
    from orun_core.cli.main import registry

    return registry(ctx)
