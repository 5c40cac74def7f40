"""The `orun` command: global options, commands by name from the plugins' index, and the way out."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from orun_core.cli.report import Reporter
from orun_core.spec.errors import Diagnostic, ExitCode, OrunError, PluginError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from orun_core.plugins.registry import Registry

COMMANDS: Final = "orun_surfaces"
RESCUE: Final = frozenset({"completion", "explain-error", "plugins", "version"})
"""Commands that work while plugins clash."""


class Orun(click.Group):
    """A group whose commands are the names in the index; a command's code is imported when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of all commands, sorted."""
        return [offer.name for offer in registry(ctx).offers(COMMANDS) if offer.command]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A command by name, or None."""
        if cmd_name not in self.list_commands(ctx):
            return None
        if cmd_name not in RESCUE and (clashes := registry(ctx).clashes()):
            raise PluginError(clashes)
        command: click.Command = registry(ctx).find(COMMANDS, cmd_name)[1].load()
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click's, with the nearest name for a misspelt command."""
        if not ctx.resilient_parsing and args[0] not in (known := self.list_commands(ctx)) and args[0][:1] != "-":
            raise UsageError(unknown("command", args[0], known, self._unusable(ctx)))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, from the index alone."""
        rows = [(offer.name, offer.summary) for offer in registry(ctx).offers(COMMANDS) if offer.command]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def _unusable(self, ctx: click.Context) -> str:
        plugins = registry(ctx)
        return "\n".join(f"{plugin}: {why}" for plugin in plugins.plugins if (why := plugins.error(plugin)))


def registry(ctx: click.Context) -> Registry:
    """The plugins of this invocation, discovered once."""
    meta = ctx.find_root().meta
    if "orun.registry" not in meta:
        meta["orun.registry"] = discover(os.environ, ctx.find_root().params.get("no_plugin") or ())
    found: Registry = meta["orun.registry"]
    return found


def discover(environ: Mapping[str, str], without: Sequence[str] = ()) -> Registry:
    """The installed plugins but those left out by plugin or distribution name; core alone with `ORUN_DISABLE_PLUGIN_AUTOLOAD=1`."""
    from orun_core.host import cache_folder
    from orun_core.plugins.discover import CORE, installed
    from orun_core.plugins.registry import Registry

    alone = environ.get("ORUN_DISABLE_PLUGIN_AUTOLOAD", "") not in ("", "0")
    plugins = installed(sys.path)
    names = sorted({name for plugin in plugins for name in (plugin.name, plugin.distribution)})
    if strangers := [name for name in without if name not in names]:
        raise UsageError(unknown("plugin", name, names) for name in strangers)
    kept = [
        plugin
        for plugin in plugins
        if plugin.distribution == CORE or not (alone or plugin.name in without or plugin.distribution in without)
    ]
    return Registry(kept, cache_folder(environ) / "plugins.json")


def unknown(kind: str, name: str, known: Sequence[str], also: str = "") -> Diagnostic:
    """The diagnostic of a name on the command line that matches nothing."""
    from difflib import get_close_matches

    near = get_close_matches(name, known, 1)
    hint = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(known)}"
    return Diagnostic("usage/unknown-name", f"no {kind} named '{name}'" + (f"\n{also}" if also else ""), hint=hint)


def _version(ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from orun_core.plugins.discover import CORE, installed

        click.echo(
            next((f"orun {plugin.version}" for plugin in installed(sys.path) if plugin.distribution == CORE), "orun")
        )
        ctx.exit()


@click.group(cls=Orun, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("-i", "--intent", metavar="FILE", help="Intent file; found upward from here by default.")
@click.option("-c", "--config-dir", metavar="DIR", envvar="ORUN_CONFIG_DIR", help="Folder of a legacy job registry.")
@click.option("--no-plugin", metavar="NAME", multiple=True, is_eager=True, help="Go on without a plugin (repeatable).")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Print the version."
)
@click.pass_context
def orun(
    ctx: click.Context, intent: str | None, config_dir: str | None, no_plugin: tuple[str, ...], debug: bool
) -> None:  # noqa: ARG001 - registry() reads it
    """Plan once. Run anywhere. Operate from one cockpit."""
    from orun_core.host import Host

    reporter: Reporter = ctx.obj
    ctx.obj = Host(
        registry(ctx),
        dict(os.environ),
        reporter,
        given_intent=Path(intent) if intent else None,
        config_dir=Path.cwd() / config_dir if config_dir else None,
        debug=debug,
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit."""
    reporter = Reporter(color=sys.stderr.isatty() and not os.environ.get("NO_COLOR"))
    sys.exit(run(list(sys.argv[1:] if arguments is None else arguments), reporter))


def run(arguments: list[str], reporter: Reporter) -> int:
    """Run the command line; every way out is an `ExitCode` and, when it is not a good one, a diagnostic."""
    try:
        status: Any = orun.main(arguments, prog_name="orun", standalone_mode=False, obj=reporter)
    except OrunError as error:
        if "--debug" in arguments:
            import traceback

            traceback.print_exception(error)
        reporter(error.diagnostics)
        status = error.exit_code
    except click.ClickException as error:
        reporter([_usage(error)])
        status = ExitCode.USAGE
    except (KeyboardInterrupt, click.Abort):
        reporter.say("interrupted")
        status = ExitCode.INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = ExitCode.OK
    reporter.finish()
    return int(status or 0)


def _usage(error: click.ClickException) -> Diagnostic:
    hint = ""
    if isinstance(error, click.NoSuchOption) and error.possibilities:
        hint = f"did you mean {' or '.join(sorted(error.possibilities))}?"
    elif isinstance(error, click.UsageError) and error.ctx:
        hint = f"see {error.ctx.command_path} --help"
    return Diagnostic("usage/command-line", error.message.rstrip("."), hint=hint)


if __name__ == "__main__":
    main()
