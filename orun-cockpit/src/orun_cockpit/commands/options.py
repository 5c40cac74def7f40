"""What several commands share: which run is meant, in which form it is printed, what is said when there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import click
from orun_core.spec.errors import Diagnostic, UsageError
from orun_core.spec.nearest import did_you_mean

from orun_cockpit.project import run_view
from orun_cockpit.stream import utc_now

if TYPE_CHECKING:
    from collections.abc import Callable

    from orun_core.spec.host import Host

    from orun_cockpit.cells import Frame
    from orun_cockpit.terminal import Terminal
    from orun_cockpit.view import RunView

Command = TypeVar("Command", bound="Callable[..., Any]")
NO_RUNS = "No runs yet.\n\n  Start one with: orun run\n"


class Kinds(click.Group):
    """A group whose commands are kinds of things. `run`, `runs` and `run/NAME` mean the same kind."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command of a kind; raises `UsageError` (`usage/unknown-name`) with the nearest one."""
        kind, slash, name = args[0].partition("/")
        known = self.list_commands(ctx)
        meant = next((each for each in known if each.rstrip("s") == kind.rstrip("s")), None)
        if meant is None and not ctx.resilient_parsing:
            raise UsageError(Diagnostic("usage/unknown-name", f"no kind '{kind}'", hint=did_you_mean(kind, known)))
        return super().resolve_command(ctx, [meant or kind, *([name] if slash else []), *args[1:]])


def exec_option(command: Command) -> Command:
    """`--exec-id RUN`."""
    return click.option("--exec-id", default="", metavar="RUN", help="Execution id, or its beginning.")(command)


def output_option(command: Command) -> Command:
    """`-o json|yaml|wide`."""
    formats = click.Choice(["json", "yaml", "wide"])
    return click.option("-o", "--output", type=formats, help="Another form; wide shows all columns.")(command)


def newest(host: Host, reference: str, terminal: Terminal, *, machine: bool = False) -> RunView | None:
    """The run that is meant; None, after a line that says so, when there are no runs at all.

    A `machine`, which asked for a document, gets the `UsageError` of the store instead of that line.
    """
    wanted = "" if reference == "latest" else reference
    try:
        state = host.store.run(wanted)
    except UsageError:
        if wanted or machine:
            raise
        terminal.write(NO_RUNS)
        return None
    return run_view(state, utc_now())


def run_of_plan(host: Host, checksum: str) -> RunView | None:
    """The newest run of a plan, or None."""
    ids = (summary.exec_id for summary in host.store.runs() if summary.plan_checksum == checksum)
    newest_id = next(ids, "")
    return run_view(host.store.run(newest_id), utc_now()) if newest_id else None


def deliver(view: object, output: str | None, terminal: Terminal, frame: Callable[[], Frame]) -> None:
    """Print a view as JSON, as YAML, or as the frame that `frame` draws."""
    from orun_cockpit.document import to_json, to_yaml

    match output:
        case "json":
            terminal.write(to_json(view))
        case "yaml":
            terminal.write(to_yaml(view))
        case _:
            terminal.show(frame())
