"""The `orun` command: global options, commands by name from the plugins' index, and the way out."""

from __future__ import annotations

import copy
import io
import os
import sys
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from orun_core.cli.names import unknown
from orun_core.cli.options import everywhere, options
from orun_core.cli.original import ALIASES, INSTEAD, WITHOUT
from orun_core.cli.report import Reporter, text
from orun_core.cli.stdout import settle
from orun_core.plugins.invoke import blame, broken, system_problem
from orun_core.plugins.shipped import where_to_get
from orun_core.spec.errors import Diagnostic, ExitCode, OrunError, PluginError, UsageError
from orun_core.spec.nearest import nearest
from orun_core.spec.workflow_text import in_actions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from orun_core.plugins.discover import Installed
    from orun_core.plugins.registry import Registry

COMMANDS: Final = "orun_surfaces"
RESCUE: Final = frozenset({"completion", "explain-error", "plugins", "version"})
"""Commands that work while plugins clash."""
LOOKING: Final = frozenset({"describe", "fsck", "get", "logs", "report", "status", "stop", "trace", "tui"})
"""Commands that look at runs or stop one: a clash that is not about them is a warning to them."""
WAYS_OUT: Final = (OrunError, click.ClickException, click.exceptions.Exit, click.Abort, OSError, SystemExit)
"""What a command raises on purpose."""


class Orun(click.Group):
    """A group whose commands are the names in the index; a command's code is imported when it is called."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click's; without arguments a terminal gets the cockpit where it is installed, a pipe the help."""
        if not args and not ctx.resilient_parsing:
            args = ["tui"] if _interactive() and "tui" in self.list_commands(ctx) else ["--help"]
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of all commands, sorted."""
        return [offer.name for offer in registry(ctx).offers(COMMANDS) if offer.command]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A command by name, or None."""
        if cmd_name not in self.list_commands(ctx):
            return None
        if cmd_name not in RESCUE and not ctx.resilient_parsing and (clashes := registry(ctx).clashes()):
            if cmd_name not in LOOKING:
                raise PluginError(clashes)
            _reporter(ctx)(clash.warning() for clash in clashes)
        plugin, entry = registry(ctx).find(COMMANDS, cmd_name)
        doing = f"command '{cmd_name}'"
        with blame(plugin, doing):
            command = entry.load()
        if not isinstance(command, click.Command):
            wrong = f"expected a click command, got {type(command).__name__}"
            raise broken(plugin, doing, wrong, "plugin/wrong-result")
        return everywhere(guarded(command, plugin, doing))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click's, with the nearest name for a misspelt command."""
        args = [ALIASES.get(args[0], args[0]), *args[1:]]
        if not ctx.resilient_parsing and args[0] not in (known := self.list_commands(ctx)) and args[0][:1] != "-":
            if clashes := registry(ctx).clashes():
                raise PluginError(clashes)
            if remedy := where_to_get(COMMANDS, args[0]):
                text = f"'{args[0]}' is a command of a distribution that is not installed"
                raise UsageError(Diagnostic("usage/not-installed", text, hint=remedy))
            if instead := INSTEAD.get(args[0]):
                raise UsageError(Diagnostic("usage/unknown-name", f"no command named '{args[0]}'", hint=instead))
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


def _reporter(ctx: click.Context) -> Reporter:
    """Who reports problems, before and after the host is there."""
    known = ctx.find_root().obj
    reporter: Reporter = getattr(known, "reporter", known)
    return reporter


def registry(ctx: click.Context) -> Registry:
    """The plugins of this invocation, discovered once."""
    meta = ctx.find_root().meta
    if "orun.registry" not in meta:
        meta["orun.registry"] = discover(os.environ, ctx.find_root().params.get("no_plugin") or ())
    found: Registry = meta["orun.registry"]
    return found


def discover(environ: Mapping[str, str], without: Sequence[str] = ()) -> Registry:
    """The installed plugins but those left out by plugin or distribution name.

    `ORUN_DISABLE_PLUGIN_AUTOLOAD=1` leaves core alone. The index is cached only when nothing is left out.
    """
    from zlib import crc32

    from orun_core.host import cache_folder
    from orun_core.plugins.discover import CORE, installed
    from orun_core.plugins.registry import Registry

    alone = environ.get("ORUN_DISABLE_PLUGIN_AUTOLOAD", "") not in ("", "0")
    plugins = installed(sys.path)
    others = [plugin for plugin in plugins if plugin.distribution != CORE]
    names = sorted({name for plugin in others for name in (plugin.name, plugin.distribution)})
    if strangers := [name for name in without if name not in names]:
        raise UsageError(unknown("plugin", name, names) for name in strangers)
    if not (alone or without):
        return Registry(plugins, cache_folder(environ) / f"plugins-{crc32(sys.prefix.encode()):08x}.json")
    return Registry(
        plugin
        for plugin in plugins
        if plugin.distribution == CORE or not (alone or {plugin.name, plugin.distribution} & set(without))
    )


def _interactive() -> bool:
    refused = os.environ.get("ORUN_NO_TUI") or os.environ.get("TERM") == "dumb"
    return sys.stdin.isatty() and sys.stdout.isatty() and not refused


