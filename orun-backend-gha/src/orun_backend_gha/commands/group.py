"""`orun github`: runs, logs, export, pins and comments."""

from __future__ import annotations

import click

from orun_backend_gha.commands.comment import comment
from orun_backend_gha.commands.export import export
from orun_backend_gha.commands.pin import pin
from orun_backend_gha.commands.runs import logs, pull, runs, status


@click.group("github")
def command() -> None:
    """Work with GitHub Actions."""


for each in (comment, export, logs, pin, pull, runs, status):
    command.add_command(each)
