"""`orun completion`: shell completion from the index of names, so that a keypress imports no plugin."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the completion script of SHELL: put `eval "$(orun completion bash)"` in ~/.bashrc."""
    complete = get_completion_class(shell)
    if complete is not None:
        click.echo(complete(ctx.find_root().command, {}, "orun", "_ORUN_COMPLETE").source())