def _version(ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from orun_core.plugins.discover import CORE, installed

        versions = {plugin.distribution: plugin.version for plugin in installed(sys.path)}
        click.echo(f"orun {versions.get(CORE, '')}".rstrip())
        ctx.exit()


@click.group(cls=Orun, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--no-plugin", metavar="NAME", multiple=True, is_eager=True, help="Go on without a plugin (repeatable).")
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Print the version."
)
@click.pass_context
def orun(ctx: click.Context, /, intent: str | None, config_dir: str | None, debug: bool, **_: object) -> None:
    """Plan once. Run anywhere. Operate from one cockpit."""
    from orun_core.host import Host

    reporter: Reporter = ctx.obj
    reporter.debug = debug
    here = _working_folder(rescue=ctx.invoked_subcommand in RESCUE)
    config_dir = config_dir or os.environ.get("ORUN_CONFIG_DIR")
    ctx.obj = Host(
        registry(ctx),
        dict(os.environ),
        reporter,
        given_intent=here / intent if intent else None,
        config_dir=here / config_dir if config_dir else None,
    )
    reporter.named = lambda file: _from_here(file, ctx.obj.root, here)
    if in_actions(os.environ):
        from orun_core.cli.workflow_command import annotation

        checkout = os.environ.get("GITHUB_WORKSPACE", "")
        reporter.beside = lambda problem: annotation(problem, ctx.obj.root, checkout)


def _from_here(file: str, root: Path, here: Path) -> str:
    """A file that is named from the intent's folder, as it opens from the working folder; any other as it is."""
    return os.path.relpath(root / file, here) if file and root != here and (root / file).exists() else file


def _working_folder(*, rescue: bool) -> Path:
    """The working folder; raises `UsageError` (`usage/no-folder`) when somebody removed it, unless a rescuing command is called."""
    try:
        return Path.cwd()
    except FileNotFoundError as error:
        if rescue:
            return Path("/")
        text, hint = "the working folder was removed", "change to a folder that exists"
        raise UsageError(Diagnostic("usage/no-folder", text, hint=hint)) from error


orun.params[:0] = options(exposed=True)


def guarded(command: click.Command, plugin: Installed, doing: str) -> click.Command:
    """A copy of a command, and of those below it, in which a crash carries the name of the plugin."""
    safe = copy.copy(command)
    if callback := command.callback:

        @wraps(callback)
        def call(*arguments: Any, **named: Any) -> Any:
            with blame(plugin, doing, through=WAYS_OUT):
                return callback(*arguments, **named)

        safe.callback = call
    if isinstance(safe, click.Group):
        safe.commands = {name: guarded(below, plugin, doing) for name, below in safe.commands.items()}
    return safe


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit."""
    _prepare_streams()
    reporter = Reporter(color=sys.stderr.isatty() and not os.environ.get("NO_COLOR"))
    sys.exit(run(list(sys.argv[1:] if arguments is None else arguments), reporter))


def _prepare_streams() -> None:
    """Put /dev/null where the caller closed a standard stream, so that no other file gets its number.

    Characters that the encoding of stdout lacks are escaped, as on stderr.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            descriptor = os.open(os.devnull, os.O_RDWR)
            os.set_inheritable(descriptor, True)
            setattr(sys, name, os.fdopen(descriptor, mode, encoding="utf-8"))
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def run(arguments: list[str], reporter: Reporter) -> int:
    """Run the command line; every way out is an `ExitCode` and, when it is not a good one, a diagnostic."""
    try:
        status: Any = orun.main(arguments, prog_name="orun", standalone_mode=False, obj=reporter)
    except OrunError as error:
        _trace(error, reporter)
        reporter(error.diagnostics)
        status = error.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        reporter.say(error.format_message())
        status = ExitCode.USAGE
    except click.ClickException as error:
        reporter([_usage(error)])
        status = ExitCode.USAGE
    except (KeyboardInterrupt, click.Abort):
        reporter.say("interrupted")
        status = ExitCode.INTERRUPTED
    except OSError as error:
        _trace(error, reporter)
        reporter([system_problem(settle() or error)])
        status = ExitCode.FAILED
    if unwritten := _finish(reporter):
        reporter.say(text(system_problem(unwritten), color=reporter.color))
        return ExitCode.FAILED
    return status if isinstance(status, int) else ExitCode.OK


def _finish(reporter: Reporter) -> OSError | None:
    """Write the document of a machine format and what stdout holds back; what is wrong with stdout, as `settle` tells it."""
    try:
        reporter.finish()
    except BrokenPipeError:
        return settle()
    except OSError as error:
        return settle() or error
    return settle()


def _trace(error: Exception, reporter: Reporter) -> None:
    if reporter.debug:
        import traceback

        reporter.say("".join(traceback.format_exception(error)))


def _usage(error: click.ClickException) -> Diagnostic:
    if isinstance(error, click.NoSuchOption):
        hint = WITHOUT.get(error.option_name) or _near_option(error)
        return Diagnostic("usage/command-line", error.message.rstrip("."), hint=hint or _help(error))
    hint = _help(error) if isinstance(error, click.UsageError) else ""
    return Diagnostic("usage/command-line", error.format_message().rstrip("."), hint=hint)


def _near_option(error: click.NoSuchOption) -> str:
    params = error.ctx.command.get_params(error.ctx) if error.ctx else []
    names = [flag[2:] for param in params for flag in (*param.opts, *param.secondary_opts) if flag.startswith("--")]
    near = nearest(error.option_name.lstrip("-"), names)
    return f"did you mean --{near}?" if near else ""


def _help(error: click.UsageError) -> str:
    return f"see {error.ctx.command_path} --help" if error.ctx else ""


if __name__ == "__main__":
    main()
