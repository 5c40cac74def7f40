"""The global options, which every command takes too: `orun -i FILE plan` and `orun plan -i FILE` are the same."""

from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import click


def options(*, exposed: bool) -> list[click.Option]:
    """`--intent`, `--config-dir` and `--debug`; not exposed, they change the `Host` that the command already has."""
    callback = None if exposed else _apply
    return [
        click.Option(
            ["-i", "--intent"],
            metavar="FILE",
            help="Intent file; found upward from here by default.",
            expose_value=exposed,
            callback=callback,
        ),
        click.Option(
            ["-c", "--config-dir"],
            metavar="DIR",
            help="Folder of a legacy job registry; also ORUN_CONFIG_DIR.",
            expose_value=exposed,
            callback=callback,
        ),
        click.Option(
            ["--debug"], is_flag=True, help="Show the traceback of an error.", expose_value=exposed, callback=callback
        ),
    ]


def everywhere(command: click.Command) -> click.Command:
    """A copy of a command, and of those below it, that takes the global options which it does not define itself."""
    wide = copy.copy(command)
    taken = {flag for param in command.params for flag in param.opts}
    wide.params = [*command.params, *(option for option in options(exposed=False) if taken.isdisjoint(option.opts))]
    if isinstance(wide, click.Group):
        wide.commands = {name: everywhere(below) for name, below in wide.commands.items()}
    return wide


def _apply(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    if not value or ctx.resilient_parsing:
        return
    if param.name == "debug":
        ctx.obj.reporter.debug = True
        return
    field = {"intent": "given_intent", "config_dir": "config_dir"}[str(param.name)]
    host = replace(ctx.obj, **{field: Path.cwd() / value})
    here: click.Context | None = ctx
    while here is not None:
        here.obj = host
        here = here.parent
